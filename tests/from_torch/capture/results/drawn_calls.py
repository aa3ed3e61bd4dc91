"""Random calls of the operations whose results are known: arguments as shapes and strides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tracer.from_torch.capture.results.known_results import contiguous_stride

Drawn = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A function of torch, its arguments and keywords, with real tensors."""

FLOATS = (torch.float32, torch.float32, torch.float16, torch.float64)
DTYPES = (*FLOATS, torch.int64)
ONE_ARGUMENT = (
    *(torch.cos, Tensor.exp, torch.sin, Tensor.sqrt, torch.sigmoid, Tensor.tanh, Tensor.neg),
    *(F.gelu, F.leaky_relu, F.mish, F.relu, F.sigmoid, F.silu, F.softplus, F.tanh, torch.log),
)
TWO_ARGUMENTS = (torch.add, Tensor.sub, Tensor.mul, torch.div)


class Calls:
    """Draws calls from a source of random numbers."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._one_of = random.choice

    def draw(self) -> Drawn:
        """Return a call that may succeed or fail."""
        kinds = (
            *(self._convolution, self._product, self._normalization, self._pointwise),
            *(self._view, self._joined, self._resized, self._reduced),
        )
        return self._one_of(kinds)()

    def _size(self) -> int:
        return self._one_of((1, 2, 3, 4, 8))

    def _shape(self, *axes: int) -> list[int]:
        return [self._size() for _ in range(self._one_of(axes))]

    def _tensor(self, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.zeros(tuple(shape), dtype=dtype)

    def _permuted(self, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
        """A tensor whose axes lie in memory in any order."""
        order = list(range(len(shape)))
        if self._one_of((True, False)):
            self._random.shuffle(order)
        stride = contiguous_stride([shape[axis] for axis in order])
        strides = [stride[order.index(axis)] for axis in range(len(shape))]
        return torch.empty_strided(tuple(shape), strides, dtype=dtype).zero_()

    def _convolution(self) -> Drawn:
        axes, groups = self._one_of((1, 2, 2, 3)), self._one_of((1, 1, 2))
        features, depth = groups * self._one_of((1, 2, 4)), self._one_of((1, 2, 4))
        kernel = [self._one_of((1, 1, 2, 3, 5)) for _ in range(axes)]
        channels = depth * self._one_of((groups, groups, groups, 1))
        x = self._tensor((self._one_of((1, 2)), channels, *self._shape(axes)))
        weight = self._tensor((features, depth, *kernel))
        bias = self._one_of((None, self._tensor((features,))))
        stride = self._one_of((1, 2, (2,) * axes, (1, 3, 2)[:axes]))
        padding = self._one_of((0, 1, 2, (0, 1, 2)[:axes], "same"))
        function = (torch.conv1d, torch.conv2d, torch.conv3d)[axes - 1]
        return function, (x, weight, bias, stride, padding, self._one_of((1, 1, 2)), groups), {}

    def _product(self) -> Drawn:
        rows, depth, columns = self._size(), self._size(), self._size()
        if self._one_of((True, False)):
            x, weight = self._tensor((*self._shape(1, 2, 3), depth)), self._tensor((columns, depth))
            return F.linear, (x, weight, self._one_of((None, self._tensor((columns,))))), {}
        batch = self._size()
        left, right = self._permuted((batch, rows, depth)), self._permuted((batch, depth, columns))
        return self._one_of((torch.bmm, Tensor.bmm)), (left, right), {}

    def _normalization(self) -> Drawn:
        shape = self._shape(1, 2, 3, 4)
        if self._one_of((True, False)):
            inner = shape[-self._random.randint(1, len(shape)) :]
            weight = self._one_of((None, self._tensor(inner)))
            return F.layer_norm, (self._tensor(shape), inner), {"weight": weight, "bias": None}
        shape = [self._one_of((1, 2)), self._one_of((2, 4, 8)), *self._shape(0, 1, 2, 3)]
        affine = self._one_of((None, self._tensor(shape[1:2])))
        groups = self._one_of((1, 2, 3, 4))
        return F.group_norm, (self._tensor(shape), groups), {"weight": affine, "bias": affine}

    def _pointwise(self) -> Drawn:
        shape = self._shape(0, 1, 2, 3, 4)
        x = self._permuted(shape, self._one_of(DTYPES))
        if self._one_of((True, False)):
            return self._one_of(ONE_ARGUMENT), (x,), {}
        thinner = [self._one_of((size, 1)) for size in shape][self._one_of((0, 0, 0, 1)) :]
        other = self._one_of((self._permuted(thinner, self._one_of(DTYPES)), x, 2, 0.5, True))
        return self._one_of(TWO_ARGUMENTS), (x, other), {}

    def _view(self) -> Drawn:
        shape = self._shape(2, 3, 4)
        x, axes = self._permuted(shape, self._one_of(DTYPES)), len(shape)
        i, j = self._random.randrange(-axes, axes), self._random.randrange(-axes, axes)
        order = self._random.sample(range(axes), axes)
        half, rest = slice(None, None, 2), slice(1, None)
        arguments: tuple[Drawn, ...] = (
            *((method, (x, -1), {}) for method in (Tensor.reshape, Tensor.view)),
            *((method, (x, shape[0], -1), {}) for method in (Tensor.reshape, Tensor.view)),
            *((method, (x, i, j), {}) for method in (Tensor.transpose, torch.movedim)),
            *((method, (x, i), {}) for method in (Tensor.unsqueeze, Tensor.squeeze, torch.unbind)),
            *((method, (x,), {}) for method in (Tensor.contiguous, Tensor.t, torch.squeeze)),
            *((method, (x,), {}) for method in (Tensor.float, Tensor.half)),
            *((Tensor.__getitem__, (x, at), {}) for at in (0, (..., rest), (half, None))),
            *((Tensor.expand, (x, *sizes), {}) for sizes in ([3, *[-1] * axes], shape)),
            *((torch.split, (x, 1, i), {}), (Tensor.split, (x, 2), {"dim": i})),
            *((torch.chunk, (x, 2), {"dim": i}), (Tensor.permute, (x, *order), {})),
            *((Tensor.flatten, (x, 1), {}), (torch.flatten, (x, 0, 1), {})),
            (Tensor.contiguous, (x,), {"memory_format": torch.channels_last}),
        )
        return self._one_of(arguments)

    def _joined(self) -> Drawn:
        shape, dtype = self._shape(1, 2, 3, 4), self._one_of(DTYPES)
        axis = self._random.randrange(len(shape))
        if self._one_of((True, False)):
            return torch.stack, ([self._tensor(shape), self._tensor(shape)], axis), {}
        longer = [size + (self._size() if i == axis else 0) for i, size in enumerate(shape)]
        parts = [self._tensor(shape, dtype), self._tensor(longer, self._one_of((dtype, *FLOATS)))]
        return torch.cat, (parts,), {"dim": self._one_of((axis, axis - len(shape)))}

    def _resized(self) -> Drawn:
        axes = self._one_of((1, 2, 2, 3))
        x = self._tensor((self._one_of((1, 2)), self._one_of((1, 4)), *self._shape(axes)))
        smooth = ("linear", "bilinear", "trilinear")[axes - 1]
        mode = self._one_of(("nearest", "nearest-exact", smooth))
        scale = {"scale_factor": self._one_of((2, 2.0, 1.5, 0.5)), "mode": mode}
        calls: tuple[Drawn, ...] = (
            (F.interpolate, (x,), scale),
            (F.interpolate, (x,), {"size": self._shape(axes), "mode": mode}),
            (F.pad, (x, [self._one_of((0, 1, 2)) for _ in range(2 * axes)]), {}),
            (F.pad, (x, (1, 0) * axes, "reflect"), {}),
            (F.avg_pool2d, (x, 2), {}),
            (torch.max_pool2d, (x, 3, 2, 1), {}),
        )
        return self._one_of(calls)

    def _reduced(self) -> Drawn:
        shape = self._shape(1, 2, 3, 4)
        x, axis = self._tensor(shape, self._one_of(DTYPES)), self._random.randrange(len(shape))
        calls: tuple[Drawn, ...] = (
            *((one, (x,), {}) for one in (Tensor.mean, torch.sum)),
            (torch.mean, (x, axis), {"keepdim": True}),
            *((one, (x, axis), {}) for one in (F.softmax, torch.softmax, Tensor.sum)),
            (Tensor.softmax, (x, axis), {"dtype": torch.float64}),
        )
        return self._one_of(calls)
