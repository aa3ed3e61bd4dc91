"""The results of tensor operations, remembered by what their shapes depend on.

The shape, strides and dtype of a result depend on the function, on the shapes, strides, dtypes and
devices of its tensors, on its other arguments and on a few global switches. A UNet asks the same
thing again and again, and to build a tensor without data from a remembered answer is many times
cheaper than to ask torch again.

Remembered is only what was seen to be pure: the operation changed none of its arguments, and what
it returned is new memory, neither an argument nor a view of one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from tracer.from_torch.fakes import fake_tensor

PLAIN = frozenset(
    (
        *(bool, int, float, complex, str, type(None), type(...)),
        *(torch.dtype, torch.device, torch.layout, torch.memory_format),
    )
)


class Unkeyed(Exception):
    """An argument that no key can be made of: the operation is run, and not remembered."""


class Metadata(NamedTuple):
    """All that a tensor without data has."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device


def metadata_of(tensor: Tensor) -> Metadata:
    """Raises `Unkeyed` for what is more than its metadata: sparse, conjugated, a subclass."""
    if type(tensor) is not FakeTensor or tensor.layout is not torch.strided or tensor.is_conj():
        raise Unkeyed
    return Metadata(tuple(tensor.shape), tensor.stride(), tensor.dtype, tensor.device)


def switches() -> Hashable:
    """The global state that decides dtypes: autocast on either device, and the default dtype."""
    cpu, cuda = torch.is_autocast_enabled("cpu"), torch.is_autocast_enabled("cuda")
    return (
        cpu and torch.get_autocast_dtype("cpu"),
        cuda and torch.get_autocast_dtype("cuda"),
        torch.get_default_dtype(),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A remembered result, as metadata, and what the operation cost.

    `kind` is the type of the sequence that held the tensors, or None for a tensor by itself.
    """

    outputs: tuple[Metadata, ...]
    kind: Any
    flops: int | None

    def make(self, mode: FakeTensorMode) -> Any:
        tensors = [fake_tensor(*metadata, mode) for metadata in self.outputs]
        return tensors[0] if self.kind is None else self.kind(tensors)


def answer_for(result: Any, flops: int | None) -> Answer:
    """The answer that makes such a result again. Raises `Unkeyed` for a nested one."""
    if isinstance(result, Tensor):
        return Answer((metadata_of(result),), None, flops)
    if not isinstance(result, (tuple, list)) or not all(isinstance(x, Tensor) for x in result):
        raise Unkeyed
    return Answer(tuple(metadata_of(tensor) for tensor in result), type(result), flops)


class Memory:
    """Answers by key. One memory belongs to one run; its keys hold no tensors."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Answer] = {}

    def key(self, func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Hashable | None:
        """What the result of a call depends on, or None when that cannot be told."""
        try:
            return (func, _part(args), _part(kwargs), switches())
        except Unkeyed:
            return None

    def recall(self, key: Hashable | None) -> Answer | None:
        return None if key is None else self._answers.get(key)

    def keep(self, key: Hashable | None, result: Any, flops: int | None) -> None:
        """Remember the result of an operation that was seen to be pure."""
        if key is None:
            return
        try:
            self._answers[key] = answer_for(result, flops)
        except Unkeyed:
            return


def _part(item: Any) -> Hashable:
    # The type belongs to the key: 1, 1.0 and True are equal, and give different dtypes.
    kind = type(item)
    if kind is FakeTensor:
        return metadata_of(item)
    if kind in PLAIN:
        return (kind, item)
    if kind is tuple or kind is list or kind is torch.Size:
        return (kind, *[_part(element) for element in item])
    if kind is dict:
        return (*[(name, _part(element)) for name, element in item.items()],)
    if kind is slice:
        return (kind, _part(item.start), _part(item.stop), _part(item.step))
    raise Unkeyed
