"""The shapes and FLOPs of operations that follow a rule: convolutions, products, normalizations.

A rule is a function with the arguments of the operation, on contiguous tensors of one type of
floating-point numbers. Where it does not apply, and where the operation would fail, it returns None
or raises ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Size, Tensor

from tracer.from_torch.capture.recorded_op import TorchFunction
from tracer.from_torch.private_torch import flop_registry

Answer: TypeAlias = tuple[Sequence[int], int | None] | None
"""The shape of the result, and the FLOPs; None where the rule has no answer."""
ShapeRule = Callable[..., Answer]
Sizes: TypeAlias = int | Sequence[int]
"""One number for all axes, or one for each."""


def _convolution(axes: int) -> ShapeRule:
    def rule(  # noqa: PLR0913, PLR0917 - the arguments of `torch.conv2d`
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
    ) -> Answer:
        if not x.dim() == weight.dim() == axes + 2 or isinstance(padding, str):
            return None
        (batch, channels, *sizes), (features, depth, *kernel) = x.shape, weight.shape
        if channels != depth * groups or features % groups or not _fits(bias, features):
            return None
        steps, pads, gaps = (_per_axis(one, axes) for one in (stride, padding, dilation))
        reach = [gap * (size - 1) for gap, size in zip(gaps, kernel, strict=True)]
        padded = [size + 2 * pad for size, pad in zip(sizes, pads, strict=True)]
        room = [size - far - 1 for size, far in zip(padded, reach, strict=True)]
        if min(room) < 0 or min(*steps, *gaps) < 1 or min(pads) < 0:
            return None
        after = [size // step + 1 for size, step in zip(room, steps, strict=True)]
        shape = Size((batch, features, *after))
        formula = flop_registry[torch.ops.aten.convolution]
        return shape, int(formula(x.shape, weight.shape, None, 0, 0, 0, False, out_val=shape))

    return rule


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Answer:
    features, depth = weight.shape
    rows = x.shape[:-1]
    if not rows or x.shape[-1] != depth or not _fits(bias, features):
        return None
    shape = (*rows, features)
    return shape, _product_flops(math.prod(rows), depth, features)


def _batched_product(left: Tensor, right: Tensor) -> Answer:
    (batch, rows, depth), (other_batch, other_depth, columns) = left.shape, right.shape
    if batch != other_batch or depth != other_depth:
        return None
    return (batch, rows, columns), batch * _product_flops(rows, depth, columns)


def _group_norm(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Answer:
    batch, channels = x.shape[:2]
    if groups < 1 or channels % groups:
        return None
    has_variance = x.numel() > batch * groups or batch * channels > groups
    if not (has_variance and _fits(weight, channels) and _fits(bias, channels)):
        return None
    return x.shape, None


def _layer_norm(
    x: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Answer:
    inner = tuple(normalized_shape)
    if not inner or x.shape[x.dim() - len(inner) :] != inner:
        return None
    return (x.shape, None) if _fits(weight, *inner) and _fits(bias, *inner) else None


def _fits(parameter: Tensor | None, *shape: int) -> bool:
    return parameter is None or parameter.shape == shape


def _per_axis(sizes: Any, axes: int) -> Sequence[int]:
    """One size for each axis.

    Raises:
        ValueError: There is another number of sizes.
    """
    if isinstance(sizes, int):
        return (sizes,) * axes
    if len(sizes) == 1:
        return tuple(sizes) * axes
    if len(sizes) != axes:
        raise ValueError
    return tuple(sizes)


def _product_flops(rows: int, depth: int, columns: int) -> int:
    formula = flop_registry[torch.ops.aten.mm]
    left, right, result = Size((rows, depth)), Size((depth, columns)), Size((rows, columns))
    return int(formula(left, right, out_val=result))


SHAPE_RULES: dict[TorchFunction, ShapeRule] = {
    torch.conv1d: _convolution(1),
    torch.conv2d: _convolution(2),
    torch.conv3d: _convolution(3),
    F.linear: _linear,
    torch.bmm: _batched_product,
    Tensor.bmm: _batched_product,
    F.group_norm: _group_norm,
    F.layer_norm: _layer_norm,
}
"""The rule of each function of torch that has one."""
ANY_LAYOUT = frozenset((torch.bmm, Tensor.bmm))
"""Those whose result is contiguous whatever the arguments are."""
