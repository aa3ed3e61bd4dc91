"""What a unit does, told from its steps and shapes, so that a picture can show it by an outline."""

from __future__ import annotations

from typing import Literal

from tracer.analysis.attention import is_attention
from tracer.analysis.levels.spatial_sizes import SpatialSizes, is_resampled, is_smaller
from tracer.analysis.levels.unit_graph import Unit
from tracer.record import Step, Trace

BlockOutline = Literal[
    "attention", "down", "up", "convolution", "plain", "join", "operation", "end"
]


def form(unit: Unit, trace: Trace, planes: SpatialSizes) -> BlockOutline:
    """What a unit does above all.

    A unit that puts out another resolution than it takes is "down" or "up", whatever else it does.
    "attention" weighs tensors by a softmax of their products; "convolution" has weights over
    neighbours; "plain" is any other block. "end" is an input or output of the picture.
    """
    before, after = planes.first(unit.inputs), planes.first(unit.outputs)
    if unit.kind in {"input", "output"}:
        return "end"
    if unit.kind == "join":
        return "join"
    if before and after and is_resampled(before, after):
        return "down" if is_smaller(before, after) else "up"
    return _by_steps(unit, trace.steps[unit.first : unit.last])


def _by_steps(unit: Unit, steps: tuple[Step, ...]) -> BlockOutline:
    if unit.kind == "operation":
        return "operation"
    if is_attention(steps):
        return "attention"
    return "convolution" if any(map(_is_convolution, steps)) else "plain"


def _is_convolution(step: Step) -> bool:
    """Whether a step has weights with a kernel: output and input channels, and a plane."""
    return any(len(weight.shape) > len(("out", "in")) for weight in step.weights)
