"""Why two tensors could not be joined, in the terms of a UNet: which skip, and which rounded size.

A UNet halves a size on the way down and doubles it on the way up. If a half was rounded, what comes
up is no longer as large as the skip that was pushed, and the two cannot be joined.
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

MAX_PADDING = 8
"""A size grows at most by so much where it is padded before it is halved."""

MAX_STEPS_AFTER_PUSH = 8
"""How many operations may lie between the push of a tensor and its join."""


@dataclass(frozen=True, slots=True)
class StepLocation:
    """A step of the trace as a reader looks for it: its block, and its line of source."""

    block: str
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Rounding:
    """A step that made a smaller size of one that it does not divide."""

    op: str
    at: StepLocation
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ExternalTensor:
    """A tensor that no block made: an input of the model, or a parameter or buffer."""

    kind: Literal["input", "weight"]
    name: str


@dataclass(frozen=True, slots=True)
class ShapeMismatch:
    """Two operands of one operation whose sizes differ; the skip is the one that was made first.

    Attributes:
        op: The operation.
        skip: The earlier operand, as it was pushed.
        other: The other operand.
        axis: The first axis on which they differ.
        sizes: Their sizes on it, the skip's first.
        pushed: Where the skip was pushed on the list `stack`, or made if no list was observed.
        other_origin: Where the other operand got its size.
        popped: Where the operation joins the two.
        stack: The name of the list.
        rounding: The step that rounded the size, if that is how they came to differ.
        target: The block that the result is for, where that is known.
        source: What the earlier operand is, if it is no skip but an input or a weight.
        other_source: The same of the other operand.
    """

    op: str
    skip: Value
    other: Value
    axis: int
    sizes: tuple[int, int]
    pushed: StepLocation
    other_origin: StepLocation
    popped: StepLocation
    stack: str | None = None
    rounding: Rounding | None = None
    target: str | None = None
    source: ExternalTensor | None = None
    other_source: ExternalTensor | None = None

    @property
    def weight(self) -> ExternalTensor | None:
        """The parameter or buffer that is one of the two, if one is."""
        sources = (one for one in (self.source, self.other_source) if one is not None)
        return next((one for one in sources if one.kind == "weight"), None)


def find_shape_mismatch(
    trace: Trace, op: str, operands: Sequence[Value], popped: StepLocation
) -> ShapeMismatch | None:
    """Return the shape mismatch that ended a partial trace; None if the operands fit.

    The operands of a concatenation may differ in channels, those of a sum where one size is 1.

    Args:
        trace: What ran before the operation failed.
        op: The operation that failed.
        operands: The tensors that it was called with.
        popped: Where it was called.
    """
    for one, two in combinations(operands, 2):
        axis = _differing_axis(op, one, two)
        if axis is not None:
            return _SizeHistory(trace, axis).mismatch(op, (one, two), popped)
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
    """Follows tensors back, as far as they had the size that they have on one axis."""

    trace: Trace
    axis: int

    def mismatch(
        self, op: str, operands: tuple[Value, Value], popped: StepLocation
    ) -> ShapeMismatch:
        skip, other = sorted(operands, key=lambda value: self._producer(self._origin(value)))
        pushed = self._pushed_value(skip, popped)
        push = self._pushes.get(pushed.name)
        made_at = self._location(pushed)
        return ShapeMismatch(
            op=op,
            skip=pushed,
            other=other,
            axis=self.axis,
            sizes=(_int(skip.shape[self.axis]), _int(other.shape[self.axis])),
            pushed=StepLocation(made_at.block, push.file, push.line) if push else made_at,
            other_origin=self._location(self._origin(other)),
            popped=popped,
            stack=push.name if push else None,
            rounding=self._rounding(skip),
            source=self._external(pushed),
            other_source=self._external(other),
        )

    def _external(self, value: Value) -> ExternalTensor | None:
        number = self.trace.producers.get(value.name)
        if number is not None:
            step = self.trace.steps[number]
            is_weight = step.weights and not step.inputs
            return ExternalTensor("weight", step.weights[0].name) if is_weight else None
        is_input = any(one.name == value.name for one in self.trace.inputs)
        return ExternalTensor("input" if is_input else "weight", value.name)

    def _producer(self, value: Value) -> int:
        return self.trace.producers.get(value.name, -1)

    def _origin(self, value: Value) -> Value:
        """The earliest value that had the size already."""
        return self._path_back(value)[-1]

    def _path_back(self, value: Value) -> list[Value]:
        """The value, what it was made from at the same size, and so on to where that arose."""
        path = [value]
        while True:
            number = self.trace.producers.get(path[-1].name)
            inputs = self.trace.steps[number].inputs if number is not None else ()
            alike = [one for one in inputs if self._has_same_size(one, value)]
            if not alike:
                return path
            path.append(min(alike, key=self._producer))

    def _has_same_size(self, one: Value, other: Value) -> bool:
        same_rank = len(one.shape) == len(other.shape)
        return same_rank and one.shape[self.axis] == other.shape[self.axis]

    def _pushed_value(self, skip: Value, popped: StepLocation) -> Value:
        """On the path to an operand, what was pushed, or made outside the block of the join."""
        near = self._path_back(skip)[:MAX_STEPS_AFTER_PUSH]
        pushed = next((one for one in near if one.name in self._pushes), None)
        if pushed or not popped.block:
            return pushed or skip
        inside = f"{popped.block}."
        outside = (one for one in near if not self._location(one).block.startswith(inside))
        return next(outside, skip)

    @cached_property
    def _pushes(self) -> dict[str, StackEvent]:
        """The first push of each value that was pushed."""
        events = [event for event in stack(self.trace) if event.kind == "push"]
        return {event.value.name: event for event in reversed(events)}

    def _location(self, value: Value) -> StepLocation:
        """Where a value was made: the outermost block that put it out, and the line of the step."""
        blocks = self.trace.root.walk()
        producers = (one.call for one in blocks if one.call and value in one.outputs)
        number = self.trace.producers.get(value.name)
        step = None if number is None else self.trace.steps[number]
        block = next(producers, step.block if step else "")
        return StepLocation(block, step.file if step else None, step.line if step else None)

    def _rounding(self, skip: Value) -> Rounding | None:
        """The first step after the origin of the skip that rounded a fraction of its size."""
        size = _int(skip.shape[self.axis])
        for step in self.trace.steps[self._producer(self._origin(skip)) + 1 :]:
            for after in self._downsampled(step, size, len(skip.shape)):
                if size % after:
                    return Rounding(step.op, self._outer_location(step), size, after)
        return None

    def _downsampled(self, step: Step, size: int, rank: int) -> Iterator[int]:
        """What a step makes of a size, or of what it was padded to, if that is half or less."""
        before = [_int(one.shape[self.axis]) for one in step.inputs if len(one.shape) == rank]
        if step.memory_of is None and any(size <= one <= size + MAX_PADDING for one in before):
            for value in step.outputs:
                after = _int(value.shape[self.axis]) if len(value.shape) == rank else 0
                if 0 < 2 * after <= size + 2:
                    yield after

    def _outer_location(self, step: Step) -> StepLocation:
        """The location of a step, at the block that a reader of the model's own forward sees."""
        parent = step.block.rpartition(".")[0]
        block = parent if parent and parent in self.trace.blocks else step.block
        return StepLocation(block, step.file, step.line)


def _int(size: int | str) -> int:
    """A size as a number: a run that failed has no formulas."""
    return int(size)
