"""One run of the command: from the words that were typed to an exit status."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import click

from tracer.cli.app import RunState, unet_trace
from tracer.cli.stderr import report
from tracer.errors import TraceError

CANNOT: Final = 2
"""The exit status when the request could not be carried out; 0 is fine, 1 a check that failed."""

INTERRUPTED: Final = 130
PROGRAM_NAME: Final = "unet-trace"
COMPLETION: Final = "_UNET_TRACE_COMPLETE"
"""The variable by which a shell asks how a word goes on."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these words, or those that the process was started with.

    Returns the exit status; nothing is raised, not even for a fault of this program.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # "?" where a terminal has no "×"
    if COMPLETION in os.environ:
        unet_trace.main(prog_name=PROGRAM_NAME)  # answers the shell, and ends the process
    session = RunState()
    try:
        return _status(sys.argv[1:] if arguments is None else list(arguments), session)
    except BrokenPipeError:
        return _handle_broken_pipe()
    except (click.Abort, KeyboardInterrupt):
        report("Interrupted.")
        return INTERRUPTED
    except (Exception, SystemExit) as error:
        return _report_error(error, session)


def _status(words: list[str], session: RunState) -> int:
    """Run the command, without what click's own `main` makes of an error."""
    try:
        with unet_trace.make_context(PROGRAM_NAME, words, obj=session) as context:
            status = unet_trace.invoke(context)
    except click.exceptions.Exit as done:  # after --help or --version
        status = done.exit_code
    sys.stdout.flush()
    return int(status or 0)


def _handle_broken_pipe() -> int:
    """The reader, `head` say, has had enough; Python is to write nothing more when it ends."""
    if sys.__stdout__ is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
    return 0


def _report_error(error: BaseException, session: RunState) -> int:
    """Say what is wrong on standard error, in a message; with --debug also how it came to that."""
    if session.debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        message = io.StringIO()
        error.show(message)
        report(message.getvalue())
    else:
        report(f"Error: {_message(error)}")
    return CANNOT


def _message(error: BaseException) -> str:
    if isinstance(error, TraceError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if isinstance(error, SystemExit):
        return f"The target called sys.exit({'' if error.code is None else repr(error.code)})."
    return (
        f"Internal error: {type(error).__name__}: {error}\n"
        "Please report it with the output of the same command and --debug."
    )
