"""The traces of one run of pytest: each target is run once, also for its size rules."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import monotonic

from tracer.errors import TraceError
from tracer.record import Trace
from tracer.session import Session
from tracer.sizing.run_progress import RunListener, listening
from tracer.snapshot import SizeRulesSpec

Announce = Callable[[str], None]
"""Called with what begins, where somebody waits for it."""

SECONDS_BETWEEN = 5.0
"""How often the runs of one search are announced."""


class TracedTargets:
    """Traces by their targets, and the session that made each."""

    def __init__(self, folder: Path, announce: Announce | None = None) -> None:
        self.folder = folder
        self.announce = announce or (lambda _: None)
        self._traces: dict[str, Trace] = {}
        self._sessions: dict[int, Session] = {}

    def trace(self, target: str) -> Trace:
        """Return the trace of a target, made at first use. Raises TraceError."""
        if target not in self._traces:
            self.announce(f"tracing {target}")
            session = Session.open(target, folder=self.folder)
            trace = self._traces[target] = session.trace
            self._sessions[id(trace)] = session
        return self._traces[target]

    def find(self, target: str) -> Trace | Exception | str:
        """Return the trace of a target, what its model raised, or why there is none."""
        try:
            return self.trace(target)
        except TraceError as error:
            return str(error)
        except Exception as error:
            return error

    def size_rules(self, trace: Trace, known: SizeRulesSpec | None) -> SizeRulesSpec | None:
        """Return the size rules of a trace; None for one that was not made by running a model."""
        session = self._sessions.get(id(trace))
        if session is None or session.spec.is_saved_trace:
            return None
        doing = f"finding the size rules of {trace.target}"
        self.announce(doing)
        with listening(_now_and_then(self.announce, doing)):
            return session.locked_rules(known)


def _now_and_then(announce: Announce, doing: str) -> RunListener:
    """Announces a run if nothing was announced for some seconds."""
    numbers, last = count(1), monotonic()

    def listen(sizes: str) -> None:
        nonlocal last
        number, now = next(numbers), monotonic()
        if now - last >= SECONDS_BETWEEN:
            last = now
            announce(f"{doing}: run {number}, {sizes}")

    return listen
