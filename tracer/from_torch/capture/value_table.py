"""Which value each tensor of a run holds now, and which node of the graph gives that tensor.

A tensor that is changed in place, or a view of it, holds another value from then on: the data flow
of the trace follows the values, the replay of the graph follows the tensors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from tracer.record import Value


class ValueTable:
    """The tensors seen so far. They are kept alive, for an id is unique only while its owner is."""

    def __init__(self) -> None:
        self.nodes: dict[int, Any] = {}
        """By the id of a tensor, what the writer calls a node."""
        self.weights: set[int] = set()
        """The ids of the tensors that do not flow: parameters, buffers, constants."""
        self.renewed = 0
        """How often a tensor that had a value got another one."""
        self._current: dict[int, Value] = {}
        self._names: dict[str, int] = {}
        self._alive: list[Tensor] = []
        self._by_storage: dict[int, Tensor] = {}
        """The first tensor in each memory, of those in `_alive` that were looked through so far."""
        self._looked_through = 0
        self._changes: dict[int, list[InPlaceChange]] = {}
        """By the memory that was changed in place, the changes."""
        self._followed: dict[int, int] = {}
        """By the id of a tensor, how many changes of its memory its value follows."""

    def add(self, tensor: Tensor, node: Any, name: str, *, weight: bool = False) -> Value:
        """`tensor` exists from now on; `node` gives it, and `name` is the name of its value."""
        self._alive.append(tensor)
        if self._changes:
            self._followed[id(tensor)] = len(self._changes.get(storage_of(tensor), ()))
        self.nodes[id(tensor)] = node
        if weight:
            self.weights.add(id(tensor))
        return self._name(tensor, name)

    def release(self) -> None:
        """Keep no tensor alive any longer: the run is over, and none is looked up after it."""
        self._alive.clear()
        self._by_storage.clear()

    def _name(self, tensor: Tensor, name: str) -> Value:
        # A buffer may be called like an operation, or like an input.
        taken = self._names.get(name, 0)
        self._names[name] = taken + 1
        if taken:
            name = f"{name}#{taken + 1}"
        value = Value(name, tuple(tensor.shape), dtype_name(tensor.dtype))
        self.renewed += id(tensor) in self._current
        self._current[id(tensor)] = value
        return value

    def __contains__(self, tensor: Tensor) -> bool:
        return id(tensor) in self.nodes

    def of(self, tensor: Tensor) -> Value:
        """The value that `tensor` holds now."""
        if self._changes:
            self._follow(tensor)
        return self._current[id(tensor)]

    def read(self, tensors: Iterable[Tensor]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
        """The values that tensors hold now: those that flow, and those that do not."""
        flowing: list[Value] = []
        weights: list[Value] = []
        for tensor in tensors:
            (weights if id(tensor) in self.weights else flowing).append(self.of(tensor))
        return tuple(flowing), tuple(weights)

    def get(self, item: Any) -> Value | None:
        """The last known value of `item`, if it is a tensor of this run that flows.

        To look is not to read: a view of what was changed has no new value until it is read.
        """
        return None if id(item) in self.weights else self._current.get(id(item))

    def sharing(self, tensor: Tensor) -> Tensor | None:
        """A known tensor in the same memory, if there is one."""
        for known in self._alive[self._looked_through :]:
            self._by_storage.setdefault(storage_of(known), known)
        self._looked_through = len(self._alive)
        return self._by_storage.get(storage_of(tensor))

    def change(self, tensor: Tensor, name: str, writes: list[Value]) -> None:
        """`tensor` was changed in place by an operation whose written values are `writes`.

        So were all that share its memory. Of these only the ones that are read again are worth a
        value; they get it then, and it is added to `writes`.
        """
        storage = storage_of(tensor)
        changes = self._changes.setdefault(storage, [])
        changes.append(InPlaceChange(name, writes))
        self._followed[id(tensor)] = len(changes)
        if id(tensor) not in self.weights:
            writes.append(self._name(tensor, name))

    def _follow(self, tensor: Tensor) -> None:
        """Give `tensor` a new value if its memory was changed since it got the one it has."""
        changes = self._changes.get(storage_of(tensor))
        if changes is None or self._followed.get(id(tensor), 0) == len(changes):
            return
        self._followed[id(tensor)] = len(changes)
        if id(tensor) not in self.weights:
            last = changes[-1]
            last.writes.append(self._name(tensor, f"{last.name}.{self.nodes[id(tensor)].name}"))


@dataclass(frozen=True, slots=True)
class InPlaceChange:
    """A change in place: what its values are called, and the list of those that were read."""

    name: str
    writes: list[Value]


@cache
def dtype_name(dtype: torch.dtype) -> str:
    """``"float32"`` for `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def storage_of(tensor: Tensor) -> int:
    """What tells the memory of one tensor from that of another: views share it."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return -id(tensor)  # sparse tensors have no storage of their own; nothing shares it
