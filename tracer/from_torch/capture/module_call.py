"""One call of one module in a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from torch import nn

from tracer.record import Value


@dataclass(slots=True)
class Call:
    """One call of one module. `first` and `last` bound the operations that ran during it."""

    call: str
    path: str
    module: nn.Module
    inputs: tuple[Value, ...]
    first: int
    last: int = 0
    outputs: tuple[Value, ...] = ()
    children: list[Call] = field(default_factory=list)
    arguments: tuple[str, ...] = ()

    def walk(self) -> Iterator[tuple[Call, Call]]:
        """Yield this call and all below it, in their order, each with the call around it."""
        waiting = [(self, self)]  # a stack, not recursion: a call may be hundreds of calls deep
        while waiting:
            call, outer = waiting.pop()
            yield call, outer
            waiting += [(child, call) for child in reversed(call.children)]
