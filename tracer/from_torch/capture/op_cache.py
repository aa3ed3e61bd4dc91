"""The results of tensor operations, remembered by what their shapes depend on.

The shape, strides and dtype of a result depend on the function, on the shapes, strides, dtypes and
devices of its tensors, on its other arguments and on a few global switches. A UNet asks the same
thing again and again, and to build a tensor without data from a remembered answer is many times
cheaper than to ask torch again.

Remembered is only what was seen to change none of its arguments, and of which each result is one of
three things: new memory, a view of one argument, or one argument itself. The answer says which, so
that a remembered view shares memory with the tensor that it views this time.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from tracer.from_torch.capture.fake_tensors import FakeTensors
from tracer.from_torch.capture.global_modes import autocast
from tracer.from_torch.capture.value_table import storage_of

HASHABLE_TYPES = frozenset(
    (
        *(bool, int, float, complex, str, type(None), type(...)),
        *(torch.dtype, torch.device, torch.layout, torch.memory_format),
    )
)


class UncacheableError(Exception):
    """An argument that no key can be made of: the operation is run, and not remembered."""


class Metadata(NamedTuple):
    """All that a tensor without data has."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device


def metadata_of(tensor: Tensor) -> Metadata:
    """Raises `UnkeyedError` for what is more than that: a known number, sparse, complex."""
    if type(tensor) is not FakeTensor or tensor.constant is not None:
        raise UncacheableError
    dtype = tensor.dtype
    if tensor.layout is not torch.strided or dtype.is_complex:
        raise UncacheableError
    return Metadata(tensor.shape, tensor.stride(), dtype, tensor.fake_device)


@dataclass(frozen=True, slots=True)
class NewTensor:
    """A result in memory of its own."""

    metadata: Metadata

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Tensor:
        return fakes.new(*self.metadata)


@dataclass(frozen=True, slots=True)
class ViewOfArgument:
    """A result that shows the memory of one argument, from `offset` elements behind its start."""

    metadata: Metadata
    argument: int
    offset: int

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Tensor:
        shape, stride, _, _ = self.metadata
        return fakes.view(arguments[self.argument], shape, stride, self.offset)


@dataclass(frozen=True, slots=True)
class SameArgument:
    """A result that is an argument, handed back."""

    argument: int

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Tensor:
        return arguments[self.argument]


ResultSpec = NewTensor | ViewOfArgument | SameArgument


@dataclass(frozen=True, slots=True)
class CachedResult:
    """A remembered result and what the operation cost.

    `kind` is the type of the sequence that held the tensors, or None for a tensor by itself.
    `makes_tensors` tells whether any was not just handed back, and `shown` is the argument in whose
    memory the first of them lies.
    """

    parts: tuple[ResultSpec, ...]
    kind: Any
    flops: int | None
    makes_tensors: bool
    shown: int | None

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Any:
        tensors = [part.make(arguments, fakes) for part in self.parts]
        return tensors[0] if self.kind is None else self.kind(tensors)


def answer_for(result: Any, arguments: Sequence[Tensor], flops: int | None) -> CachedResult:
    """The answer that makes such a result again. Raises `UnkeyedError` if none is sound."""
    alone = isinstance(result, Tensor)
    results = (result,) if alone else result
    if not isinstance(results, (tuple, list)) or not all(isinstance(x, Tensor) for x in results):
        raise UncacheableError
    parts = tuple(_part_of(tensor, arguments) for tensor in results)
    new = [
        storage_of(x) for x, part in zip(results, parts, strict=True) if isinstance(part, NewTensor)
    ]
    if len(set(new)) < len(new):
        raise UncacheableError  # two views of memory that is no argument's
    makes_tensors = not all(isinstance(part, SameArgument) for part in parts)
    shown = None if not parts or isinstance(parts[0], NewTensor) else parts[0].argument
    return CachedResult(parts, None if alone else type(result), flops, makes_tensors, shown)


def _part_of(tensor: Tensor, arguments: Sequence[Tensor]) -> ResultSpec:
    metadata = metadata_of(tensor)
    sharing = [i for i, other in enumerate(arguments) if storage_of(other) == storage_of(tensor)]
    if not sharing:
        return NewTensor(metadata)
    if len(sharing) > 1:
        raise UncacheableError  # which of them it shows could differ the next time
    base = arguments[sharing[0]]
    if tensor is base:
        return SameArgument(sharing[0])
    if tensor.dtype != base.dtype:
        raise UncacheableError
    return ViewOfArgument(
        metadata, sharing[0], int(tensor.storage_offset() - base.storage_offset())
    )


class OpCache:
    """Answers by key. A key holds no tensors, so a memory may outlive a run, and serve the next."""

    LIMIT = 100_000
    """Answers kept at most: some 100 MB, far more than any one model needs."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, CachedResult] = {}

    def key(self, func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Hashable | None:
        """What the result of a call depends on, or None when that cannot be told.

        A function that is not torch's own may look at anything, and a remembered result has no
        gradient.
        """
        module = getattr(func, "__module__", None) or "torch"  # the methods of Tensor have none
        if not module.startswith("torch") or torch.is_grad_enabled():
            return None
        try:
            return (func, _part(args), _part(kwargs), autocast(), torch.get_default_dtype())
        except UncacheableError:
            return None

    def recall(self, key: Hashable | None) -> CachedResult | None:
        return None if key is None else self._answers.get(key)

    def keep(
        self, key: Hashable | None, result: Any, arguments: Sequence[Tensor], flops: int | None
    ) -> None:
        """Remember the result of an operation that was seen to change none of its arguments."""
        if key is None:
            return
        if len(self._answers) >= self.LIMIT:
            self._answers.clear()
        try:
            self._answers[key] = answer_for(result, arguments, flops)
        except UncacheableError:
            return


def _part(item: Any) -> Hashable:
    # The type belongs to the key: 1, 1.0 and True are equal, and give different dtypes.
    kind = type(item)
    if kind is FakeTensor:
        return metadata_of(item)
    if kind in HASHABLE_TYPES:
        return (kind, item)
    if kind is tuple or kind is list or kind is torch.Size:
        return (kind, *[_part(element) for element in item])
    if kind is dict:
        return (*[(name, _part(element)) for name, element in item.items()],)
    if kind is slice:
        return (kind, _part(item.start), _part(item.stop), _part(item.step))
    raise UncacheableError


OP_CACHE = OpCache()
"""The memory of this process."""
