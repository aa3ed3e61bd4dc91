"""Calls and their results, written into a `torch.fx.Graph` that anyone can run again."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, fx
from torch._ops import OpOverload

from tracer.from_torch.arguments import parts_of, tensors_in, with_parts
from tracer.from_torch.memory import PLAIN
from tracer.from_torch.switches import Switches
from tracer.from_torch.values import Values, storage_of
from tracer.record import Value

ACCESS = {"__get__": getattr, "__set__": setattr}
"""Attributes of tensors reach a tracer as the slots of their descriptors; a graph has no slots."""


class Writer:
    """The graph under way, and the attributes that its ``get_attr`` nodes name."""

    def __init__(self, values: Values) -> None:
        self.graph = fx.Graph()
        self.attributes: dict[str, Any] = {}
        """Parameters and buffers by their paths, and whatever else the calls were given."""
        self._values = values
        self._objects: dict[int, fx.Node] = {}
        self.switches = Switches(self.graph)

    def input(self, name: str, item: Any) -> tuple[Value, ...]:
        """A ``placeholder`` for one argument of the model, and the values of its tensors."""
        node = self.graph.placeholder(name)
        node.meta["val"] = item
        return self._parts(node, item, name)

    def attribute(self, tensor: Tensor, name: str, original: Any) -> None:
        """A ``get_attr`` for a parameter, a buffer or a constant that `tensor` stands for."""
        node = self._get_attr(name, original)
        node.meta["val"] = tensor
        self._values.add(tensor, node, name, weight=True)

    def constant_name(self) -> str:
        """A name for an attribute that the model itself has no name for."""
        count = sum(name.startswith("_constant_") for name in self.attributes)
        return f"_constant_{count}"

    def _get_attr(self, name: str, item: Any) -> fx.Node:
        self.attributes[name] = item
        return self.graph.create_node("get_attr", name)

    def call(self, op: str, func: Any, args: Any, kwargs: Any) -> fx.Node:
        """A node for one torch call, named after the operation."""
        arguments = tuple(self._argument(item) for item in args)
        keywords = {name: self._argument(item) for name, item in kwargs.items()}
        access = ACCESS.get(func.__name__)
        if access is not None:
            # The slot is called with the tensor and, to read, its type; or, to write, the value.
            operands = arguments[:1] if access is getattr else arguments[:2]
            func, arguments = access, (operands[0], op, *operands[1:])
        kind: str = "call_function"
        if getattr(func, "__module__", None) == "torch._tensor":
            # A method that is written in Python: no name that source code could say leads to it.
            kind, func = "call_method", func.__name__
        return self._node(kind, func, arguments, keywords, op)

    def _node(self, kind: str, target: Any, args: Any, kwargs: Any, name: str) -> fx.Node:
        # The graph searches what it is given for symbols, at some cost. There are none here, so
        # the arguments are given to the node itself.
        node = self.graph.create_node(kind, target, name=name)
        node.args = args
        if kwargs:
            node.kwargs = kwargs
        return node

    def _argument(self, item: Any) -> Any:
        """`item` as an argument of a node: its tensors as the nodes that give them."""
        if isinstance(item, Tensor):
            return self._values.nodes[id(item)]
        if type(item) in PLAIN or isinstance(item, OpOverload):
            return item
        if isinstance(item, (list, tuple)):
            parts = [self._argument(element) for element in item]
            return parts if isinstance(item, list) else tuple(parts)
        if isinstance(item, dict):
            return {key: self._argument(element) for key, element in item.items()}
        if isinstance(item, slice):
            return slice(*map(self._argument, (item.start, item.stop, item.step)))
        return self._written(item)

    def _written(self, item: Any) -> Any:
        # A number or string of a class of its own (an IntEnum) has another repr than its source.
        kind = next((kind for kind in (int, float, str) if isinstance(item, kind)), None)
        return self._object(item) if kind is None else kind(item)

    def _object(self, item: Any) -> fx.Node:
        # An object that cannot be written as source (a generator, an enum) becomes an attribute.
        if id(item) not in self._objects:
            self._objects[id(item)] = self._get_attr(self.constant_name(), item)
        return self._objects[id(item)]

    def results(self, node: fx.Node, changed: list[Tensor], result: Any) -> list[Value]:
        """Name what a call wrote: the arguments that it changed, and the tensors that it made.

        The list grows when a view of what was changed is read later on.
        """
        node.meta["val"] = result
        writes: list[Value] = []
        for tensor in {storage_of(tensor): tensor for tensor in reversed(changed)}.values():
            target = self._values.nodes[id(tensor)].name
            name = node.name if tensor is result else f"{node.name}.{target}"
            self._values.change(tensor, name, writes)
        writes += self._parts(node, result, node.name)
        return writes

    def _parts(self, node: fx.Node, item: Any, name: str) -> tuple[Value, ...]:
        """The values of all tensors in what `node` gives; those inside get a node of their own."""
        if isinstance(item, Tensor):
            return self._tensor(node, item, name)
        parts: list[Value] = []
        access = operator.getitem if isinstance(item, (tuple, list, Mapping)) else getattr
        for key, element in parts_of(item):
            if next(tensors_in(element), None) is not None:
                part = self._node("call_function", access, (node, key), {}, access.__name__)
                part.meta["val"] = element
                parts += self._parts(part, element, f"{name}.{key}")
        return tuple(parts)

    def _tensor(self, node: fx.Node, tensor: Tensor, name: str) -> tuple[Value, ...]:
        if tensor in self._values:
            self._values.nodes[id(tensor)] = node
            return ()
        return (self._values.add(tensor, node, name),)

    def output(self, result: Any, adopt: Callable[[Tensor], Tensor]) -> None:
        """The ``output`` node, in the structure that the model returned."""
        self.switches.reset()
        self.graph.output(self._returned(result, adopt)).meta["val"] = result

    def _returned(self, item: Any, adopt: Callable[[Tensor], Tensor]) -> Any:
        if isinstance(item, Tensor):
            return self._argument(adopt(item))
        if next(tensors_in(item), None) is None:
            return self._argument(item)
        parts = {key: self._returned(part, adopt) for key, part in parts_of(item)}
        if type(item) in (list, tuple):
            return type(item)(parts.values())
        if type(item) is dict:
            return parts
        return self.graph.call_function(with_parts, (self._object(item), parts))
