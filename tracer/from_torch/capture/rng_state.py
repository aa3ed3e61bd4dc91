"""Numbers for a proof: weights and inputs that are random, and the same each time.

Many models end in a convolution of zeros, and 0 equals 0; so no weight stays what it was.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError
from tracer.from_torch.capture.pytree import map_tensors, tensors_in

SEED = 0
NOISE = 0.1
"""The spread of what is added to scales and shifts, which are near 1 and 0 as a rule."""

STEPS = 1000
"""Whole numbers stay below: they are timesteps mostly, and models know 1000 of those."""


@contextmanager
def same_randomness() -> Iterator[None]:
    """Inside, all random numbers are the same each time; outside, nothing has been drawn."""
    numpy = sys.modules.get("numpy")
    with kept_randomness():
        torch.manual_seed(SEED)
        random.seed(SEED)
        if numpy:
            numpy.random.seed(SEED)
        yield


@contextmanager
def kept_randomness() -> Iterator[None]:
    """Outside, the random numbers of torch, Python and NumPy go on as if nothing had been drawn."""
    numpy = sys.modules.get("numpy")
    before = random.getstate(), numpy and numpy.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(before[0])
        if numpy:
            numpy.random.set_state(before[1])


def randomise(model: nn.Module) -> None:
    """Give every parameter of a model random numbers; one on ``meta`` is put on the CPU first.

    Weights of two and more dimensions are as wide as keeps the numbers of a network at one size.
    Raises TraceError for a model that holds tensors on ``meta`` which nothing could fill.
    """
    if any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers())):
        _materialise(model)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.is_floating_point() or parameter.is_complex():
                parameter.copy_(_near(parameter))


def _near(parameter: Tensor) -> Tensor:
    wide = parameter.to(torch.complex64 if parameter.is_complex() else torch.float32)
    noise = torch.randn_like(wide)
    if parameter.dim() < 2:  # noqa: PLR2004 - (C,): a scale or a shift
        return wide + NOISE * noise
    return noise.div(prod(parameter.shape[1:]) ** 0.5)


def _materialise(model: nn.Module) -> None:
    model.to_empty(device="cpu")
    for path, module in model.named_modules():
        kept = {**vars(module), "_parameters": None, "_buffers": None}
        for name, item in kept.items():
            if any(tensor.is_meta for tensor in tensors_in(item)):
                raise TraceError(
                    f"{path}.{name} is a tensor without data, and neither a parameter nor a "
                    "buffer, so nothing tells its numbers: build the model without `meta`."
                )
        reset = getattr(module, "reset_parameters", None)
        if callable(reset):
            reset()


def random_inputs(model: nn.Module, inputs: Any) -> Any:
    """The same inputs with random numbers; whole numbers that are there already stay.

    Whole numbers that are not there are below 1000, and below the length of every table that the
    model looks up. Numbers by themselves or in a row are above 0, for noise levels are.
    """
    tables = [m.num_embeddings for m in model.modules() if isinstance(m, nn.Embedding)]
    highest = min([STEPS, *tables])
    return map_tensors(inputs, lambda tensor: _random(tensor, highest))


def _random(tensor: Tensor, highest: int) -> Tensor:
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
    return torch.randint(0, highest, shape).to(dtype)


def copied(inputs: Any) -> Any:
    """The same inputs in other memory, for a model may change them in place."""
    return map_tensors(inputs, torch.clone)


def call(function: Any, inputs: Any) -> Any:
    """Call a model or its graph."""
    if isinstance(inputs, Mapping):
        return function(**inputs)
    return function(inputs) if isinstance(inputs, Tensor) else function(*inputs)
