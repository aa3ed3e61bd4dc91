"""Ends a model that runs for longer than `--time-limit` allows."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tracer.cli.code_place import place_in_stack
from tracer.cli.run_state import RunState
from tracer.cli.signals import TimeLimitReached, leave_process
from tracer.errors import TraceError

INTERRUPT_GRACE = 2.0
"""Seconds after which a model that does not let itself be interrupted is ended with the process."""

RING_AGAIN = 0.5
"""Seconds after which the exception is raised again, where Python or the model has lost it."""

TOO_LATE = 2
"""The exit status then: the request could not be carried out."""


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
    sentence = f"{target} did not finish within {state.time_limit:g} seconds"
    watchdog = threading.Timer(max(limit, 0) + INTERRUPT_GRACE, _end_process, (sentence,))
    watchdog.daemon = True
    watchdog.start()
    try:
        with _alarm(limit):
            yield
    except TimeLimitReached as reached:
        place = _first(reached)
        raise TraceError(f"{sentence}{place}. To allow more: --time-limit.") from None
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
        raise TimeLimitReached(_where(frame))

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6), RING_AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _first(reached: TimeLimitReached) -> TimeLimitReached:
    """The exception that the others interrupted, while what it had left was cleaned up."""
    found: BaseException | None = reached
    while found is not None:
        if isinstance(found, TimeLimitReached):
            reached = found
        found = found.__context__
    return reached


def _end_process(sentence: str) -> None:
    """End the process from another thread, since the model does not let the first one go on."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    text = f"Error: {sentence}{_where(frame)}, and could not be interrupted.\n"
    os.write(2, text.encode(errors="backslashreplace"))
    leave_process(TOO_LATE)


def _where(frame: FrameType | None) -> str:
    place = place_in_stack(frame)
    return f": it was at {place}" if place else ""
