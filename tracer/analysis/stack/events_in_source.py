"""When and where a tensor was put aside and taken back, as exactly as it was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tracer.analysis.stack.ledger import Moment
from tracer.analysis.stack.match_skips import Match
from tracer.analysis.stack_events import StackEvent
from tracer.record import Block, Line, Trace, Value


class ListHistory:
    """What a trace and the events of its lists tell about a moment."""

    def __init__(self, trace: Trace, events: Sequence[StackEvent]) -> None:
        self._trace = trace
        self._begun = {_ended(line, line.last): number for number, line in enumerate(trace.lines)}
        self._entered: dict[tuple[str, str], int] = {}
        for number, line in enumerate(trace.lines):
            self._entered.setdefault((line.block, line.function), number)
        self._same: dict[tuple[str, Value], list[StackEvent]] = defaultdict(list)
        for event in events:
            self._same[event.kind, event.value].append(event)
        self._makers: dict[Value, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.outputs:
                self._makers[value].append(block)

    def pushed(self, match: Match) -> Moment:
        """Where the tensor was put aside; where it was made when no push was seen."""
        if match.pushed:
            source = match.links[0].source if match.links else self._maker(match.pushed)
            return self._seen(match.pushed, source)
        return self._unseen(match.links[0].pushed, match.links[0].source)

    def popped(self, match: Match) -> Moment | None:
        """Where the tensor was taken back; where it was joined last when no pop was seen."""
        if match.popped:
            return self._seen(match.popped, match.links[-1].target if match.links else None)
        if match.links:
            return self._unseen(match.links[-1].popped, match.links[-1].target)
        return None

    def _seen(self, event: StackEvent, block: str | None) -> Moment:
        inner = self._innermost(event)
        return Moment(event.step, block, inner.file, inner.line, seen=True)

    def _innermost(self, event: StackEvent) -> StackEvent:
        """The same event as a called function did it, with the line there and not of the call."""
        found = event
        last = self._begun.get(_ended(event, event.step), len(self._begun))
        for one in self._same[event.kind, event.value]:
            entered = self._entered.get((one.block, one.function), -1)
            if entered > last and self._returned(one, event):
                found, last = one, entered
        return found

    def _returned(self, inner: StackEvent, outer: StackEvent) -> bool:
        """Whether the call that did the one was over when the line of the other was done."""
        same_block = inner.block == outer.block
        block_is_over = same_block or self._trace.blocks[inner.block].last <= outer.step
        return block_is_over and inner.step <= outer.step

    def _unseen(self, number: int, block: str) -> Moment:
        if number < 0:  # an input of the model: no step made it
            return Moment(0, block, None, None, seen=False)
        step = self._trace.steps[number]
        return Moment(number + 1, block, step.file, step.line, seen=False)

    def _maker(self, event: StackEvent) -> str | None:
        """The outermost block that had put out a pushed tensor by then; None for an input."""
        for block in self._makers[event.value]:
            if block.last <= event.step:
                return block.call
        number = self._trace.producers.get(event.value.name)
        return None if number is None else self._trace.steps[number].block


def _ended(line: Line | StackEvent, step: int) -> tuple[object, ...]:
    """What tells one execution of a line from another."""
    return line.block, line.function, line.file, line.line, step
