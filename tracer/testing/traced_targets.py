"""The traces of one run of pytest: each target is run once, also for its size rules."""

from __future__ import annotations

from pathlib import Path

from tracer.errors import TraceError
from tracer.record import Trace
from tracer.session import Session
from tracer.snapshot import SizeRulesSpec


class TracedTargets:
    """Traces by their targets, and the session that made each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._traces: dict[str, Trace] = {}
        self._sessions: dict[int, Session] = {}

    def trace(self, target: str) -> Trace:
        """Return the trace of a target, made at first use. Raises TraceError."""
        if target not in self._traces:
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
        return session.locked_rules(known)
