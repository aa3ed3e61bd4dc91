"""The command `unet-trace`, with `tracer` of unet-trace whatever else has that name."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

CANNOT_START = 2

EARLY_STATUS = 128
"""A process that a signal has ended has this status plus the number of the signal."""

EARLY_SENTENCES = {
    "SIGINT": "Interrupted.",
    "SIGTERM": "Terminated.",
    "SIGHUP": "The terminal was closed.",
}
"""What is reported; the same as by the command itself, which is not imported yet."""


def main() -> int:
    """Run the command with the arguments of this process, and return its exit status."""
    _end_by_signals()
    from unet_trace.own_packages import OwnPackageError, import_own

    try:
        run = import_own("tracer.cli").main
    except OwnPackageError as error:
        sys.stderr.write(f"Error: {error}.\n")
        return CANNOT_START
    return int(run())


def _end_by_signals() -> None:
    """From here on a signal ends the process, until the command itself handles signals."""
    for name in EARLY_SENTENCES:
        number = getattr(signal, name, None)  # there is no SIGHUP on Windows
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    """Report a signal and end the process: an exception could get lost in an import."""
    os.write(2, f"{EARLY_SENTENCES[signal.Signals(number).name]}\n".encode())
    os._exit(EARLY_STATUS + number)
