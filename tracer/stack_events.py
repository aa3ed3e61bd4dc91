"""The observed stack: what the model's own lines pushed on and popped from their local lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracer.record import Trace, Value


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One push or pop of a local list of tensors, at the line of source that did it.

    `depth` is the number of tensors in the list afterwards; `step` is how many steps had run when
    the line was done. `function` and `block` say which function, in which block call, owns the
    list: two calls that both name a list ``hs`` own two lists.
    """

    kind: Literal["push", "pop"]
    name: str
    value: Value
    depth: int
    file: str
    line: int
    step: int
    function: str
    block: str


def stack(trace: Trace) -> tuple[StackEvent, ...]:
    """Every push and pop that was seen, in order. Empty for a trace made without lines."""
    return tuple(
        StackEvent(
            change.kind,
            change.name,
            change.value,
            change.depth,
            line.file,
            line.line,
            line.last,
            line.function,
            line.block,
        )
        for line in trace.lines
        for change in line.changes
    )
