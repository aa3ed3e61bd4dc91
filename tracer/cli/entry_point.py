"""One run of the command: from the words that were typed to an exit status.

What takes time to import is imported inside, where Ctrl-C is already handled.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from tracer.cli.run_state import RunState
from tracer.cli.signals import SIGNAL_STATUS, ReceivedSignals, handled_signals, sentence_of
from tracer.cli.standard_streams import (
    discard_rest,
    prepare_streams,
    results_end,
    writing_results,
)
from tracer.cli.stderr import report

CANNOT: Final = 2
"""The exit status when the request could not be carried out; 0 is fine, 1 a check that failed."""

PROGRAM_NAME: Final = "unet-trace"
COMPLETION: Final = "_UNET_TRACE_COMPLETE"
"""The variable by which a shell asks how a word goes on."""

SECONDS_FOR_THREADS: Final = 5.0
"""How long the command waits at its end for threads that a model has left running."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these words, or those that the process was started with.

    Returns the exit status; nothing is raised, not even for a fault of this program.
    """
    is_process = arguments is None
    received = ReceivedSignals()
    try:
        # at the end of a process a signal just ends it, since nothing is left to report
        with handled_signals(received, signal.SIG_DFL if is_process else None):
            prepare_streams()
            status = _outcome(sys.argv[1:] if arguments is None else list(arguments), received)
            if is_process:
                results_end()
                _end_threads(status)
            return status
    except KeyboardInterrupt:  # not while the command itself ran
        return _interrupted(received)


def _outcome(words: list[str], received: ReceivedSignals) -> int:
    """The exit status of a run, whatever it raises; a signal is not lost in what it becomes."""
    session = RunState(received=received)
    try:
        status = _status(words, session)
    except BrokenPipeError:  # the reader, `head` say, has had enough
        discard_rest(sys.stdout)
        status = 0
    except KeyboardInterrupt:
        return _interrupted(received)
    except BaseException as error:  # a model may raise anything
        status = CANNOT if received.numbers else _report_error(error, session)
    return _interrupted(received) if received.numbers else status


def _interrupted(received: ReceivedSignals) -> int:
    """The status after a signal; Ctrl-C without one is raised by a model itself."""
    received.acknowledge()
    number = received.numbers[0] if received.numbers else signal.SIGINT
    report(sentence_of(number))
    return SIGNAL_STATUS + number


def _status(words: list[str], session: RunState) -> int:
    """Run the command, without what click's own `main` makes of an error."""
    import click

    from tracer.cli.app import unet_trace

    if COMPLETION in os.environ:
        unet_trace.main(prog_name=PROGRAM_NAME)  # answers the shell, and ends the process
    try:
        with writing_results():  # of --help and --version
            context = unet_trace.make_context(PROGRAM_NAME, words, obj=session)
        with context:
            status = unet_trace.invoke(context)
    except click.exceptions.Exit as done:
        status = done.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    with writing_results():
        sys.stdout.flush()
    return int(status or 0)


def _report_error(error: BaseException, session: RunState) -> int:
    """Say what is wrong on standard error, in a message; with --debug also how it came to that."""
    import click

    if session.debug:
        import traceback

        report("".join(traceback.format_exception(error)).rstrip("\n"))
    if isinstance(error, click.ClickException):
        report(_usage_error(error))
    else:
        report(f"Error: {_message(error)}")
    return CANNOT


def _usage_error(error: object) -> str:
    """What click says about words that it does not understand."""
    import io

    import click

    assert isinstance(error, click.ClickException)
    text = io.StringIO()
    error.show(text)
    return text.getvalue().rstrip("\n")


def _message(error: BaseException) -> str:
    from tracer.cli.code_place import place_of_error
    from tracer.errors import TraceError, error_line, error_text

    if isinstance(error, TraceError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if not isinstance(error, Exception):
        place = place_of_error(error)
        where = f"\n  at {place}" if place else ""
        if isinstance(error, SystemExit):
            return f"The target called {getattr(error, 'call', _exit_call(error))}.{where}"
        return f"The target raised {error_line(error)}{where}"
    return (
        f"Internal error: {type(error).__name__}: {error_text(error)}\n"
        "Please report it with the output of the same command and --debug."
    )


def _exit_call(error: SystemExit) -> str:
    return f"sys.exit({'' if error.code is None else repr(error.code)})"


def _end_threads(status: int) -> None:
    """End the process if a model has left threads running, which Python would wait for."""
    others = [
        thread
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]
    for thread in others:
        thread.join(SECONDS_FOR_THREADS / len(others))
    if any(thread.is_alive() for thread in others):
        report("The target left threads running; they end with the command.")
        sys.stdout.flush()
        os._exit(status)
