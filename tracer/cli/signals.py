"""Ctrl-C and the signals by which a system ends a process: one message, and the right status."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNAL_STATUS: Final = 128
"""A process that a signal has ended has this status plus the number of the signal."""

leave_process = os._exit
"""The function itself: while a model runs, `os._exit` is another."""

SIGNAL_SENTENCES = {
    "SIGINT": "Interrupted.",
    "SIGTERM": "Terminated.",
    "SIGHUP": "The terminal closed.",
}


class SignalReceived(KeyboardInterrupt):
    """A signal asks the command to end; an `except Exception` of a model does not catch it."""


def sentence_of(number: int) -> str:
    """Return what is reported about a signal."""
    return SIGNAL_SENTENCES[signal.Signals(number).name]


@contextmanager
def received_signals(*, at_end: signal.Handlers | None) -> Iterator[list[int]]:
    """Inside, a signal raises `SignalReceived`, and is listed in what is yielded.

    An exception can be lost in the code of a model; the list cannot. The second signal ends the
    process at once.

    Args:
        at_end: What handles the signals afterwards; None is what did before.
    """
    received: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if received:
            os.write(2, f"\n{sentence_of(number)}\n".encode())
            leave_process(SIGNAL_STATUS + number)
        received.append(number)
        raise SignalReceived

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in SIGNAL_SENTENCES:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handle)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if at_end is None else at_end)
