"""The results of common operations, without a fake tensor being asked.

A fake tensor answers anything, and takes about a millisecond for each new shape: it decomposes the
operation, chooses an algorithm for a device, and asks Python functions that check their arguments.
The first ones also make torch import packages that nothing here needs. Most operations of a UNet
are plainer than that. Some have a rule (`shape_rules.py`). Others only move, join or combine
numbers, which is the same on every device: tensors on ``meta`` answer it in C++.

Only what is certain is answered: other functions, arguments and memory layouts are left to the fake
tensors, and so is all that fails, because they raise the error of the operation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tracer.from_torch.capture.global_modes import autocast_state
from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.capture.recorded_op import TorchCall, TorchFunction
from tracer.from_torch.capture.results.cached_result import (
    CachedResult,
    NewTensor,
    UncacheableError,
    metadata_of,
    to_cached,
)
from tracer.from_torch.capture.results.shape_rules import ANY_LAYOUT, SHAPE_RULES
from tracer.from_torch.capture.tensor_source import Metadata
from tracer.from_torch.private_torch import DisableTorchDispatch, DisableTorchFunction

INDEX_TYPES = frozenset((bool, int, float, str, type(None), type(...), torch.dtype))


def _both(*names: str) -> set[TorchFunction]:
    """Functions of torch that are methods of tensors as well."""
    return {getattr(owner, name) for owner in (torch, Tensor) for name in names}


REARRANGEMENTS = frozenset(
    {
        *_both("chunk", "flatten", "movedim", "narrow", "permute", "reshape", "select", "split"),
        *_both("squeeze", "swapaxes", "t", "transpose", "unbind", "unflatten", "unsqueeze"),
        *(Tensor.contiguous, Tensor.expand, Tensor.view, Tensor.__getitem__),
        *(Tensor.double, Tensor.float, Tensor.half, Tensor.bfloat16),
    }
)
"""Functions of one tensor: another shape, order or type of its numbers, or some of them."""

POINTWISE = frozenset(
    {
        *_both("add", "clamp", "cos", "div", "exp", "log", "mul", "neg", "pow", "relu", "rsqrt"),
        *_both("sigmoid", "sin", "sqrt", "sub", "tanh"),
        *(F.gelu, F.leaky_relu, F.mish, F.relu, F.sigmoid, F.silu, F.softplus, F.tanh),
    }
)
"""Functions that compute each number of the result from the numbers at one place."""

COMBINATIONS = frozenset(
    {
        *_both("mean", "softmax", "sum"),
        *(F.avg_pool2d, F.interpolate, F.pad, F.softmax, torch.cat, torch.max_pool2d, torch.stack),
    }
)
"""Other functions that compute new tensors, which are contiguous where the arguments are."""


def known_result(call: TorchCall) -> CachedResult | None:
    """Return what a call comes to, or None if only the operation itself can tell.

    The call has a key in the cache: all its tensors are fake, and gradients are off.
    """
    func = call.func
    if not any(func in known for known in (SHAPE_RULES, REARRANGEMENTS, POINTWISE, COMBINATIONS)):
        return None
    if "out" in call.kwargs or call.kwargs.get("inplace") or any(autocast_state()):
        return None
    with suppress(Exception):  # the operation raises its own error, for its own reasons
        tensors = [metadata_of(tensor) for tensor in call.tensors]
        if len({tensor.device for tensor in tensors}) == 1:
            return _known(call, tensors)
    return None


def _known(call: TorchCall, tensors: Sequence[Metadata]) -> CachedResult | None:
    func = call.func
    if func in REARRANGEMENTS:
        return _on_meta(call, tensors) if _has_plain_arguments(call) else None
    if not (func in POINTWISE or func in ANY_LAYOUT or all(map(_is_contiguous, tensors))):
        return None
    has_integers = not all(tensor.dtype.is_floating_point for tensor in tensors)
    if has_integers or any(type(argument) is bool for argument in call.args):
        return None  # which kernels there are for them differs from device to device
    result = _by_rule(call, tensors) if func in SHAPE_RULES else _on_meta(call, tensors)
    return None if result is None or result.is_empty else result


def _by_rule(call: TorchCall, tensors: Sequence[Metadata]) -> CachedResult | None:
    first = tensors[0]
    if any(tensor.dtype is not first.dtype for tensor in tensors):
        return None
    answer = SHAPE_RULES[call.func](*call.args, **call.kwargs)
    if answer is None:
        return None
    shape, flops = torch.Size(answer[0]), answer[1]
    result = Metadata(shape, contiguous_stride(shape), first.dtype, first.device)
    return CachedResult((NewTensor(result),), None, flops, makes_tensors=True, shared_argument=None)


def _on_meta(call: TorchCall, tensors: Sequence[Metadata]) -> CachedResult:
    """Run a call on tensors on ``meta``, unseen by the modes of the run."""
    device = tensors[0].device
    with DisableTorchDispatch(), DisableTorchFunction():
        metas = [
            torch.empty_strided(one.shape, one.stride, dtype=one.dtype, device="meta")
            for one in tensors
        ]
        by_id = dict(zip(map(id, call.tensors), metas, strict=True))
        args, kwargs = map_tensors((call.args, call.kwargs), lambda tensor: by_id[id(tensor)])
        result = call.func(*args, **kwargs)
        if any(one._version for one in metas):
            raise UncacheableError  # changed in place
        return to_cached(
            result,
            list(by_id.values()),
            None,
            lambda one: Metadata(one.shape, one.stride(), one.dtype, device),
        )


def _has_plain_arguments(call: TorchCall) -> bool:
    """Whether the arguments beside the first, a tensor, are numbers, and nothing that selects."""
    return len(call.tensors) == 1 and _is_plain((*call.args[1:], *call.kwargs.values()))


def _is_plain(item: Any) -> bool:
    if isinstance(item, slice):
        return _is_plain((item.start, item.stop, item.step))
    return all(map(_is_plain, item)) if type(item) is tuple else type(item) in INDEX_TYPES


def _is_contiguous(tensor: Metadata) -> bool:
    return tensor.stride == contiguous_stride(tensor.shape)


def contiguous_stride(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of a contiguous tensor.

    >>> contiguous_stride((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(math.prod(max(size, 1) for size in shape[i + 1 :]) for i in range(len(shape)))
