"""Names for the values of a run, the same ones that the nodes of its graph would have.

The name of a node is what is wanted, with a number if that is taken. So names with different stems
do not depend on each other, and the name of a parameter, which few runs ask for, is made only when
it is read, or before another name with its stem.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from itertools import count
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.pytree import PyTree, parts_of, tensors_in
from tracer.from_torch.capture.recorded_op import (
    Arguments,
    Keywords,
    ModuleScope,
    RecordedOp,
    TorchCall,
    TorchFunction,
)
from tracer.from_torch.capture.value_table import GraphNode, ValueTable, storage_of
from tracer.from_torch.private_torch import GraphNamespace
from tracer.record import Value

STEM = re.compile(r"([a-zA-Z_][0-9a-zA-Z_]*?)(?:_\d+)?")
REMEMBERED = 1 << 14
"""So many names are remembered, because each run of a model asks for the same ones."""


class NodeName:
    """Takes the place of a graph node where no graph is built."""

    __slots__ = ("_name", "_names", "wanted")

    def __init__(self, names: NodeNames, wanted: str) -> None:
        self._names, self.wanted = names, wanted
        self._name = ""

    @property
    def name(self) -> str:
        """The name of the node."""
        if not self._name:
            self._names.make(_stem(self.wanted))
        return self._name

    def make(self, namespace: GraphNamespace) -> None:
        """Take the next free name."""
        self._name = namespace.create_name(self.wanted, None)


class NodeNames:
    """The names of the nodes of one run."""

    def __init__(self) -> None:
        self._namespace = GraphNamespace()
        self._waiting: dict[str, list[NodeName]] = {}
        """The nodes whose names are not made yet, in their order, by stem."""

    def add(self, wanted: str) -> NodeName:
        """Return a new node."""
        node = NodeName(self, identifier(wanted))
        self._waiting.setdefault(_stem(identifier(wanted)), []).append(node)
        return node

    def release(self) -> None:
        """Forget the nodes after the run: they refer to this object, and it to them."""
        self._waiting.clear()

    def make(self, stem: str) -> None:
        """Make the names that have a stem, in the order in which their nodes were added."""
        for node in self._waiting.pop(stem, ()):
            node.make(self._namespace)


@lru_cache(REMEMBERED)
def identifier(path: str) -> str:
    """Return a path as the name of a node begins.

    >>> identifier("mid.attn_1.weight")
    'mid_attn_1_weight'
    """
    name = re.sub("[^0-9a-zA-Z_]+", "_", path) or "_unnamed"
    return f"_{name}" if name[0].isdigit() else name


@lru_cache(REMEMBERED)
def _stem(name: str) -> str:
    match = STEM.fullmatch(name)
    return match[1] if match else name


class ValueNamer:
    """Assigns value names without building a graph. `GraphBuilder` extends this."""

    def __init__(self, values: ValueTable) -> None:
        self._values = values
        self._names = NodeNames()
        self._attribute_names: set[str] = set()
        self._numbers: dict[str, count[int]] = {}

    def release(self) -> None:
        """Forget the nodes after the run."""
        self._names.release()

    def observed(self) -> AbstractContextManager[None]:
        """Observe the global modes that the model changes inside, where there is a graph."""
        return nullcontext()

    def set_gradients(self, enabled: bool) -> None:
        """Take in that the model turns gradients on or off, where there is a graph."""

    def add_input(self, name: str, argument: PyTree) -> tuple[Value, ...]:
        """Add one argument of the model, and return the values of its tensors."""
        return self._add_parts(self._node("placeholder", name, name=name), argument, name)

    def add_attribute(self, tensor: Tensor, name: str, original: Tensor) -> None:
        """Add a parameter, buffer or constant: the model's `original`, replaced by `tensor`."""
        values, logs_events = self._values, self._values.logs_events
        values.logs_events = False
        value = values.add(tensor, self._get_attr(name, original), name, weight=True)
        if logs_events:
            values.events.append((tensor, value))
        values.logs_events = logs_events

    def constant_name(self) -> str:
        """Return a new name for a tensor that has no name in the model."""
        return self._new_attribute_name("_constant")

    def _new_attribute_name(self, stem: str) -> str:
        numbers = self._numbers.setdefault(stem, count())
        names = (f"{stem}_{number}" for number in numbers)
        return next(name for name in names if name not in self._attribute_names)

    def _get_attr(self, name: str, original: Any) -> GraphNode:
        self._attribute_names.add(name)
        return self._node("get_attr", name, name=identifier(name))

    def add_call(self, call: TorchCall) -> GraphNode:
        """Add one torch call, named after its operation."""
        return self._node("call_function", call.func, name=call.op)

    def _node(
        self,
        node_type: str,
        target: TorchFunction,
        args: Arguments = (),
        kwargs: Keywords | None = None,
        *,
        name: str,
    ) -> GraphNode:
        return self.add_node(name)

    def add_node(self, wanted: str) -> NodeName:
        """Add a node that is only a name."""
        node = self._names.add(wanted)
        if self._values.logs_events:
            self._values.events.append(node)
        return node

    def add_results(self, node: GraphNode, changed: list[Tensor], result: PyTree) -> list[Value]:
        """Add what a call wrote: the arguments that it changed, and the tensors that it made.

        Returns:
            The values that were written. The list grows when a view of a changed argument is read.
        """
        if not changed and isinstance(result, Tensor):
            return [*self._add_tensor(node, result, node.name)]
        writes: list[Value] = []
        for tensor in {storage_of(tensor): tensor for tensor in reversed(changed)}.values():
            argument = self._values.nodes[id(tensor)].name
            name = node.name if tensor is result else f"{node.name}.{argument}"
            self._values.change(tensor, name, writes)
        writes += self._add_parts(node, result, node.name)
        return writes

    def annotate(self, node: GraphNode, recorded: RecordedOp, scope: ModuleScope) -> None:
        """Attaches an operation and its modules to its node, where there is a graph."""

    def _add_parts(self, node: GraphNode, item: PyTree, name: str) -> tuple[Value, ...]:
        """Add all tensors in what `node` computes; those inside a container get their own node."""
        self._set_result(node, item)
        if isinstance(item, Tensor):
            return self._add_tensor(node, item, name)
        values: list[Value] = []
        access = operator.getitem if isinstance(item, (tuple, list, Mapping)) else getattr
        for key, part in parts_of(item):
            if next(tensors_in(part), None) is not None:
                part_node = self._node("call_function", access, (node, key), name=access.__name__)
                values += self._add_parts(part_node, part, f"{name}.{key}")
        return tuple(values)

    def _set_result(self, node: GraphNode, result: PyTree) -> None:
        """Attaches what a node computes to it, where there is a graph."""

    def _add_tensor(self, node: GraphNode, tensor: Tensor, name: str) -> tuple[Value, ...]:
        if tensor in self._values:
            self._values.nodes[id(tensor)] = node
            return ()
        return (self._values.add(tensor, node, name),)

    def add_output(self, result: PyTree, adopt: Callable[[Tensor], Tensor]) -> None:
        """Add what the model returned. A tensor in it that is new to the run is adopted."""
        for tensor in tensors_in(result):
            adopt(tensor)
