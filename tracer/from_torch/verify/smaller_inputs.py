"""Smaller inputs with which a model runs in seconds, and runs the same operations."""

from __future__ import annotations

from math import prod

from torch import Tensor, nn

from tracer.from_torch.capture.model_call import Inputs
from tracer.from_torch.capture.pytree import map_tensors, tensors_in
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.targets.model_hints import first_layer

FLOP_BUDGET = 60e9
"""A few seconds on two CPU cores."""

ELEMENT_BUDGET = 2**27
"""Elements of the largest tensor: 512 MiB of float32."""

DIVISORS = (2, 3, 4, 6, 8, 12, 16, 32)
CHANNEL_DIMENSIONS = 2
"""The dimensions of an image before its sizes: batch and channels."""


def within_budget(
    model: nn.Module, inputs: Inputs, recording: Recording
) -> tuple[Inputs, Recording]:
    """Return inputs for which a real run takes seconds, and a recording with them.

    Args:
        model: The model.
        inputs: The inputs that were asked for.
        recording: A recording with these inputs.

    Returns:
        The given inputs if they are quick enough, otherwise images divided by the smallest divisor
        for which they are. A size at which the model fails or runs other operations is skipped:
        it would verify something else.
    """
    layer = first_layer(model)
    dimensions = layer.dimensions if layer else 2
    best = inputs, recording
    for divisor in DIVISORS:
        if is_quick(best[1]):
            break
        smaller = _divide_images(inputs, dimensions, divisor)
        if smaller is not None:
            trial = record(model, smaller, lines=False, graph=True)
            if trial.error is None and _operations(trial) == _operations(recording):
                best = smaller, trial
    return best


def is_quick(recording: Recording) -> bool:
    """Whether a real run of what was recorded takes seconds."""
    elements = (prod(map(int, value.shape)) for op in recording.operations for value in op.writes)
    flops = sum(op.flops or 0 for op in recording.operations)
    return flops <= FLOP_BUDGET and max(elements, default=0) <= ELEMENT_BUDGET


def _divide_images(inputs: Inputs, dimensions: int, divisor: int) -> Inputs | None:
    """The inputs with smaller images; None if a size is no multiple of `divisor`."""
    rank = CHANNEL_DIMENSIONS + dimensions
    images = [tensor for tensor in tensors_in(inputs) if tensor.dim() >= rank]
    sizes = [size for image in images for size in image.shape[-dimensions:]]
    if not sizes or any(size % divisor for size in sizes):
        return None

    def divided(tensor: Tensor) -> Tensor:
        if tensor.dim() < rank:
            return tensor
        for dimension in range(-dimensions, 0):
            tensor = tensor.narrow(dimension, 0, tensor.shape[dimension] // divisor)
        return tensor.contiguous()

    smaller: Inputs = map_tensors(inputs, divided)
    return smaller


def _operations(recording: Recording) -> list[tuple[str, str]]:
    return [(op.op, op.block) for op in recording.operations]
