"""Follows one size of a tensor back through the steps that made it.

The size of a tensor along one axis comes from one axis of an operand: of every operand of a sum
that is not broadcast, of the query of attention, of the image of a convolution. Side branches that
only scale a tensor (gates, pooled statistics) have no part in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from tracer.analysis.operations import traits
from tracer.record import Step, Trace, Value

CONVOLUTION = re.compile(r"conv(?:_transpose)?(\d)d")


@dataclass(frozen=True, slots=True)
class SizePoint:
    """One axis of one tensor."""

    value: Value
    axis: int

    @property
    def size(self) -> int:
        """The size there; a run that is followed back has numbers, not formulas."""
        return int(self.value.shape[self.axis])


def producer_of(trace: Trace, value: Value) -> Step | None:
    """Returns the step that made a value; None for an input or a weight."""
    number = trace.producers.get(value.name)
    return None if number is None else trace.steps[number]


def previous_points(trace: Trace, point: SizePoint) -> tuple[SizePoint, ...]:
    """Returns where a size comes from: axes of operands of the step that made the tensor.

    Empty where the size begins: at an input, at channels that weights determine, at a concatenation
    along this axis, and where a tensor was resized to a size that was given as a number.

    >>> from tracer.record import Block
    >>> x, y = Value("x", (1, 3, 9, 9), "float32"), Value("y", (1, 8, 5, 5), "float32")
    >>> root = Block("", "", "Model", (x,), (y,), 0, 0, 0, 1)
    >>> trace = Trace("Model", (x,), (y,), (Step("conv2d", (x,), (y,), ""),), root)
    >>> [(one.value.name, one.axis) for one in previous_points(trace, SizePoint(y, 2))]
    [('x', 2)]
    >>> previous_points(trace, SizePoint(y, 1))
    ()
    """
    step = producer_of(trace, point.value)
    if step is None or not step.inputs:
        return ()
    kind = traits(step.op)
    if kind.join or kind.elementwise:
        return tuple(_aligned(step, point))
    if kind.moves:
        return _moved(step.inputs[0], point, permutes=kind.permutes)
    return _computed(step, point)


def _computed(step: Step, point: SizePoint) -> tuple[SizePoint, ...]:
    """The axis of the first operand, or of the second factor of a product of matrices."""
    kind, rank = traits(step.op), len(point.value.shape)
    if kind.matrix_product and len(step.inputs) > 1 and point.axis == rank - 1:
        return _same_axis(step.inputs[1], point, from_end=True)
    if _has_weights_along(step, point.axis, rank):
        return ()
    same_rank = [one for one in step.inputs if len(one.shape) == rank]
    found = [SizePoint(one, point.axis) for one in same_rank]
    alike = [one for one in found if one.size == point.size]
    if kind.resamples and not alike and _is_resized_to_a_number(found, point):
        return ()
    return tuple((alike or found)[:1])


def same_size_path(trace: Trace, point: SizePoint) -> list[SizePoint]:
    """Returns the point, the earliest it was made of at the same size, and so on to the origin."""
    path = [point]
    while True:
        alike = [one for one in previous_points(trace, path[-1]) if one.size == point.size]
        if not alike:
            return path
        path.append(min(alike, key=lambda one: trace.producers.get(one.value.name, -1)))


def all_points(trace: Trace, point: SizePoint, until: int | None = None) -> Iterator[SizePoint]:
    """Yields every point that a size comes from, the point itself first.

    Args:
        trace: The trace that holds the point.
        point: Where to start.
        until: A size beyond which nothing is followed back.
    """
    open_points, known = [point], {(point.value.name, point.axis)}
    while open_points:
        one = open_points.pop()
        yield one
        if one.size == until:
            continue
        for previous in previous_points(trace, one):
            key = (previous.value.name, previous.axis)
            if key not in known:
                known.add(key)
                open_points.append(previous)


def input_points(trace: Trace, point: SizePoint) -> list[SizePoint]:
    """Returns the axes of the model's inputs that a size comes from."""
    inputs = {one.name for one in trace.inputs}
    return [one for one in all_points(trace, point) if one.value.name in inputs]


def ancestors(trace: Trace, value: Value) -> frozenset[str]:
    """Returns the names of all values that a value was computed from."""
    found: set[str] = set()
    left = [value]
    while left:
        step = producer_of(trace, left.pop())
        for one in step.inputs if step else ():
            if one.name not in found:
                found.add(one.name)
                left.append(one)
    return frozenset(found)


def _aligned(step: Step, point: SizePoint) -> Iterator[SizePoint]:
    """The operands of a sum or a join that have this size, aligned at the last axis."""
    kind, from_end = traits(step.op).join, len(point.value.shape) - point.axis
    stacked = kind is not None and kind.mode == "stack"
    for one in step.inputs:
        axis = len(one.shape) - from_end
        if stacked and len(one.shape) < len(point.value.shape):
            yield from _moved(one, point, permutes=False)[:1]
        elif axis >= 0 and one.shape[axis] == point.value.shape[point.axis]:
            yield SizePoint(one, axis)


def _same_axis(value: Value, point: SizePoint, *, from_end: bool) -> tuple[SizePoint, ...]:
    axis = len(value.shape) - (len(point.value.shape) - point.axis) if from_end else point.axis
    return (SizePoint(value, axis),) if 0 <= axis < len(value.shape) else ()


def _has_weights_along(step: Step, axis: int, rank: int) -> bool:
    """Whether weights determine the size on an axis: the channels of a convolution, say."""
    if convolution := CONVOLUTION.fullmatch(step.op):
        return axis == rank - int(convolution[1]) - 1
    return step.op == "linear" and axis == rank - 1


def _is_resized_to_a_number(before: list[SizePoint], point: SizePoint) -> bool:
    """Whether a larger size is no multiple of the one before, as a scale factor makes it."""
    return any(one.size < point.size and point.size % max(one.size, 1) for one in before)


def _moved(before: Value, point: SizePoint, *, permutes: bool) -> tuple[SizePoint, ...]:
    """The axes of an operand that an axis of a view, a permutation or a part of it comes from."""
    old, new = tuple(map(int, before.shape)), tuple(map(int, point.value.shape))
    if permutes:
        # axes of equal sizes are taken to keep their order, as height and width do
        place = new[: point.axis].count(point.size)
        axes = [axis for axis, size in enumerate(old) if size == point.size]
        return tuple(SizePoint(before, axis) for axis in axes[place : place + 1])
    if len(old) == len(new):
        return (SizePoint(before, point.axis),)
    if prod(old) == prod(new):
        return tuple(SizePoint(before, axis) for axis in _group_before(old, new, point.axis))
    trailing = len(old) - (len(new) - point.axis)
    if trailing >= 0 and old[trailing] == point.size:
        return (SizePoint(before, trailing),)
    return _same_axis(before, point, from_end=False)


def _group_before(old: tuple[int, ...], new: tuple[int, ...], axis: int) -> list[int]:
    """The axes of a shape that an axis of its view comes from, those of size 1 left out."""
    left, before, after = 0, 1, 1
    group: list[int] = []
    for position, size in enumerate(new):
        after *= size
        while left < len(old) and before < after:
            before *= old[left]
            group.append(left)
            left += 1
        if position >= axis and before == after and group:
            return [one for one in group if old[one] > 1]
        if before == after:
            group = []
        if position == axis and not group:
            return []
    return []
