"""Why two tensors did not fit together, in the terms of a UNet: which skip, and where they parted.

A UNet halves a size on the way down and doubles it on the way up. Where a half was rounded, what
comes up is no longer as large as the skip that waits for it, and the two cannot be joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

from tracer.analysis.operations import traits
from tracer.analysis.stack_events import StackEvent, stack
from tracer.record import Step, Trace, Value

FIRST_SPATIAL_AXIS = 2

BROADCAST_RATIO = 8
"""A size grows at most by so much where it is padded before it is halved."""

MAX_DISTANCE = 8
"""How many operations may lie between the pushing of a tensor and its joining."""


@dataclass(frozen=True, slots=True)
class StepLocation:
    """A step of the trace, as a reader looks for it: its block, and its line of source."""

    block: str
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Rounding:
    """A step that made a smaller size of one that it did not divide."""

    op: str
    at: StepLocation
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a tensor came from that no block made: an input, or a parameter or buffer."""

    kind: Literal["input", "weight"]
    name: str


@dataclass(frozen=True, slots=True)
class ShapeMismatch:
    """Two operands of one operation that do not fit, the one that waited first.

    `axis` is the first axis on which they differ, `sizes` what they are there. `pushed` is where
    the waiting one was put on the list `stack`, or made if no list was seen; `grown` is where the
    other one got its size. `into` is the block that the result was for, where that is known.
    `rounding` is where the sizes parted, if it was by rounding. `source` tells of what waited if it
    is no skip, but an input, or a table that the model keeps; `other_source` of the other one.
    """

    op: str
    skip: Value
    other: Value
    axis: int
    sizes: tuple[int, int]
    pushed: StepLocation
    grown: StepLocation
    popped: StepLocation
    stack: str | None = None
    rounding: Rounding | None = None
    into: str | None = None
    source: Source | None = None
    other_source: Source | None = None

    @property
    def table(self) -> Source | None:
        """The parameter or buffer that is one of the two, if one is."""
        sources = (one for one in (self.source, self.other_source) if one is not None)
        return next((one for one in sources if one.kind == "weight"), None)


def clash(
    trace: Trace, op: str, operands: Sequence[Value], popped: StepLocation
) -> ShapeMismatch | None:
    """The clash that ended a partial trace, if two operands of `op` differ in a size.

    The operands of a concatenation may differ in channels, those of a sum where one size is 1.
    """
    for one, two in combinations(operands, 2):
        axis = _differing_axis(op, one, two)
        if axis is not None:
            return _SizeHistory(trace, axis).clash(op, (one, two), popped)
    return None


def _differing_axis(op: str, one: Value, two: Value) -> int | None:
    """The axis on which two operands should be alike, and are not."""
    kind, elementwise = traits(op).join, traits(op).elementwise
    if not (kind or elementwise) or len(one.shape) != len(two.shape):
        return None
    sizes = list(enumerate(zip(one.shape, two.shape, strict=True)))
    if kind and kind.mode == "concatenate":
        differing = [axis for axis, (a, b) in sizes if a != b and axis >= FIRST_SPATIAL_AXIS]
    else:
        differing = [axis for axis, (a, b) in sizes if a != b and 1 not in (a, b)]
    return differing[0] if differing else None


@dataclass(frozen=True)
class _SizeHistory:
    """The ways that tensors came, as far back as they had the size that they have on an axis."""

    trace: Trace
    axis: int

    def clash(self, op: str, operands: tuple[Value, Value], popped: StepLocation) -> ShapeMismatch:
        skip, other = sorted(operands, key=lambda value: self._made(self._way(value)[-1]))
        waiting = self._waiting(skip, popped)
        push = self._pushes.get(waiting.name)
        maker = self._place(waiting)
        return ShapeMismatch(
            op=op,
            skip=waiting,
            other=other,
            axis=self.axis,
            sizes=(_int(skip.shape[self.axis]), _int(other.shape[self.axis])),
            pushed=StepLocation(maker.block, push.file, push.line) if push else maker,
            grown=self._place(self._way(other)[-1]),
            popped=popped,
            stack=push.name if push else None,
            rounding=self._rounding(skip),
            source=self._source(waiting),
            other_source=self._source(other),
        )

    def _source(self, value: Value) -> Source | None:
        number = self.trace.producers.get(value.name)
        if number is not None:
            step = self.trace.steps[number]
            made = step.weights and not step.inputs
            return Source("weight", step.weights[0].name) if made else None
        given = any(one.name == value.name for one in self.trace.inputs)
        return Source("input" if given else "weight", value.name)

    def _made(self, value: Value) -> int:
        return self.trace.producers.get(value.name, -1)

    def _way(self, value: Value) -> list[Value]:
        """The value, what it was made of at the same size, and so on to where the size arose."""
        way = [value]
        while True:
            number = self.trace.producers.get(way[-1].name)
            inputs = self.trace.steps[number].inputs if number is not None else ()
            before = [one for one in inputs if self._is_like(one, value)]
            if not before:
                return way
            way.append(min(before, key=self._made))

    def _is_like(self, one: Value, other: Value) -> bool:
        same = len(one.shape) == len(other.shape)
        return same and one.shape[self.axis] == other.shape[self.axis]

    def _waiting(self, skip: Value, popped: StepLocation) -> Value:
        """What waited, of the way of an operand: what was pushed, or made elsewhere than joined."""
        near = self._way(skip)[:MAX_DISTANCE]
        pushed = next((one for one in near if one.name in self._pushes), None)
        inside = f"{popped.block}."
        outside = (one for one in near if not self._place(one).block.startswith(inside))
        return pushed or next(outside, skip) if popped.block else pushed or skip

    @cached_property
    def _pushes(self) -> dict[str, StackEvent]:
        """The first push of each value that was pushed."""
        events = [event for event in stack(self.trace) if event.kind == "push"]
        return {event.value.name: event for event in reversed(events)}

    def _place(self, value: Value) -> StepLocation:
        """Where a value was made: the outermost block that put it out, and the line of the step."""
        makers = (one.call for one in self.trace.root.walk() if one.call and value in one.outputs)
        number = self.trace.producers.get(value.name)
        step = None if number is None else self.trace.steps[number]
        block = next(makers, step.block if step else "")
        return StepLocation(block, step.file if step else None, step.line if step else None)

    def _rounding(self, skip: Value) -> Rounding | None:
        """The first step behind the skip that rounded a part of a size like that of the skip."""
        size = _int(skip.shape[self.axis])
        for step in self.trace.steps[self._made(self._way(skip)[-1]) + 1 :]:
            for after in self._smaller(step, size, len(skip.shape)):
                if size % after:
                    return Rounding(step.op, self._outermost(step), size, after)
        return None

    def _smaller(self, step: Step, size: int, rank: int) -> Iterator[int]:
        """What a step makes of a size, or of what it was padded to, if that is half or less."""
        before = [_int(one.shape[self.axis]) for one in step.inputs if len(one.shape) == rank]
        if step.memory_of is None and any(size <= one <= size + BROADCAST_RATIO for one in before):
            for value in step.outputs:
                after = _int(value.shape[self.axis]) if len(value.shape) == rank else 0
                if 0 < 2 * after <= size + 2:
                    yield after

    def _outermost(self, step: Step) -> StepLocation:
        """The place of a step, at the block that a reader of the model's own forward sees."""
        parent = step.block.rpartition(".")[0]
        block = parent if parent and parent in self.trace.blocks else step.block
        return StepLocation(block, step.file, step.line)


def _int(size: int | str) -> int:
    """A size of a trace in numbers, as that of a failed run is."""
    return int(size)
