"""Builds a `torch.fx.Graph` of the calls of a run, which can be run again.

A node carries what PyTorch's own tracers put in ``node.meta``: ``val`` and ``nn_module_stack``. The
node of an operation also carries its `RecordedOp`, as ``operation``.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from torch import Tensor, fx

from tracer.errors import TraceError
from tracer.escapes import HIDDEN_RANGES, escape_name
from tracer.from_torch.capture.global_modes import GlobalModes
from tracer.from_torch.capture.pytree import PyTree, parts_of, tensors_in, with_parts
from tracer.from_torch.capture.recorded_op import (
    Arguments,
    Keywords,
    ModuleScope,
    RecordedOp,
    TorchCall,
    TorchFunction,
)
from tracer.from_torch.capture.results.op_cache import HASHABLE_TYPES
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.from_torch.capture.value_table import ValueTable
from tracer.from_torch.private_torch import TENSOR_METHODS, OpOverload
from tracer.record import Value

NO_PARAMETER = (
    'The input "{}" cannot be one of a graph, whose inputs are parameters of a function. Rename '
    "it, or record a trace instead, which needs no graph."
)
NOT_IN_SOURCE = re.compile(f'["\\\\{"".join(HIDDEN_RANGES)}]')
"""What a string in generated source cannot hold as it is."""
ACCESSORS = {"__get__": getattr, "__set__": setattr}
"""What a graph calls in place of the slots by which torch passes on attributes of tensors."""


class GraphBuilder(ValueNamer):
    """The graph so far, and the attributes that its ``get_attr`` nodes name."""

    def __init__(self, values: ValueTable) -> None:
        super().__init__(values)
        self.graph = fx.Graph()
        self.attributes: dict[str, Any] = {}
        """Parameters and buffers by path, and the objects among the arguments of calls."""
        self._object_nodes: dict[int, fx.Node] = {}
        self._modes = GlobalModes(self.graph)

    def observed(self) -> AbstractContextManager[None]:
        """Observe the global modes that the model changes inside."""
        return self._modes.observed()

    def set_gradients(self, enabled: bool) -> None:
        """Take in that the model turns gradients on or off."""
        self._modes.gradients.set(enabled)

    def add_input(self, name: str, argument: PyTree) -> tuple[Value, ...]:
        """Add one argument of the model as a parameter of the graph's function.

        Raises:
            TraceError: No function can have a parameter of that name.
        """
        if not name.isidentifier() or keyword.iskeyword(name):
            raise TraceError(NO_PARAMETER.format(escape_name(name)))
        return super().add_input(name, argument)

    def _get_attr(self, name: str, original: Any) -> fx.Node:
        target = self._target(name)
        self.attributes[target] = original
        node: fx.Node = super()._get_attr(target, original)
        return node

    def _target(self, name: str) -> str:
        """The name of an attribute of the graph, which `torch.fx` writes into source as it is."""
        if NOT_IN_SOURCE.search(name) or unicodedata.normalize("NFKC", name) != name:
            name = re.sub(r"\W", "_", name, flags=re.ASCII)
        while name in self.attributes:
            name += "_"
        return name

    def add_attribute(self, tensor: Tensor, name: str, original: Tensor) -> None:
        """Add a ``get_attr`` node for a parameter, a buffer or a constant."""
        super().add_attribute(tensor, name, original)
        self._set_result(self._values.nodes[id(tensor)], tensor)

    def add_call(self, call: TorchCall) -> fx.Node:
        """Add a node for one torch call, named after its operation."""
        self._modes.add_changes()
        func: TorchFunction = call.func
        arguments = tuple(self._argument(item) for item in call.args)
        keywords = {name: self._argument(item) for name, item in call.kwargs.items()}
        accessor = ACCESSORS.get(func.__name__)
        if accessor is not None:
            # A slot is called with the tensor and, to read, its type; or, to write, the value.
            operands = arguments[:1] if accessor is getattr else arguments[:2]
            func, arguments = accessor, (operands[0], call.op, *operands[1:])
        node_type = "call_function"
        if getattr(func, "__module__", None) == TENSOR_METHODS:
            # Source code can name a method that is written in Python only through its tensor.
            node_type, func = "call_method", func.__name__
        return self._node(node_type, func, arguments, keywords, name=call.op)

    def _node(
        self,
        node_type: str,
        target: TorchFunction,
        args: Arguments = (),
        kwargs: Keywords | None = None,
        *,
        name: str,
    ) -> fx.Node:
        # `create_node` searches its arguments for symbols, which is slow. There are none here, so
        # the arguments are set on the node itself.
        node = self.graph.create_node(node_type, target, name=name)
        node.args = args
        if kwargs:
            node.kwargs = kwargs
        return node

    def _argument(self, item: PyTree) -> Any:
        """Return `item` as an argument of a node: each tensor as the node that computes it."""
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
        # A number or string of a subclass, such as IntEnum, has a repr that is not its source.
        plain_type = next((kind for kind in (int, float, str) if isinstance(item, kind)), None)
        return self._object_node(item) if plain_type is None else plain_type(item)

    def _object_node(self, item: Any) -> fx.Node:
        # An object that has no source, such as a generator or an enum, becomes an attribute.
        if id(item) not in self._object_nodes:
            name = self._new_attribute_name("_object")
            self._object_nodes[id(item)] = self._get_attr(name, item)
        return self._object_nodes[id(item)]

    def add_results(self, node: fx.Node, changed: list[Tensor], result: PyTree) -> list[Value]:
        """Add what a call wrote, and attaches its result to its node."""
        self._set_result(node, result)
        return super().add_results(node, changed, result)

    def annotate(self, node: fx.Node, recorded: RecordedOp, scope: ModuleScope) -> None:
        """Attaches an operation, and the modules in which it ran, to its node."""
        node.meta["operation"] = recorded
        node.meta["nn_module_stack"] = scope.module_stack()

    def _set_result(self, node: fx.Node, result: PyTree) -> None:
        node.meta["val"] = result

    def add_output(self, result: PyTree, adopt: Callable[[Tensor], Tensor]) -> None:
        """Add the ``output`` node, with the containers that the model returned."""
        self._modes.add_reset()
        self.graph.output(self._output(result, adopt)).meta["val"] = result

    def _output(self, item: PyTree, adopt: Callable[[Tensor], Tensor]) -> Any:
        if isinstance(item, Tensor):
            return self._argument(adopt(item))
        if next(tensors_in(item), None) is None:
            return self._argument(item)
        parts = {key: self._output(part, adopt) for key, part in parts_of(item)}
        if type(item) in (list, tuple):
            return type(item)(parts.values())
        if type(item) is dict:
            return parts
        return self.graph.call_function(with_parts, (self._object_node(item), parts))
