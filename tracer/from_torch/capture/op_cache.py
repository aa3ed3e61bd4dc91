"""A cache of the results of tensor operations, by what their shapes depend on.

The shape, strides and dtype of a result depend on the function, on the shapes, strides, dtypes and
devices of its tensors, on its other arguments and on a few global modes. A UNet repeats the same
operations many times, and building a tensor without data from a cached result is far cheaper than
dispatching the operation again.

Only operations that change none of their arguments are cached. Each result is one of three things:
new memory, a view of one argument, or one argument itself. The cached result says which, so that a
cached view shares memory with the argument of the current call.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tracer.from_torch.capture.global_modes import autocast_state
from tracer.from_torch.capture.pytree import PyTree
from tracer.from_torch.capture.recorded_op import Arguments, Keywords, TorchFunction
from tracer.from_torch.capture.tensor_source import METADATA, FakeTensors, Metadata
from tracer.from_torch.capture.value_table import storage_of
from tracer.from_torch.private_torch import FakeTensor

HASHABLE_TYPES = frozenset(
    (
        *(bool, int, float, complex, str, type(None), type(...)),
        *(torch.dtype, torch.device, torch.layout, torch.memory_format),
    )
)


class UncacheableError(Exception):
    """The operation cannot be cached: an argument or a result is more than its metadata."""


def metadata_of(tensor: Tensor) -> Metadata:
    """Return the metadata of a fake tensor.

    Raises:
        UncacheableError: It has more than that: a known value, a sparse layout, complex numbers.
    """
    if type(tensor) is not FakeTensor or tensor.constant is not None:
        raise UncacheableError
    known: Metadata | None = tensor.__dict__.get(METADATA)
    if known is not None:
        return known
    dtype = tensor.dtype
    if tensor.layout is not torch.strided or dtype.is_complex:
        raise UncacheableError
    return Metadata(tensor.shape, tensor.stride(), dtype, tensor.fake_device)


@dataclass(frozen=True, slots=True)
class NewTensor:
    """A result in new memory."""

    metadata: Metadata

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Tensor:
        return fakes.empty(self.metadata)


@dataclass(frozen=True, slots=True)
class ViewOfArgument:
    """A view of one argument that begins `offset` elements after the argument does."""

    metadata: Metadata
    argument: int
    offset: int

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Tensor:
        return fakes.view(arguments[self.argument], self.metadata, self.offset)


@dataclass(frozen=True, slots=True)
class SameArgument:
    """A result that is one of the arguments."""

    argument: int

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Tensor:
        return arguments[self.argument]


ResultSpec = NewTensor | ViewOfArgument | SameArgument


@dataclass(frozen=True, slots=True)
class CachedResult:
    """A cached result, and the FLOPs of the operation."""

    parts: tuple[ResultSpec, ...]
    sequence_type: Any
    """The type of the sequence that holds the tensors, or None for a single tensor."""
    flops: int | None
    makes_tensors: bool
    """Whether any of the tensors is not just an argument."""
    shared_argument: int | None
    """The argument whose memory the first tensor shares."""

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Any:
        tensors = [part.make(arguments, fakes) for part in self.parts]
        return tensors[0] if self.sequence_type is None else self.sequence_type(tensors)


def to_cached(result: PyTree, arguments: Sequence[Tensor], flops: int | None) -> CachedResult:
    """Return how to make the result of a call again.

    Args:
        result: What the call returned: a tensor, or a tuple or list of tensors.
        arguments: The tensors among its arguments.
        flops: What it cost.

    Raises:
        UncacheableError: The result cannot be made again from other arguments like these.
    """
    alone = isinstance(result, Tensor)
    results = (result,) if alone else result
    if not isinstance(results, (tuple, list)) or not all(isinstance(x, Tensor) for x in results):
        raise UncacheableError
    parts = tuple(_spec_of(tensor, arguments) for tensor in results)
    new = [
        storage_of(x) for x, part in zip(results, parts, strict=True) if isinstance(part, NewTensor)
    ]
    if len(set(new)) < len(new):
        raise UncacheableError  # two views of the same new memory
    makes_tensors = not all(isinstance(part, SameArgument) for part in parts)
    shared = None if not parts or isinstance(parts[0], NewTensor) else parts[0].argument
    return CachedResult(parts, None if alone else type(result), flops, makes_tensors, shared)


def _spec_of(tensor: Tensor, arguments: Sequence[Tensor]) -> ResultSpec:
    metadata = metadata_of(tensor)
    sharing = [i for i, other in enumerate(arguments) if storage_of(other) == storage_of(tensor)]
    if not sharing:
        return NewTensor(metadata)
    if len(sharing) > 1:
        raise UncacheableError  # the next call may share memory with another one of them
    base = arguments[sharing[0]]
    if tensor is base:
        return SameArgument(sharing[0])
    if tensor.dtype != base.dtype:
        raise UncacheableError
    return ViewOfArgument(
        metadata, sharing[0], int(tensor.storage_offset() - base.storage_offset())
    )


class OpCache:
    """Results by key. A key holds no tensors, so the cache may outlive a run and serve the next."""

    LIMIT = 100_000
    """The most results that are held: about 100 MB, far more than any one model needs."""

    def __init__(self) -> None:
        self._results: dict[Hashable, CachedResult] = {}

    def key(self, func: TorchFunction, args: Arguments, kwargs: Keywords) -> Hashable | None:
        """Return all that the result of a call depends on, or None if it cannot be cached.

        The result of a function outside torch may depend on anything, and a cached result has no
        gradient.
        """
        module = getattr(func, "__module__", None) or "torch"  # the methods of Tensor have none
        if not module.startswith("torch") or torch.is_grad_enabled():
            return None
        try:
            dtype = torch.get_default_dtype()
            return (func, _key_of(args), _key_of(kwargs), autocast_state(), dtype)
        except UncacheableError:
            return None

    def get(self, key: Hashable | None) -> CachedResult | None:
        """Return the cached result, or None."""
        return None if key is None else self._results.get(key)

    def put(
        self, key: Hashable | None, result: PyTree, arguments: Sequence[Tensor], flops: int | None
    ) -> None:
        """Caches the result of an operation that changed none of its arguments, if possible."""
        if key is None:
            return
        if len(self._results) >= self.LIMIT:
            self._results.clear()
        try:
            self._results[key] = to_cached(result, arguments, flops)
        except UncacheableError:
            return


def _key_of(item: PyTree) -> Hashable:
    # The type is part of the key: 1, 1.0 and True are equal, and give different dtypes.
    item_type = type(item)
    if item_type is FakeTensor:
        return metadata_of(item)
    if item_type in HASHABLE_TYPES:
        return (item_type, item)
    if item_type is tuple or item_type is list or item_type is torch.Size:
        return (item_type, *[_key_of(element) for element in item])
    if item_type is dict:
        return (*[(name, _key_of(element)) for name, element in item.items()],)
    if item_type is slice:
        return (item_type, _key_of(item.start), _key_of(item.stop), _key_of(item.step))
    raise UncacheableError


OP_CACHE = OpCache()
"""The cache of this process."""
