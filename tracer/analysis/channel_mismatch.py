"""Why the channels of a tensor do not fit the weights: what was concatenated, and where.

A decoder block has weights for the channels of its own input and of one skip. If another skip is
concatenated, or none, or a residual is missing, the sum of the channels is another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracer.analysis.operations import traits
from tracer.analysis.size_path import (
    CONVOLUTION,
    SizePoint,
    ancestors,
    previous_points,
    producer_of,
)
from tracer.analysis.value_origin import ExternalTensor, StepLocation, ValueOrigins
from tracer.record import Step, Trace, Value

EXPECTED_CHANNELS = re.compile(r"to have (\d+) channels")
"""How PyTorch's message names the channels that a convolution expects."""


@dataclass(frozen=True, slots=True)
class JoinedPart:
    """One operand of a concatenation: its channels, and where it was pushed or made.

    `stack` is the name of the list that it was on; `source` is what it is if no block made it.
    """

    channels: int
    at: StepLocation
    is_skip: bool = False
    stack: str | None = None
    source: ExternalTensor | None = None


@dataclass(frozen=True, slots=True)
class ChannelMismatch:
    """A tensor that has other channels than the weights of an operation expect.

    Attributes:
        op: The operation.
        at: Where it was called.
        expected: The channels that its weights are for.
        got: The channels of the tensor.
        made: Where the tensor got its channels: the concatenation, or what made the tensor.
        parts: What was concatenated there; empty if nothing was.
    """

    op: str
    at: StepLocation
    expected: int
    got: int
    made: StepLocation
    parts: tuple[JoinedPart, ...] = ()


def find_channel_mismatch(
    trace: Trace, op: str, operands: Sequence[Value], at: StepLocation, message: str = ""
) -> ChannelMismatch | None:
    """Returns the channels that do not fit the weights of an operation that failed; else None.

    Args:
        trace: What ran before the operation failed.
        op: The operation.
        operands: The tensors that it was called with, the weights among them.
        at: Where it was called.
        message: What it raised, which may name the channels that it expects.
    """
    known = {one.name for one in trace.inputs} | trace.producers.keys()
    inputs = [one for one in operands if one.name in known]
    weights = [one for one in operands if one.name not in known]
    if not (inputs and weights):
        return None
    axis = _channel_axis(op, len(inputs[0].shape))
    expected = _expected_channels(op, weights[0], message)
    if axis is None or expected is None or not 0 <= axis < len(inputs[0].shape):
        return None
    point = SizePoint(inputs[0], axis)
    if point.size == expected:
        return None
    return _explained(trace, ChannelMismatch(op, at, expected, point.size, at), point)


def _channel_axis(op: str, rank: int) -> int | None:
    """The axis of the channels in the input of an operation with weights."""
    kind = traits(op)
    if convolution := CONVOLUTION.fullmatch(op):
        return rank - int(convolution[1]) - 1
    if kind.on_last_axis:
        return rank - 1
    return 1 if kind.normalizes else None


def _expected_channels(op: str, weight: Value, message: str) -> int | None:
    named = EXPECTED_CHANNELS.search(message)
    if named:
        return int(named[1])
    shape = tuple(map(int, weight.shape))
    transposed = "transpose" in op or (traits(op).normalizes and not traits(op).on_last_axis)
    if transposed:
        return shape[0] if shape else None
    if traits(op).on_last_axis:
        return shape[-1] if shape else None
    return shape[1] if len(shape) > 1 else None


def _explained(trace: Trace, found: ChannelMismatch, point: SizePoint) -> ChannelMismatch:
    """The mismatch with the place where the tensor got its channels."""
    origins = ValueOrigins(trace)
    while True:
        step = producer_of(trace, point.value)
        if step is not None and _is_concatenation(step, point.axis):
            made = StepLocation(step.block, step.file, step.line)
            parts = tuple(_parts(trace, step, point.axis, origins))
            return ChannelMismatch(found.op, found.at, found.expected, found.got, made, parts)
        alike = [one for one in previous_points(trace, point) if one.size == point.size]
        if not alike:
            made = origins.made_at(point.value)
            return ChannelMismatch(found.op, found.at, found.expected, found.got, made)
        point = alike[0]


def _is_concatenation(step: Step, axis: int) -> bool:
    """Whether a step concatenates tensors along an axis."""
    join = traits(step.op).join
    if join is None or join.mode != "concatenate" or len(step.inputs) < 2:  # noqa: PLR2004
        return False
    rank = len(step.outputs[0].shape)
    if any(len(one.shape) != rank for one in step.inputs):
        return False
    return sum(int(one.shape[axis]) for one in step.inputs) == int(step.outputs[0].shape[axis])


def _parts(trace: Trace, step: Step, axis: int, origins: ValueOrigins) -> Iterator[JoinedPart]:
    before = [ancestors(trace, one) for one in step.inputs]
    for one in step.inputs:
        push = origins.pushes.get(one.name)
        yield JoinedPart(
            channels=int(one.shape[axis]),
            at=origins.pushed_at(one),
            is_skip=push is not None or any(one.name in names for names in before),
            stack=push.name if push else None,
            source=origins.external(one),
        )
