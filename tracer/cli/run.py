"""One run of the command: from the words that were typed to an exit status."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import click

from tracer.cli.commands import unet_trace
from tracer.cli.options import Session
from tracer.cli.telling import tell
from tracer.errors import TraceError

CANNOT: Final = 2
"""The exit status when the request could not be carried out; 0 is fine, 1 a check that failed."""

INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these words, or those that the process was started with.

    Returns the exit status; nothing is raised, not even for a fault of this program.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # "?" where a terminal has no "×"
    session = Session()
    try:
        return _status(arguments, session)
    except (BrokenPipeError, SystemExit):  # the latter is what click makes of it
        return _nobody_reads()
    except (click.Abort, KeyboardInterrupt):
        tell("Interrupted.")
        return INTERRUPTED
    except Exception as error:
        return _told(error, session)


def _status(arguments: Sequence[str] | None, session: Session) -> int:
    status = unet_trace.main(arguments, prog_name="unet-trace", standalone_mode=False, obj=session)
    sys.stdout.flush()
    return int(status or 0)


def _nobody_reads() -> int:
    """The reader, `head` say, has had enough; Python is to write nothing more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
    return 0


def _told(error: Exception, session: Session) -> int:
    """Say what is wrong on standard error, in a message; with --debug also how it came to that."""
    if session.debug:
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        error.show()
    else:
        tell(f"Error: {_message(error)}")
    return CANNOT


def _message(error: Exception) -> str:
    if isinstance(error, TraceError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return (
        f"unet-trace itself failed, which it never should: {type(error).__name__}: {error}\n"
        "Please report this, with what the same command says with --debug."
    )
