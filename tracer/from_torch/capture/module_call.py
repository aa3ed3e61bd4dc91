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

    def walk(self) -> Iterator[Call]:
        """Yield this call and every call inside it, each before those inside it."""
        waiting = [self]  # a stack, not recursion: a call may be hundreds of calls deep
        while waiting:
            call = waiting.pop()
            yield call
            waiting += reversed(call.children)
