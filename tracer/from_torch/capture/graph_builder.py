"""Calls and their results, written into a `torch.fx.Graph` that anyone can run again.

Beside what PyTorch's own tracers put in ``node.meta`` (``val``, ``nn_module_stack``), a node that
is an operation carries ``operation``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, fx
from torch._ops import OpOverload

from tracer.from_torch.capture.global_modes import GlobalModes
from tracer.from_torch.capture.op_cache import HASHABLE_TYPES
from tracer.from_torch.capture.operation import RecordedOp, Scope
from tracer.from_torch.capture.pytree import parts_of, tensors_in, with_parts
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.from_torch.capture.value_table import ValueTable
from tracer.record import Value

ACCESS = {"__get__": getattr, "__set__": setattr}
"""Attributes of tensors reach a tracer as the slots of their descriptors; a graph has no slots."""


class GraphBuilder(ValueNamer):
    """The graph under way, and the attributes that its ``get_attr`` nodes name."""

    def __init__(self, values: ValueTable) -> None:
        super().__init__(values)
        self.graph = fx.Graph()
        self.attributes: dict[str, Any] = {}
        """Parameters and buffers by their paths, and whatever else the calls were given."""
        self._objects: dict[int, fx.Node] = {}
        self._switches = GlobalModes(self.graph)

    def _get_attr(self, name: str, item: Any) -> fx.Node:
        self.attributes[name] = item
        node: fx.Node = super()._get_attr(name, item)
        return node

    def attribute(self, tensor: Tensor, name: str, original: Any) -> None:
        """A ``get_attr`` for a parameter, a buffer or a constant that `tensor` stands for."""
        super().attribute(tensor, name, original)
        self._gives(self._values.nodes[id(tensor)], tensor)

    def call(self, op: str, func: Any, args: Any, kwargs: Any) -> fx.Node:
        """A node for one torch call, named after the operation."""
        self._switches.write()
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
        return self._node(kind, func, arguments, keywords, name=op)

    def _node(
        self, kind: str, target: Any, args: Any = (), kwargs: Any = None, *, name: str
    ) -> fx.Node:
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
        if type(item) in HASHABLE_TYPES or isinstance(item, OpOverload):
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
            self._objects[id(item)] = self._get_attr(self._free_name("_object"), item)
        return self._objects[id(item)]

    def results(self, node: fx.Node, changed: list[Tensor], result: Any) -> list[Value]:
        """Name what a call wrote, and say on its node what it gave."""
        self._gives(node, result)
        return super().results(node, changed, result)

    def describe(self, node: fx.Node, done: RecordedOp, scope: Scope) -> None:
        """Say on the node of an operation what it did, and in which modules it ran."""
        node.meta["operation"] = done
        node.meta["nn_module_stack"] = scope.modules()

    def _gives(self, node: fx.Node, item: Any) -> None:
        node.meta["val"] = item

    def output(self, result: Any, adopt: Callable[[Tensor], Tensor]) -> None:
        """The ``output`` node, in the structure that the model returned."""
        self._switches.reset()
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
