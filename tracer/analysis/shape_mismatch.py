"""Why two tensors could not be joined, in the terms of a UNet: which skip, and which rounded size.

A UNet halves a size on the way down and doubles it on the way up. If a half was rounded, what comes
up is no longer as large as the skip that was pushed, and the two cannot be joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tracer.analysis.operations import traits
from tracer.analysis.size_path import (
    SizePoint,
    all_points,
    ancestors,
    previous_points,
    producer_of,
    same_size_path,
)
from tracer.analysis.value_origin import ExternalTensor, StepLocation, ValueOrigins
from tracer.record import Step, Trace, Value

MAX_STEPS_AFTER_PUSH = 8
"""How many operations may lie between the push of a tensor and its join."""

JOINED_AXIS = re.compile(r"except in dimension (\d+)")
"""How PyTorch's message names the axis of a concatenation."""

FIRST_SPATIAL_AXIS = 2


@dataclass(frozen=True, slots=True)
class Rounding:
    """A step that made a smaller size of one that it does not divide."""

    op: str
    at: StepLocation
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ShapeMismatch:
    """Two operands of one operation whose sizes differ, the one that was made first as `skip`.

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
        is_skip: Whether `skip` is one: the other operand was computed from it or beside it.
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
    is_skip: bool = True

    @property
    def weight(self) -> ExternalTensor | None:
        """The parameter or buffer that is one of the two, if one is."""
        sources = (one for one in (self.source, self.other_source) if one is not None)
        return next((one for one in sources if one.kind == "weight"), None)


def find_shape_mismatch(
    trace: Trace, op: str, operands: Sequence[Value], popped: StepLocation, message: str = ""
) -> ShapeMismatch | None:
    """Returns the shape mismatch that ended a partial trace; None if the operands fit.

    The operands of a concatenation may differ along its axis, those of a sum where one size is 1.

    Args:
        trace: What ran before the operation failed.
        op: The operation that failed.
        operands: The tensors that it was called with.
        popped: Where it was called.
        message: What it raised, which may name the axis of a concatenation.
    """
    for one, two in combinations(operands, 2):
        axes = differing_axes(op, one, two, message)
        if axes:
            return _Mismatches(trace, axes[0]).mismatch(op, (one, two), popped)
    return None


def differing_axes(op: str, one: Value, two: Value, message: str = "") -> list[int]:
    """Returns the axes on which two operands of an operation should be alike, and are not."""
    kind, rank = traits(op), len(one.shape)
    sizes = list(enumerate(zip(one.shape, two.shape, strict=False)))
    if not (kind.join or kind.elementwise or kind.matrix_product) or rank != len(two.shape):
        return []
    differing = [axis for axis, (a, b) in sizes if a != b]
    if kind.join and kind.join.mode == "concatenate":
        return _unlike_in_concatenation(differing, rank, message)
    if kind.join and kind.join.mode == "stack":
        return differing
    if kind.matrix_product:
        return [axis for axis in differing if axis < rank - 2 and 1 not in sizes[axis][1]]
    return [axis for axis in differing if 1 not in sizes[axis][1]]


def _unlike_in_concatenation(differing: list[int], rank: int, message: str) -> list[int]:
    """The axes that should be alike; the one of the concatenation is known by the message."""
    named = JOINED_AXIS.search(message)
    if named:
        return [axis for axis in differing if axis != int(named[1])]
    spatial = [axis for axis in differing if axis >= min(FIRST_SPATIAL_AXIS, rank - 1)]
    return spatial if len(differing) > 1 or spatial else [axis for axis in differing if axis == 0]


@dataclass(frozen=True)
class _Mismatches:
    """Follows tensors back along one axis."""

    trace: Trace
    axis: int

    def mismatch(
        self, op: str, operands: tuple[Value, Value], popped: StepLocation
    ) -> ShapeMismatch:
        origins = ValueOrigins(self.trace)
        skip, other = sorted(operands, key=lambda value: self._producer(self._origin(value)))
        pushed = self._pushed_value(skip, popped, origins)
        push = origins.pushes.get(pushed.name)
        rounding = self._rounding(skip, other)
        return ShapeMismatch(
            op=op,
            skip=pushed,
            other=other,
            axis=self.axis,
            sizes=(self._size(skip), self._size(other)),
            pushed=origins.pushed_at(pushed),
            other_origin=origins.made_at(self._origin(other)),
            popped=popped,
            stack=push.name if push else None,
            rounding=rounding,
            source=origins.external(pushed),
            other_source=origins.external(other),
            is_skip=push is not None or rounding is not None or self._descends(other, pushed),
        )

    def _size(self, value: Value) -> int:
        return SizePoint(value, self.axis).size

    def _producer(self, value: Value) -> int:
        return self.trace.producers.get(value.name, -1)

    def _origin(self, value: Value) -> Value:
        """The earliest value that had the size already."""
        return self._path_back(value)[-1]

    def _path_back(self, value: Value) -> list[Value]:
        """The value, what it was made from at the same size, and so on to where that arose."""
        return [one.value for one in same_size_path(self.trace, SizePoint(value, self.axis))]

    def _descends(self, other: Value, skip: Value) -> bool:
        """Whether a value was computed from another, by way of a block or another operation."""
        return skip.name in ancestors(self.trace, other)

    def _pushed_value(self, skip: Value, popped: StepLocation, origins: ValueOrigins) -> Value:
        """On the path to an operand, what was pushed, or made outside the block of the join."""
        near = self._path_back(skip)[:MAX_STEPS_AFTER_PUSH]
        pushed = next((one for one in near if one.name in origins.pushes), None)
        if pushed or not popped.block:
            return pushed or skip
        inside = f"{popped.block}."
        outside = (one for one in near if not origins.made_at(one).block.startswith(inside))
        return next(outside, skip)

    def _rounding(self, skip: Value, other: Value) -> Rounding | None:
        """The first step that rounded, of those between the skip's size and the other operand."""
        right = self._size(skip)
        points = list(all_points(self.trace, SizePoint(other, self.axis), until=right))
        if all(one.size != right for one in points):
            return None
        found = [one for point in points if point.size != right for one in self._rounded(point)]
        return min(found, key=lambda one: one[0])[1] if found else None

    def _rounded(self, point: SizePoint) -> Iterator[tuple[int, Rounding]]:
        """The step that made a point, if it rounded a half, or a smaller fraction."""
        step = producer_of(self.trace, point.value)
        if step is None or step.memory_of is not None or traits(step.op).moves:
            return
        for previous in previous_points(self.trace, point):
            before, after = self._before_padding(previous), point.size
            if 0 < 2 * after <= before + 2 and before % after:
                rounding = Rounding(step.op, self._outer_location(step), before, after)
                yield self._producer(point.value), rounding

    def _before_padding(self, point: SizePoint) -> int:
        """A size, or what it was before padding made it larger."""
        step = producer_of(self.trace, point.value)
        before: Iterable[SizePoint] = ()
        if step is not None and traits(step.op).pads:
            before = previous_points(self.trace, point)
        return min((one.size for one in before), default=point.size)

    def _outer_location(self, step: Step) -> StepLocation:
        """The location of a step, at the block that a reader of the model's own forward sees."""
        parent = step.block.rpartition(".")[0]
        block = parent if parent and parent in self.trace.blocks else step.block
        return StepLocation(block, step.file, step.line)
