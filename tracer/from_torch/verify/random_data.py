"""Random weights and inputs to verify a graph with.

Many models end in a convolution of zeros, and comparing 0 with 0 proves nothing. So every weight
gets random numbers.
"""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError
from tracer.from_torch.capture.model_call import Inputs
from tracer.from_torch.capture.pytree import map_tensors, tensors_in

NOISE = 0.1
"""The standard deviation of what is added to scales and shifts, which are near 1 and 0."""

TIMESTEPS = 1000
"""Integer inputs stay below this: most of them are timesteps, of which most models have 1000."""


def randomize_weights(model: nn.Module) -> None:
    """Gives every parameter of a model random numbers; one on ``meta`` moves to the CPU first.

    Weights with two or more dimensions are scaled so that activations keep their size.

    Args:
        model: The model, which is changed.

    Raises:
        TraceError: The model holds a tensor on ``meta`` that is no parameter and no buffer.
    """
    if any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers())):
        _materialize(model)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.is_floating_point() or parameter.is_complex():
                parameter.copy_(_random_weight(parameter))


def _random_weight(parameter: Tensor) -> Tensor:
    wide = parameter.to(torch.complex64 if parameter.is_complex() else torch.float32)
    noise = torch.randn_like(wide)
    if parameter.dim() < 2:  # noqa: PLR2004 - (C,): a scale or a shift
        return wide + NOISE * noise
    return noise.div(prod(parameter.shape[1:]) ** 0.5)


def _materialize(model: nn.Module) -> None:
    model.to_empty(device="cpu")
    for path, module in model.named_modules():
        attributes = {**vars(module), "_parameters": None, "_buffers": None}
        for name, attribute in attributes.items():
            if any(tensor.is_meta for tensor in tensors_in(attribute)):
                raise TraceError(
                    f"{path}.{name} is a tensor without data, and neither a parameter nor a "
                    "buffer, so it cannot be given numbers: build the model without `meta`."
                )
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            reset()


def random_inputs(model: nn.Module, inputs: Inputs) -> Any:
    """Return the same inputs with random numbers; integers that have data keep it.

    Integers without data are below 1000, and below the size of every embedding of the model.
    Floating-point scalars and vectors are positive, because noise levels are.

    Args:
        model: The model.
        inputs: Its inputs, in any nesting.
    """
    embeddings = [m.num_embeddings for m in model.modules() if isinstance(m, nn.Embedding)]
    limit = min([TIMESTEPS, *embeddings])
    return map_tensors(inputs, lambda tensor: _random_input(tensor, limit))


def _random_input(tensor: Tensor, limit: int) -> Tensor:
    shape, dtype = tensor.shape, tensor.dtype
    if tensor.is_complex():
        return torch.randn(shape, dtype=torch.complex64).to(dtype)
    if tensor.is_floating_point():
        numbers = torch.randn(shape) if tensor.dim() > 1 else torch.rand(shape) + NOISE
        return numbers.to(dtype)
    if not tensor.is_meta:
        return tensor.clone()
    if dtype is torch.bool:
        return torch.ones(shape, dtype=dtype)
    return torch.randint(0, limit, shape).to(dtype)


def cloned(inputs: Inputs) -> Any:
    """Return the same inputs in other memory, because a model may change them in place."""
    return map_tensors(inputs, torch.clone)
