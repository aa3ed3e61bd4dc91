"""The result of an operation, as it is made again from other arguments like those it had.

Each tensor of a result is one of three things: new memory, a view of one argument, or one argument
itself. The cached result says which, so that a view shares memory with the argument of the current
call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tracer.from_torch.capture.pytree import PyTree
from tracer.from_torch.capture.tensor_source import METADATA, FakeTensors, Metadata
from tracer.from_torch.capture.value_table import storage_of
from tracer.from_torch.private_torch import FakeTensor


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

    @property
    def is_empty(self) -> bool:
        """Whether a tensor that is made has no elements."""
        made = (part for part in self.parts if not isinstance(part, SameArgument))
        return any(0 in part.metadata.shape for part in made)

    def make(self, arguments: Sequence[Tensor], fakes: FakeTensors) -> Any:
        tensors = [part.make(arguments, fakes) for part in self.parts]
        return tensors[0] if self.sequence_type is None else self.sequence_type(tensors)


def to_cached(
    result: PyTree,
    arguments: Sequence[Tensor],
    flops: int | None,
    describe: Callable[[Tensor], Metadata] = metadata_of,
) -> CachedResult:
    """Return how to make the result of a call again.

    Args:
        result: What the call returned: a tensor, or a tuple or list of tensors.
        arguments: The tensors among its arguments.
        flops: What it cost.
        describe: Returns the metadata of one of these tensors.

    Raises:
        UncacheableError: The result cannot be made again from other arguments like these.
    """
    alone = isinstance(result, Tensor)
    results = (result,) if alone else result
    if not isinstance(results, (tuple, list)) or not all(isinstance(x, Tensor) for x in results):
        raise UncacheableError
    parts = tuple(_spec_of(tensor, arguments, describe) for tensor in results)
    new = [
        storage_of(x) for x, part in zip(results, parts, strict=True) if isinstance(part, NewTensor)
    ]
    if len(set(new)) < len(new):
        raise UncacheableError  # two views of the same new memory
    makes_tensors = not all(isinstance(part, SameArgument) for part in parts)
    shared = None if not parts or isinstance(parts[0], NewTensor) else parts[0].argument
    return CachedResult(parts, None if alone else type(result), flops, makes_tensors, shared)


def _spec_of(
    tensor: Tensor, arguments: Sequence[Tensor], describe: Callable[[Tensor], Metadata]
) -> ResultSpec:
    metadata = describe(tensor)
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
