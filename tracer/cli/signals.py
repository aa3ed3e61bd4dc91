"""Ctrl-C and the signals by which a system ends a process: one message, and the right status."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SIGNAL_STATUS: Final = 128
"""A process that a signal has ended has this status plus the number of the signal."""

SECONDS_UNTIL_AGAIN: Final = 0.3

leave_process = os._exit
"""The function itself: while a model runs, `os._exit` is another."""

SIGNAL_SENTENCES = {
    "SIGINT": "Interrupted.",
    "SIGTERM": "Terminated.",
    "SIGHUP": "The terminal was closed.",
}


class SignalReceived(KeyboardInterrupt):
    """A signal asks the command to end; an `except Exception` of a model does not catch it."""


class TimeLimitReached(BaseException):
    """The time that a model may run is over. The text says where the model was."""


def sentence_of(number: int) -> str:
    """Return what is reported about a signal."""
    return SIGNAL_SENTENCES[signal.Signals(number).name]


class ReceivedSignals:
    """The signals that a run of the command has received.

    An exception can be lost: in the code of a model, or while Python or an extension imports a
    module. It is raised again until the command has got it. A second signal ends the process.

    Attributes:
        numbers: The number of the first signal, once it was received.
    """

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._queue: SimpleQueue[int] = SimpleQueue()  # safe to use where a signal is handled
        self._is_again = self._is_over = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Raise `SignalReceived`."""
        if self._is_over:
            return
        if self._is_again:
            self._is_again = False
        elif self.numbers:
            os.write(2, f"\n{sentence_of(number)}\n".encode())
            leave_process(SIGNAL_STATUS + number)
        else:
            self.numbers.append(number)
            self._queue.put(number)
        raise SignalReceived

    def acknowledge(self) -> None:
        """Note that the exception has come to where the command ends."""
        self._is_over = True

    def end_watch(self) -> None:
        """End the thread that raises a signal again."""
        self.acknowledge()
        self._queue.put(0)

    def watch(self) -> None:
        """Raise a signal again, as often as it is lost."""
        number = self._queue.get()
        while number:
            time.sleep(SECONDS_UNTIL_AGAIN)
            if self._is_over:
                return
            self._is_again = True
            os.kill(os.getpid(), number)


@contextmanager
def handled_signals(received: ReceivedSignals, at_end: signal.Handlers | None) -> Iterator[None]:
    """Inside, a signal raises `SignalReceived`.

    Args:
        received: What is to receive them.
        at_end: What handles the signals afterwards; None is what did before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook = sys.unraisablehook
    before = _install(received.handle)
    try:
        sys.unraisablehook = _without_interruptions(hook)
        threading.Thread(target=received.watch, daemon=True).start()
        yield
    finally:
        received.end_watch()
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler if at_end is None else at_end)


def _install(handle: Callable[[int, FrameType | None], None]) -> dict[int, Any]:
    """Handle the signals that are not ignored, and return what handled them before."""
    numbers = [getattr(signal, name) for name in SIGNAL_SENTENCES if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, handle) for number in heard}


def _without_interruptions(
    hook: Callable[[UnraisableHookArgs], object],
) -> Callable[[UnraisableHookArgs], object]:
    """A hook that is silent about exceptions that come again."""

    def handle(lost: UnraisableHookArgs) -> None:
        if not issubclass(lost.exc_type, (SignalReceived, TimeLimitReached)):
            hook(lost)

    return handle
