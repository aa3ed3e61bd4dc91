"""Runs a program on a text, within limits on its time and its output."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

CHUNK = 1 << 16
PIPE_GRACE = 1.0
"""Seconds in which the output of a program that has ended must be at its end."""


class OutputLimitError(Exception):
    """A program wrote more than it may."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: its exit status, negative for a signal, and what it wrote."""

    status: int
    output: bytes
    messages: str


class _OutputReader(Thread):
    """Reads a stream up to a limit; the process is killed at the limit."""

    def __init__(self, stream: IO[bytes], limit: int, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.data = bytearray()
        self.over_limit = False
        self._stream, self._limit, self._process = stream, limit, process
        self.start()

    def run(self) -> None:
        with self._stream:
            while chunk := os.read(self._stream.fileno(), CHUNK):
                self.data += chunk
                if len(self.data) > self._limit:
                    self.over_limit = True
                    _kill(self._process)
                    return


def run_limited(words: Sequence[str], text: str, *, timeout: float, limit: int) -> Finished:
    """Run a program with a text on its standard input.

    Args:
        words: The program and its arguments.
        text: The input.
        timeout: The limit on its run time, in seconds; then it is killed, and what it started.
        limit: The limit on what it writes, in bytes.

    Raises:
        OSError: The program cannot be run.
        subprocess.TimeoutExpired: It did not end in time.
        OutputLimitError: It wrote more than the limit.
    """
    with TemporaryFile() as given:
        given.write(text.encode())
        given.seek(0)
        pipe = subprocess.PIPE
        # a session of its own, so that what the program starts can be killed with it
        process = subprocess.Popen(
            list(words), stdin=given, stdout=pipe, stderr=pipe, start_new_session=True
        )
    assert process.stdout is not None
    assert process.stderr is not None
    readers = [_OutputReader(stream, limit, process) for stream in (process.stdout, process.stderr)]
    try:
        deadline = time.monotonic() + timeout
        status = process.wait(timeout)
        for reader in readers:  # what the program has started may still write
            reader.join(max(PIPE_GRACE, deadline - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(list(words), timeout)
    finally:
        _kill(process)
        process.wait()
    if any(reader.over_limit for reader in readers):
        raise OutputLimitError
    output, messages = (bytes(reader.data) for reader in readers)
    return Finished(status, output, messages.decode(errors="replace").strip())


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started; nothing if they have ended."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass
