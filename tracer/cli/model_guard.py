"""What a model may do to the process that runs it, and how the command stays whole.

A model is anyone's code. What it prints goes to standard error, also from a process that it starts;
it may close streams, change the working folder, fork, exit or never end.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from tracer.cli.run_state import current_state
from tracer.cli.signals import SignalReceived, leave_process
from tracer.cli.standard_streams import STANDARD_ERROR, STANDARD_OUTPUT, reopen_closed_streams
from tracer.cli.stderr import report
from tracer.cli.time_limit import limited_time

CRASHED = 2


class ModelExit(SystemExit):
    """A model called `os._exit`, which would end the command without a word."""

    def __init__(self, code: object) -> None:
        super().__init__(code)
        self.call = f"os._exit({code!r})"

    def __str__(self) -> str:
        return f"{self.call} was called"


class ModelOutput:
    """Standard output as a model gets it: its text goes to standard error, and it cannot close it.

    Everything else is that of standard error.
    """

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write to standard error, or discard what cannot be written."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded_model(target: str) -> Iterator[None]:
    """Inside, the code of a model may run; afterwards the process is as it was.

    Args:
        target: The name of the model, for messages.

    Raises:
        TraceError: The time that `--time-limit` allows is over.
    """
    process, state = os.getpid(), current_state()
    with ExitStack() as stack:
        stack.callback(_end_copy, process)
        stack.enter_context(_same_folder(target))
        stack.enter_context(_same_streams())
        stack.enter_context(_refused_exit(process))
        stack.enter_context(_reported_crashes())
        stack.enter_context(limited_time(target, state))
        yield
    if state.received.numbers:  # the exception was lost in the code of the model
        raise SignalReceived


def _end_copy(process: int) -> None:
    """End a copy of the process that a model made by forking, and that came back from its code."""
    if os.getpid() != process:
        leave_process(0)


@contextmanager
def _same_folder(target: str) -> Iterator[None]:
    folder = _working_folder()
    try:
        yield
    finally:
        if folder and _working_folder() != folder:
            with suppress(OSError):
                os.chdir(folder)
                report(f"{target} changed the working folder; it was changed back.")


def _working_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""


@contextmanager
def _same_streams() -> Iterator[None]:
    """Inside, standard output is standard error, for Python and for the processes it starts."""
    sys.stdout.flush()
    errors, saved = sys.stderr, {}
    with suppress(OSError):
        saved = {number: os.dup(number) for number in (STANDARD_OUTPUT, STANDARD_ERROR)}
        os.dup2(STANDARD_ERROR, STANDARD_OUTPUT)
    try:
        with redirect_stdout(ModelOutput(sys.stderr)):
            yield
    finally:
        for number, copy in saved.items():
            os.dup2(copy, number)
            os.close(copy)
        sys.stderr = errors
        reopen_closed_streams()


@contextmanager
def _refused_exit(process: int) -> Iterator[None]:
    """Inside, `os._exit` raises an exception, except in a copy of the process."""
    before = os._exit

    def refuse(status: int) -> NoReturn:
        if os.getpid() != process:
            leave_process(status)
        if threading.current_thread() is not threading.main_thread():
            report(f"Error: A thread of the target called os._exit({status!r}).")
            leave_process(CRASHED)
        raise ModelExit(status)

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = before


@contextmanager
def _reported_crashes() -> Iterator[None]:
    """Inside, a crash of the interpreter says at which line it was."""
    if faulthandler.is_enabled():
        yield
        return
    try:
        faulthandler.enable(STANDARD_ERROR)
    except (OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        faulthandler.disable()
