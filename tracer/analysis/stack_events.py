"""The observed stack: what the model's own lines pushed on and popped from their local lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tracer.record import Trace, Value

Owner = tuple[str, str, str]


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

    @property
    def owner(self) -> Owner:
        """What tells one list from another: its block call, its function, its name."""
        return self.block, self.function, self.name


def stack(trace: Trace) -> tuple[StackEvent, ...]:
    """Every push and pop that was seen, in order. Empty for a trace made without lines.

    A list (or tuple) is a stack if it was seen to change: one that a single line makes whole and
    that stays as it is, such as the three parts of ``qkv.chunk(3)``, is left out.
    """
    events = sorted(_events(trace), key=lambda event: event.step)
    changing = {event.owner for event in events if event.kind == "pop"} | _growing(events)
    return tuple(event for event in events if event.owner in changing)


def _events(trace: Trace) -> Iterator[StackEvent]:
    for line in trace.lines:
        for change in line.changes:
            yield StackEvent(
                kind=change.kind,
                name=change.name,
                value=change.value,
                depth=change.depth,
                file=line.file,
                line=line.line,
                step=line.last,
                function=line.function,
                block=line.block,
            )


def _growing(events: Sequence[StackEvent]) -> set[Owner]:
    """The lists that a later line pushed more on than the line that made them."""
    first: dict[Owner, tuple[int, int]] = {}
    growing = set()
    for event in events:
        place = (event.line, event.step)
        if first.setdefault(event.owner, place) != place:
            growing.add(event.owner)
    return growing
