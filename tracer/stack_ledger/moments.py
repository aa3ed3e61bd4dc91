"""When and where a tensor was put aside and taken back, as exactly as it was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tracer.record import Block, Trace, Value
from tracer.stack_events import StackEvent
from tracer.stack_ledger.entries import Moment
from tracer.stack_ledger.matches import Match


class Witness:
    """What a trace and the events of its lists tell about a moment."""

    def __init__(self, trace: Trace, events: Sequence[StackEvent]) -> None:
        self._trace = trace
        self._numbers = {id(event): number for number, event in enumerate(events)}
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
        """The same event where a called function did it: the line there, and not that of the call.

        Events stand in the order in which their lines began, so what ran during the line of this
        one stands after it, and was done no later.
        """
        same = self._same[event.kind, event.value]
        later = (one for one in same if self._numbers[id(one)] > self._numbers[id(event)])
        return next((one for one in reversed(list(later)) if self._within(one, event)), event)

    def _within(self, inner: StackEvent, outer: StackEvent) -> bool:
        if (inner.block, inner.function) == (outer.block, outer.function):
            return False
        # a block that is called by a later line may begin, but does not return, by this step
        block = self._trace.blocks.get(inner.block)
        returned = inner.block == outer.block or (block is not None and block.last <= outer.step)
        return returned and inner.step <= outer.step

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
