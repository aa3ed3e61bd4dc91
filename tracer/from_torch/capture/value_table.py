"""The value that each tensor of a run holds, and the graph node that computes that tensor.

A tensor that is changed in place, or a view of it, holds another value from then on. The data flow
of a trace follows the values; a replay of the graph follows the tensors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import torch
from torch import Tensor

from tracer.escapes import escape_name
from tracer.record import Value

GraphNode: TypeAlias = Any
"""A node of `torch.fx.Graph`, or a `NodeName` where no graph is built."""


class ValueTable:
    """The tensors of a run. They are kept alive: an id is unique only while its tensor lives."""

    def __init__(self) -> None:
        self.nodes: dict[int, GraphNode] = {}
        """The node of each tensor, by the id of the tensor."""
        self.weights: set[int] = set()
        """The ids of parameters, buffers and constants, which are not part of the data flow."""
        self.revision = 0
        """How many times a tensor that had a value got another one."""
        self._current: dict[int, Value] = {}
        self._name_counts: dict[str, int] = {}
        self._shapes: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._alive: list[Tensor] = []
        self._by_storage: dict[int, Tensor] = {}
        """The first tensor in each storage, of those in `_alive` that are indexed so far."""
        self._indexed = 0
        self._changes: dict[int, list[InPlaceChange]] = {}
        """The changes in place, by storage."""
        self.events: list[Any] = []
        """What was added, in order, while `logs_events`: a node; a weight, and its value; a name
        that was wanted for a value, and the value."""
        self.logs_events = False
        self._changes_applied: dict[int, int] = {}
        """How many changes of its storage the value of a tensor accounts for, by tensor id."""

    def add(self, tensor: Tensor, node: GraphNode, name: str, *, weight: bool = False) -> Value:
        """Add a tensor, computed by `node`, and return its value, called `name`."""
        self._alive.append(tensor)
        number = id(tensor)  # one object for all tables
        if self._changes:
            changes = self._changes.get(storage_of(tensor), ())
            self._changes_applied[number] = len(changes)
        self.nodes[number] = node
        if weight:
            self.weights.add(number)
        return self._new_value(tensor, number, name)

    def release(self) -> list[Tensor]:
        """Forget the tensors after the run, and return them in the order of their addition."""
        tensors, self._alive = self._alive, []
        tables = (self.nodes, self._current, self._by_storage, self._changes, self._changes_applied)
        for table in tables:
            table.clear()
        self.weights.clear()
        self.events.clear()
        return tensors

    def _new_value(self, tensor: Tensor, number: int, name: str) -> Value:
        value = self.add_value(name, self._shape_of(tensor), dtype_name(tensor.dtype))
        self.revision += number in self._current
        self._current[number] = value
        return value

    def add_value(self, wanted: str, shape: tuple[int, ...], dtype: str) -> Value:
        """Return a new value, of a tensor that is not kept, called `wanted` if that is free."""
        name = escape_name(wanted)
        # A buffer may have the name of an operation or of an input.
        count = self._name_counts.get(name, 0)
        self._name_counts[name] = count + 1
        if count:
            name = f"{name}#{count + 1}"
        value = Value(name, shape, dtype)
        if self.logs_events:
            self.events.append((wanted, value))
        return value

    def _shape_of(self, tensor: Tensor) -> tuple[int, ...]:
        """The shape of a tensor, one object for all that have it: a model has few."""
        size = tensor.shape
        shape = self._shapes.get(size)
        if shape is None:
            shape = tuple(size)
            self._shapes[shape] = shape
        return shape

    def __contains__(self, tensor: Tensor) -> bool:
        return id(tensor) in self.nodes

    def current(self, tensor: Tensor) -> Value:
        """Return the value that `tensor` holds now."""
        if self._changes:
            self._apply_changes(tensor)
        return self._current[id(tensor)]

    def is_current(self, tensor: Tensor) -> bool:
        """Whether `tensor` has a value that `current` returns without making a new one."""
        changes = self._changes.get(storage_of(tensor), ()) if self._changes else ()
        return tensor in self and self._changes_applied.get(id(tensor), 0) == len(changes)

    def read(self, tensors: Iterable[Tensor]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
        """Return the current values of tensors: those in the data flow, and the weights."""
        flowing: list[Value] = []
        weights: list[Value] = []
        for tensor in tensors:
            (weights if id(tensor) in self.weights else flowing).append(self.current(tensor))
        return tuple(flowing), tuple(weights)

    def peek(self, tensor: Tensor) -> Value | None:
        """Return the last value of a tensor in the data flow, or None.

        Unlike `current`, this gives no new value to a view of what was changed in place.
        """
        return None if id(tensor) in self.weights else self._current.get(id(tensor))

    def sharing_storage(self, tensor: Tensor) -> Tensor | None:
        """Return the first known tensor with the same storage, or None."""
        for known in self._alive[self._indexed :]:
            self._by_storage.setdefault(storage_of(known), known)
        self._indexed = len(self._alive)
        return self._by_storage.get(storage_of(tensor))

    def change(self, tensor: Tensor, name: str, writes: list[Value]) -> None:
        """Record that an operation changed `tensor` in place.

        All tensors that share its storage change too. Such a tensor gets its new value when it is
        next read, and the value is then added to `writes`.

        Args:
            tensor: The tensor that was changed.
            name: The name of its new value.
            writes: The values that the operation wrote; the new value is added here.
        """
        changes = self._changes.setdefault(storage_of(tensor), [])
        changes.append(InPlaceChange(name, writes))
        self._changes_applied[id(tensor)] = len(changes)
        if id(tensor) not in self.weights:
            writes.append(self._new_value(tensor, id(tensor), name))

    def _apply_changes(self, tensor: Tensor) -> None:
        """Give `tensor` a new value if its storage has changed since it got its current one."""
        changes = self._changes.get(storage_of(tensor))
        if changes is None or self._changes_applied.get(id(tensor), 0) == len(changes):
            return
        self._changes_applied[id(tensor)] = len(changes)
        if id(tensor) not in self.weights:
            last = changes[-1]
            name = f"{last.name}.{self.nodes[id(tensor)].name}"
            last.writes.append(self._new_value(tensor, id(tensor), name))


@dataclass(frozen=True, slots=True)
class InPlaceChange:
    """A change in place: the name of its value, and the list of the values that were written."""

    name: str
    writes: list[Value]


@cache
def dtype_name(dtype: torch.dtype) -> str:
    """Return ``"float32"`` for `torch.float32`."""
    return str(dtype).removeprefix("torch.")


def storage_of(tensor: Tensor) -> int:
    """Return the identity of a tensor's storage, which its views share."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return -id(tensor)  # a sparse tensor has no storage of its own
