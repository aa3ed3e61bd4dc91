"""When and where a tensor was pushed and taken, as exactly as it was observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tracer.algebra.substitute import resize
from tracer.analysis.skip_stack.ledger_entries import Moment
from tracer.analysis.skip_stack.match_skips import SkipMatch
from tracer.analysis.skips.producer_blocks import ProducerBlocks
from tracer.analysis.skips.resolution import resolutions
from tracer.analysis.stack_events import StackEvent
from tracer.record import Line, Step, Trace, Value


class EventLocator:
    """Finds the block and the source line of the pushes and pops of a trace."""

    def __init__(
        self, trace: Trace, events: Sequence[StackEvent], matches: Sequence[SkipMatch]
    ) -> None:
        self._trace = trace
        lines = [line for line in trace.lines if line.touches_tensors]
        self._executions = {_execution(line, line.last): n for n, line in enumerate(lines)}
        self._first_lines: dict[tuple[str, str], int] = {}
        for number, line in enumerate(lines):
            self._first_lines.setdefault((line.block, line.function), number)
        self._events_of_value: dict[tuple[str, Value], list[StackEvent]] = defaultdict(list)
        for event in events:
            self._events_of_value[event.kind, event.value].append(event)
        known = resolutions(resize(trace) if trace.symbols else trace)
        self._producers = ProducerBlocks(trace, known, self._pushed_values(matches))

    def push_moment(self, match: SkipMatch) -> Moment:
        """Return where the tensor was pushed; where it was made if no push was observed."""
        if match.push:
            return self._observed(match.push, self.pushed_block(match))
        return self._inferred(match.links[0].pushed, match.links[0].source)

    def pushed_block(self, match: SkipMatch) -> str | None:
        """Return the block that made the tensor that was pushed; None for an input of the model.

        If the data flow names the same block, or one inside or around it, that name is returned.
        """
        if match.push is None:
            return None
        value = match.push.value
        if value.name not in self._trace.producers:
            return None
        block = self._producers.call_of(value, self._time_of_use(match))
        source = match.links[0].source if match.links else block
        return source if self._is_within(block, source) else block

    def pop_moment(self, match: SkipMatch) -> Moment | None:
        """Return where the tensor was taken; where it was joined last if that was not observed."""
        taken, links = match.pop or match.read, match.links
        if taken and (match.pop or links):
            return self._observed(taken, links[-1].target if links else None)
        if links:
            return self._inferred(links[-1].popped, links[-1].target)
        return None

    def failed_moment(self, match: SkipMatch, failed: Step) -> Moment:
        """Return where the tensor was to be joined when the model failed."""
        is_observed = bool(match.pop or match.read)
        return Moment(len(self._trace.steps), None, failed.file, failed.line, is_observed)

    def source_differs(self, match: SkipMatch) -> bool:
        """Return whether the list and the data flow have a skip from two different blocks."""
        if match.push is None or not match.links:
            return False
        return (self.pushed_block(match) or "") != match.links[0].source

    def _pushed_values(self, matches: Sequence[SkipMatch]) -> Iterator[tuple[str, int]]:
        for match in matches:
            yield match.value.name, self._time_of_use(match)
            yield from ((link.value.name, link.popped) for link in match.links)

    def _time_of_use(self, match: SkipMatch) -> int:
        """The number of the step by which a block that hands a tensor on has returned."""
        if match.links:
            return match.links[0].popped
        taken = match.pop or match.read
        return taken.step if taken else len(self._trace.steps)

    def _is_within(self, block: str, other: str) -> bool:
        """Whether one of two blocks is the other, or a part of it."""
        one, two = self._trace.blocks.get(block), self._trace.blocks.get(other)
        if one is None or two is None or not (block and other):
            return block == other
        inner, outer = sorted((one, two), key=lambda call: call.last - call.first)
        return outer.first <= inner.first and inner.last <= outer.last

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


def _execution(line: Line | StackEvent, step: int) -> tuple[object, ...]:
    """What tells one execution of a line from another."""
    return line.block, line.function, line.file, line.line, step
