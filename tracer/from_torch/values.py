"""Which value each tensor of a run holds now, and which node of the graph gives that tensor.

A tensor that is changed in place, or a view of it, holds another value from then on: the data flow
of the trace follows the values, the replay of the graph follows the tensors.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import torch
from torch import Tensor, fx

from tracer.record import Value


class Values:
    """The tensors seen so far. They are kept alive, for an id is unique only while its owner is."""

    def __init__(self) -> None:
        self.nodes: dict[int, fx.Node] = {}
        self.weights: set[int] = set()
        """The ids of the tensors that do not flow: parameters, buffers, constants."""
        self._current: dict[int, Value] = {}
        self._names: dict[str, int] = {}
        self._alive: list[Tensor] = []
        self._by_storage: defaultdict[int, list[Tensor]] = defaultdict(list)

    def add(self, tensor: Tensor, node: fx.Node, name: str, *, weight: bool = False) -> Value:
        """`tensor` exists from now on; `node` gives it, and `name` is the name of its value."""
        self._alive.append(tensor)
        self._by_storage[storage_of(tensor)].append(tensor)
        self.nodes[id(tensor)] = node
        if weight:
            self.weights.add(id(tensor))
        return self._name(tensor, name)

    def _name(self, tensor: Tensor, name: str) -> Value:
        # A buffer may be called like an operation, or like an input.
        taken = self._names.get(name, 0)
        self._names[name] = taken + 1
        if taken:
            name = f"{name}#{taken + 1}"
        value = Value(name, tuple(tensor.shape), dtype_name(tensor.dtype))
        self._current[id(tensor)] = value
        return value

    def __contains__(self, tensor: Tensor) -> bool:
        return id(tensor) in self.nodes

    def of(self, tensor: Tensor) -> Value:
        """The value that `tensor` holds now."""
        return self._current[id(tensor)]

    def get(self, item: Any) -> Value | None:
        """The value that `item` holds now, if it is a tensor of this run that flows."""
        return None if id(item) in self.weights else self._current.get(id(item))

    def change(self, tensor: Tensor, name: str) -> list[Value]:
        """`tensor` was changed in place: it and all that share its memory hold new values."""
        sharing = self._by_storage[storage_of(tensor)]
        views = [other for other in sharing if other is not tensor]
        names = [(tensor, name), *((view, f"{name}.{self.nodes[id(view)].name}") for view in views)]
        return [self._name(one, new) for one, new in names if id(one) not in self.weights]


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
