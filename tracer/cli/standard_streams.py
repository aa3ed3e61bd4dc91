"""The standard streams of the command: UTF-8 in a file, and errors in writing with their cause."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from tracer.errors import TraceError

STANDARD_OUTPUT, STANDARD_ERROR = 1, 2


def prepare_streams() -> None:
    """Make the standard streams fit for what the command writes.

    A stream that was closed becomes one that cannot be written to: otherwise the next file that is
    opened would be standard output. What goes to a file or a pipe is UTF-8 with a newline at the
    end of each line, whatever the locale is, as in a file that `-o` names. A terminal shows "?"
    where it has no such character.
    """
    _open_closed_descriptors()
    if sys.stdout is None:
        sys.stdout = _writer(STANDARD_OUTPUT)
    if sys.stderr is None:
        sys.stderr = _writer(STANDARD_ERROR)
    if _is_unbuffered(sys.stdout):
        sys.stdout = _writer(STANDARD_OUTPUT)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _open_closed_descriptors() -> None:
    for number in (0, STANDARD_OUTPUT, STANDARD_ERROR):
        try:
            os.fstat(number)
        except OSError:
            # the lowest free number is taken; a result cannot be written to it, a message is lost
            mode = os.O_WRONLY if number == STANDARD_ERROR else os.O_RDONLY
            os.open(os.devnull, mode)


def _is_unbuffered(stream: IO[Any]) -> bool:
    """Whether a file or a pipe is written without a buffer, as `python -u` asks for.

    Python then ignores that the system has written only a part, as where the disk is full.
    """
    return isinstance(getattr(stream, "buffer", None), io.RawIOBase) and not stream.isatty()


def _writer(number: int) -> IO[Any]:
    # closefd: a stream that is closed must not close what the next one writes to
    return open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def reopen_closed_streams() -> None:
    """Open standard output and standard error again, where a model has closed them."""
    if sys.stdout is None or sys.stdout.closed:
        sys.stdout = _writer(STANDARD_OUTPUT)
    if sys.stderr is None or sys.stderr.closed:
        sys.stderr = _writer(STANDARD_ERROR)


@contextmanager
def writing_results() -> Iterator[None]:
    """Inside, results are written to standard output.

    Raises:
        TraceError: They cannot be written; the message says why. A pipe that nobody reads any more
            raises BrokenPipeError instead.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is not None:  # of another file
            raise
        discard_rest(sys.stdout)
        is_closed = error.errno == errno.EBADF
        reason = "it is closed" if is_closed else error.strerror or str(error)
        raise TraceError(
            f"Standard output cannot be written: {reason}. Use -o FILE, or redirect it elsewhere."
        ) from error


def discard_rest(stream: IO[Any]) -> None:
    """Discard what a stream still holds and gets, so that Python does not fail to write it."""
    with suppress(OSError, ValueError):  # a stream in memory has no number
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def results_end() -> None:
    """Send to standard error what is still printed, as by a function that runs at exit."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()  # nothing, or what was discarded
        os.dup2(STANDARD_ERROR, STANDARD_OUTPUT)
