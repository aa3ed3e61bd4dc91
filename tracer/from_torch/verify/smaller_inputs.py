"""The size at which a model can be run for real in seconds: smaller images, the same operations."""

from __future__ import annotations

from math import prod

from torch import Tensor, nn

from tracer.from_torch.capture.pytree import map_tensors, tensors_in
from tracer.from_torch.capture.recording import Inputs, Recording, record
from tracer.from_torch.targets.model_hints import first_layer

MOST_FLOPS = 60e9
"""A few seconds on two processors."""

MOST_NUMBERS = 2**27
"""In the largest tensor: 512 MiB of float32."""

DIVISORS = (2, 3, 4, 6, 8, 12, 16, 32)
CHANNEL_AXIS_NUMBER = 2
"""Sizes follow the batch and the channels."""


def fitting(model: nn.Module, inputs: Inputs, recording: Recording) -> tuple[Inputs, Recording]:
    """Inputs that a real run is quick with, and the recording with them.

    They are the given ones, or else images smaller by the least divisor that is enough. A size at
    which the model fails, or runs other operations, is not taken: it would prove something else.
    """
    best = inputs, recording
    for divisor in DIVISORS:
        if fits(best[1]):
            break
        smaller = divided(model, inputs, divisor)
        if smaller is not None:
            trial = record(model, smaller, lines=False, graph=True)
            if trial.error is None and _course(trial) == _course(recording):
                best = smaller, trial
    return best


def fits(recording: Recording) -> bool:
    """Whether a real run of what was recorded is quick."""
    operations = recording.recorder.operations
    numbers = (prod(map(int, value.shape)) for one in operations for value in one.writes)
    flops = sum(one.flops or 0 for one in operations)
    return flops <= MOST_FLOPS and max(numbers, default=0) <= MOST_NUMBERS


def divided(model: nn.Module, inputs: Inputs, divisor: int) -> Inputs | None:
    """The inputs with smaller images; None where some size does not divide evenly."""
    layer = first_layer(model)
    dimensions = layer.dimensions if layer else 2
    images = [one for one in tensors_in(inputs) if one.dim() >= CHANNEL_AXIS_NUMBER + dimensions]
    sizes = [size for image in images for size in image.shape[-dimensions:]]
    if not sizes or any(size % divisor for size in sizes):
        return None

    def shrunk(tensor: Tensor) -> Tensor:
        if tensor.dim() < CHANNEL_AXIS_NUMBER + dimensions:
            return tensor
        for dimension in range(-dimensions, 0):
            tensor = tensor.narrow(dimension, 0, tensor.shape[dimension] // divisor)
        return tensor.contiguous()

    smaller: Inputs = map_tensors(inputs, shrunk)
    return smaller


def _course(recording: Recording) -> list[tuple[str, str]]:
    return [(one.op, one.block) for one in recording.recorder.operations]
