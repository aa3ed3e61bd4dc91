"""The observed stack: what the lines of the model pushed on their containers, and popped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tracer.record import Trace, Value, require_trace

Owner = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One push or pop of a list of tensors, at the line of source that did it.

    A dict, or an attribute of an object, is a list as well.

    Attributes:
        kind: Which of the two it is; or a read, which took the tensor and left it on the list.
        name: The local variable that holds the list (``"hs"``), or the attribute (``"self.hs"``).
        value: The tensor.
        depth: The number of tensors on the list afterwards.
        file: The source file.
        line: The line in it.
        step: How many steps had run when the line was done.
        function: The function that owns the list.
        block: The call of the block that runs the function: two calls own two lists.
        existed: The list was there before the line, which did not make it whole.
    """

    kind: Literal["push", "pop", "read"]
    name: str
    value: Value
    depth: int
    file: str
    line: int
    step: int
    function: str
    block: str
    existed: bool = False

    @property
    def owner(self) -> Owner:
        """Identifies a list: its block call, its function, its name."""
        return self.block, self.function, self.name


def stack(trace: Trace) -> tuple[StackEvent, ...]:
    """Return every observed push and pop, in order.

    A list is a stack if it was observed to change. One that a single line makes whole and that
    stays as it is, such as the three parts of ``qkv.chunk(3)``, is left out. So is one that was
    pushed on once and never taken from.

    Args:
        trace: A trace with lines; without lines no list was observed, and nothing is returned.

    >>> from tracer import Session
    >>> first, *others = stack(Session.open("tiny").trace)
    >>> first.kind, first.name, first.depth, len(others)
    ('push', 'hs', 1, 11)
    """
    require_trace(trace)
    events = _sorted_events(trace)
    read = {value.name for line in trace.lines for _, value in line.reads}
    changing = {event.owner for event in events if event.kind == "pop"} | _growing(events)
    changing |= {one.owner for one in events if one.existed and one.value.name in read}
    return tuple(event for event in events if event.owner in changing)


def list_reads(trace: Trace) -> tuple[StackEvent, ...]:
    """Return every tensor that a line took from a list and left there, in order.

    Args:
        trace: A trace with lines.
    """
    reads = (
        StackEvent(
            kind="read",
            name=name,
            value=value,
            depth=0,
            file=line.file,
            line=line.line,
            step=line.last,
            function=line.function,
            block=line.block,
        )
        for line in trace.lines
        for name, value in line.reads
    )
    return tuple(sorted(reads, key=lambda event: event.step))


def pushes_of_tensors(trace: Trace) -> Iterator[StackEvent]:
    """Yield the pushes of tensors that were put in one by one, in order.

    The parts that one operation cut a tensor into, such as those of ``x.chunk(2)``, are no such
    tensors where their list was made whole by one line.

    Args:
        trace: A trace with lines.
    """
    events = _sorted_events(trace)
    growing = _growing(events)
    for event in events:
        if event.kind == "push":
            number = trace.producers.get(event.value.name)
            is_part = number is not None and len(trace.steps[number].outputs) > 1
            if not is_part or event.existed or event.owner in growing:
                yield event


def _sorted_events(trace: Trace) -> list[StackEvent]:
    return sorted(_events(trace), key=lambda event: event.step)


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
                existed=change.existed,
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
