"""What one call of torch did, and where in the model it ran."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.from_torch.capture.user_source import SourceLine
from tracer.record import Value


@dataclass(slots=True)
class RecordedOp:
    """What a call did: the values it read and wrote, the block that ran it, where, at what cost."""

    op: str
    reads: tuple[Value, ...]
    weights: tuple[Value, ...]
    writes: list[Value]
    block: str
    place: SourceLine | None
    flops: int | None
    memory_of: str | None


@dataclass(slots=True)
class Scope:
    """Where in the model the run is: the call of the innermost block, and the one around it."""

    call: str
    path: str = ""
    kind: type | None = None
    around: Scope | None = None

    def modules(self) -> dict[str, tuple[str, type | None]]:
        """The paths and classes of the modules that run, by their calls, outermost first."""
        if self.around is None:
            return {}
        return {**self.around.modules(), self.call: (self.path, self.kind)}
