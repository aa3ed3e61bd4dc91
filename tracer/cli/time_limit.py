"""Ends a model that runs for longer than `--time-limit` allows."""

from __future__ import annotations

import os
import signal
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tracer.cli.run_state import RunState
from tracer.cli.signals import leave_process
from tracer.errors import TraceError

INTERRUPT_GRACE = 2.0
"""Seconds after which a model that does not let itself be interrupted is ended with the process."""

TOO_LATE = 2
"""The exit status then: the request could not be carried out."""

FOREIGN_FOLDERS = tuple(
    f"{folder}{os.sep}"
    for folder in (
        str(Path(__file__).parents[1]),
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    )
)
"""Where no line of a model is looked for: this package, Python, and installed packages."""


class TimeLimitReached(BaseException):
    """The time is over. The text says where the model was."""


@contextmanager
def limited_time(target: str, state: RunState) -> Iterator[None]:
    """Inside, a model may run for as long as `state.seconds_left` says, which is then less.

    The model is interrupted at its next line of Python. If it catches that, or is inside a function
    that does not return, the process ends shortly afterwards.

    Args:
        target: The name of the model, for the message.
        state: The state of the run.

    Raises:
        TraceError: The time is over.
    """
    limit = state.seconds_left
    if limit is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    began = time.monotonic()
    sentence = f"{target} did not finish within the time limit"
    watchdog = threading.Timer(max(limit, 0) + INTERRUPT_GRACE, _end_process, (sentence,))
    watchdog.daemon = True
    watchdog.start()
    try:
        with _alarm(limit):
            yield
    except TimeLimitReached as reached:
        raise TraceError(f"{sentence}{reached}. Allow more with --time-limit SECONDS.") from None
    finally:
        watchdog.cancel()
        state.seconds_left = limit - (time.monotonic() - began)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Inside, `TimeLimitReached` is raised when the time is over; a system without alarms waits."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeLimitReached(_place(frame))

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _end_process(sentence: str) -> None:
    """End the process from another thread, since the model does not let the first one go on."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    text = f"Error: {sentence}{_place(frame)}, and could not be interrupted.\n"
    os.write(2, text.encode(errors="backslashreplace"))
    leave_process(TOO_LATE)


def _place(frame: FrameType | None) -> str:
    """Where a model is, as part of a sentence: its innermost line that is not in a package."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith((*FOREIGN_FOLDERS, "<")):
            return f": it was at {file}:{frame.f_lineno}, in {frame.f_code.co_name}"
        frame = frame.f_back
    return ""
