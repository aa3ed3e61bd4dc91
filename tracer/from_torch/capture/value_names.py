"""Values for what a run makes, with the names that a graph of it would give them, and no graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from torch import Tensor
from torch.fx.graph import _Namespace

from tracer.from_torch.capture.operation import RecordedOp, Scope
from tracer.from_torch.capture.pytree import parts_of, tensors_in
from tracer.from_torch.capture.value_table import ValueTable, storage_of
from tracer.record import Value


@dataclass(slots=True)
class NodeName:
    """What is left of a node of a graph if there is none."""

    name: str


class ValueNamer:
    """Names what the calls of a run wrote. A writer does the same, and writes the graph as well."""

    def __init__(self, values: ValueTable) -> None:
        self._values = values
        self._names = _Namespace()
        self._attributes: set[str] = set()
        self._free: dict[str, count[int]] = {}

    def input(self, name: str, item: Any) -> tuple[Value, ...]:
        """The values of the tensors in one argument of the model."""
        return self._parts(self._node("placeholder", name, name=name), item, name)

    def attribute(self, tensor: Tensor, name: str, original: Any) -> None:
        """A value for a parameter, a buffer or a constant that `tensor` stands for."""
        self._values.add(tensor, self._get_attr(name, original), name, weight=True)

    def constant_name(self) -> str:
        """A name for a tensor that the model itself has no name for."""
        return self._free_name("_constant")

    def _free_name(self, stem: str) -> str:
        numbers = self._free.setdefault(stem, count())
        return next(name for n in numbers if (name := f"{stem}_{n}") not in self._attributes)

    def _get_attr(self, name: str, item: Any) -> Any:
        self._attributes.add(name)
        return self._node("get_attr", name, name=name)

    def call(self, op: str, func: Any, args: Any, kwargs: Any) -> Any:
        """The name of one torch call, after the operation."""
        return self._node("call_function", func, name=op)

    def _node(
        self, kind: str, target: Any, args: Any = (), kwargs: Any = None, *, name: str
    ) -> Any:
        return NodeName(self._names.create_name(name, None))

    def results(self, node: Any, changed: list[Tensor], result: Any) -> list[Value]:
        """Name what a call wrote: the arguments that it changed, and the tensors that it made.

        The list grows when a view of what was changed is read later on.
        """
        if not changed and isinstance(result, Tensor):
            return [*self._tensor(node, result, node.name)]
        writes: list[Value] = []
        for tensor in {storage_of(tensor): tensor for tensor in reversed(changed)}.values():
            target = self._values.nodes[id(tensor)].name
            name = node.name if tensor is result else f"{node.name}.{target}"
            self._values.change(tensor, name, writes)
        writes += self._parts(node, result, node.name)
        return writes

    def describe(self, node: Any, done: RecordedOp, scope: Scope) -> None:
        """Say on the node of an operation what it did, and in which modules it ran."""

    def _parts(self, node: Any, item: Any, name: str) -> tuple[Value, ...]:
        """The values of all tensors in what `node` gives; those inside get a node of their own."""
        self._gives(node, item)
        if isinstance(item, Tensor):
            return self._tensor(node, item, name)
        parts: list[Value] = []
        access = operator.getitem if isinstance(item, (tuple, list, Mapping)) else getattr
        for key, element in parts_of(item):
            if next(tensors_in(element), None) is not None:
                part = self._node("call_function", access, (node, key), name=access.__name__)
                parts += self._parts(part, element, f"{name}.{key}")
        return tuple(parts)

    def _gives(self, node: Any, item: Any) -> None:
        """Say on a node what it gives."""

    def _tensor(self, node: Any, tensor: Tensor, name: str) -> tuple[Value, ...]:
        if tensor in self._values:
            self._values.nodes[id(tensor)] = node
            return ()
        return (self._values.add(tensor, node, name),)

    def output(self, result: Any, adopt: Callable[[Tensor], Tensor]) -> None:
        """What the model returned. A tensor in it that was not met before is adopted."""
        for tensor in tensors_in(result):
            adopt(tensor)
