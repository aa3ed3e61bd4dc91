"""The observed stack: what the lines of the model pushed on their local lists, and popped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tracer.record import Trace, Value

Owner = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One push or pop of a local list of tensors, at the line of source that did it.

    Attributes:
        kind: Which of the two it is.
        name: The local variable that holds the list (``"hs"``).
        value: The tensor.
        depth: The number of tensors on the list afterwards.
        file: The source file.
        line: The line in it.
        step: How many steps had run when the line was done.
        function: The function that owns the list.
        block: The call of the block that runs the function: two calls own two lists.
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
        """Identifies a list: its block call, its function, its name."""
        return self.block, self.function, self.name


def stack(trace: Trace) -> tuple[StackEvent, ...]:
    """Return every observed push and pop, in order.

    A list (or tuple) is a stack if it was observed to change. One that a single line makes whole
    and that stays as it is, such as the three parts of ``qkv.chunk(3)``, is left out.

    Args:
        trace: A trace with lines; without lines no list was observed, and nothing is returned.

    >>> from tracer import Session
    >>> first, *others = stack(Session.open("tiny").trace)
    >>> first.kind, first.name, first.depth, len(others)
    ('push', 'hs', 1, 11)
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
    first_lines: dict[Owner, tuple[int, int]] = {}
    growing = set()
    for event in events:
        line = (event.line, event.step)
        if first_lines.setdefault(event.owner, line) != line:
            growing.add(event.owner)
    return growing
