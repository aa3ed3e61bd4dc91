"""What a unit does, found from its steps and shapes; a diagram shows it by the outline of a box."""

from __future__ import annotations

from typing import Literal

from tracer.analysis.levels.spatial_sizes import SpatialSizes, is_resampled, is_smaller
from tracer.analysis.levels.unit_graph import Unit
from tracer.analysis.operations import is_attention
from tracer.record import Step, Trace

NodeOutline = Literal["attention", "down", "up", "convolution", "plain", "join", "operation", "end"]


def outline_of(unit: Unit, trace: Trace, planes: SpatialSizes) -> NodeOutline:
    """Return the outline that shows the main thing that a unit does.

    A unit whose output has another resolution than its input is "down" or "up", whatever else it
    does. "attention" weights tensors by a softmax of their products, "convolution" has weights with
    a kernel, and "plain" is any other block. "end" is an input or output of the diagram.

    Args:
        unit: The unit; its steps are looked up in the trace.
        trace: The trace that the unit is part of.
        planes: The spatial sizes of the tensors of the trace.
    """
    before, after = planes.first(unit.inputs), planes.first(unit.outputs)
    if unit.kind in {"input", "output"}:
        return "end"
    if unit.kind == "join":
        return "join"
    if before and after and is_resampled(before, after):
        return "down" if is_smaller(before, after) else "up"
    return _outline_by_steps(unit, trace.steps[unit.first : unit.last])


def _outline_by_steps(unit: Unit, steps: tuple[Step, ...]) -> NodeOutline:
    if unit.kind == "operation":
        return "operation"
    if is_attention(steps):
        return "attention"
    return "convolution" if any(map(_is_convolution, steps)) else "plain"


def _is_convolution(step: Step) -> bool:
    """Whether a weight of the step has a kernel beside its output and input channels."""
    return any(len(weight.shape) > len(("out", "in")) for weight in step.weights)
