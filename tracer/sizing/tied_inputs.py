"""Which size of one input would fit another, where the sizes of two inputs are tied.

A hint is halved three times before it is added to a latent: its sizes are eight times those of the
latent. The ratio is seen at the join that failed, and runs show which change of either input works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from tracer.analysis.shape_mismatch import differing_axes
from tracer.analysis.size_path import SizePoint, input_points
from tracer.record import Trace, Value
from tracer.sizing.axes import tensors_of
from tracer.sizing.runner import Runner, TensorShape, TracedRun

MOST_CHANGES = 4
"""After so many joins that fail one after another, an input is given up."""


@dataclass(frozen=True, slots=True)
class InputSize:
    """A size of an input, and what it would have to be to fit the other operand of a join."""

    input: str
    axis: int
    wanted: int


def fitting_inputs(runner: Runner, run: TracedRun) -> tuple[Value, ...]:
    """The inputs of which one other shape makes the model work, each with that shape.

    Args:
        runner: The model and the inputs on which it fails.
        run: The run on these inputs.

    Returns:
        One value per input that can be changed by itself. It is empty if the operands that did not
        fit are not computed from different inputs.
    """
    names = dict.fromkeys(one.input for one in _wanted_sizes(run))
    values = {one.name: one for one in tensors_of(runner.inputs)}
    found = ((name, _working_shape(runner, run, name)) for name in names if name in values)
    return tuple(replace(values[name], shape=shape) for name, shape in found if shape)


def _working_shape(runner: Runner, run: TracedRun, name: str) -> TensorShape | None:
    """A shape of one input at which the model works, all others as given."""
    given = {one.name: one.shape for one in tensors_of(runner.inputs)}
    for _ in range(MOST_CHANGES):
        changes = {one.axis: one.wanted for one in _wanted_sizes(run) if one.input == name}
        if not changes:
            return None
        shape = tuple(changes.get(axis, size) for axis, size in enumerate(given[name]))
        given[name] = shape
        if runner.run(given, runner.settings).worked:
            return shape
        run = _traced(runner, given)
    return None


def _traced(runner: Runner, shapes: Mapping[str, TensorShape]) -> TracedRun:
    return runner.trace(shapes, runner.settings, lines=False)


def _wanted_sizes(run: TracedRun) -> Iterator[InputSize]:
    """What either input would have to be, on each axis on which two operands do not fit."""
    failure = run.failure
    if failure is None:
        return
    for one, two in combinations(failure.operands, 2):
        for axis in differing_axes(failure.op or "", one, two, failure.message):
            yield from _wanted(run.trace, SizePoint(one, axis), SizePoint(two, axis))


def _wanted(trace: Trace, one: SizePoint, two: SizePoint) -> Iterator[InputSize]:
    origins = input_points(trace, one), input_points(trace, two)
    names = [{point.value.name for point in points} for points in origins]
    if names[0] & names[1]:
        return
    for operand, points, other in ((two, origins[1], one), (one, origins[0], two)):
        for point in points:
            yield InputSize(point.value.name, point.axis, _scaled(point.size, operand, other))


def _scaled(size: int, operand: SizePoint, other: SizePoint) -> int:
    """A size of an input at which the operand would be as large as the other one."""
    if size >= operand.size:
        return other.size * max(round(size / max(operand.size, 1)), 1)
    return other.size // max(round(operand.size / max(size, 1)), 1)
