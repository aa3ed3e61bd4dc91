"""When and where a tensor was pushed and popped, as exactly as it was observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tracer.analysis.skip_stack.ledger_entries import Moment
from tracer.analysis.skip_stack.match_skips import SkipMatch
from tracer.analysis.stack_events import StackEvent
from tracer.record import Block, Line, Trace, Value


class EventLocator:
    """Finds the block and the source line of the pushes and pops of a trace."""

    def __init__(self, trace: Trace, events: Sequence[StackEvent]) -> None:
        self._trace = trace
        self._executions = {_execution(line, line.last): n for n, line in enumerate(trace.lines)}
        self._first_lines: dict[tuple[str, str], int] = {}
        for number, line in enumerate(trace.lines):
            self._first_lines.setdefault((line.block, line.function), number)
        self._events_of_value: dict[tuple[str, Value], list[StackEvent]] = defaultdict(list)
        for event in events:
            self._events_of_value[event.kind, event.value].append(event)
        self._producers: dict[Value, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.outputs:
                self._producers[value].append(block)

    def push_moment(self, match: SkipMatch) -> Moment:
        """Return where the tensor was pushed; where it was made if no push was observed."""
        if match.push:
            source = match.links[0].source if match.links else self._producer(match.push)
            return self._observed(match.push, source)
        return self._inferred(match.links[0].pushed, match.links[0].source)

    def pop_moment(self, match: SkipMatch) -> Moment | None:
        """Return where the tensor was popped; where it was joined last if no pop was observed."""
        if match.pop:
            return self._observed(match.pop, match.links[-1].target if match.links else None)
        if match.links:
            return self._inferred(match.links[-1].popped, match.links[-1].target)
        return None

    def _observed(self, event: StackEvent, block: str | None) -> Moment:
        inner = self._innermost(event)
        return Moment(event.step, block, inner.file, inner.line, observed=True)

    def _innermost(self, event: StackEvent) -> StackEvent:
        """The same event in a called function, with the line there and not that of the call."""
        innermost = event
        start = self._executions.get(_execution(event, event.step), len(self._executions))
        for other in self._events_of_value[event.kind, event.value]:
            first_line = self._first_lines.get((other.block, other.function), -1)
            if first_line > start and self._is_inside(other, event):
                innermost, start = other, first_line
        return innermost

    def _is_inside(self, inner: StackEvent, outer: StackEvent) -> bool:
        """Whether the call with the one event had returned when the line of the other was done."""
        same_block = inner.block == outer.block
        has_returned = same_block or self._trace.blocks[inner.block].last <= outer.step
        return has_returned and inner.step <= outer.step

    def _inferred(self, step_number: int, block: str) -> Moment:
        if step_number < 0:  # an input of the model: no step made it
            return Moment(0, block, None, None, observed=False)
        step = self._trace.steps[step_number]
        return Moment(step_number + 1, block, step.file, step.line, observed=False)

    def _producer(self, event: StackEvent) -> str | None:
        """The outermost block that had put out a pushed tensor by then; None for an input."""
        for block in self._producers[event.value]:
            if block.last <= event.step:
                return block.call
        number = self._trace.producers.get(event.value.name)
        return None if number is None else self._trace.steps[number].block


def _execution(line: Line | StackEvent, step: int) -> tuple[object, ...]:
    """What tells one execution of a line from another."""
    return line.block, line.function, line.file, line.line, step
