"""A writer that writes no graph: for a run of which only the shapes are wanted, in less time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from torch import Tensor, fx
from torch.fx.graph import _Namespace

from tracer.from_torch.values import Values
from tracer.from_torch.writer import Writer


@dataclass(slots=True)
class Node:
    """What the recorder asks of a node: a name, and room for what belongs to it."""

    name: str
    meta: dict[str, Any] = field(default_factory=dict)
    args: Any = ()
    kwargs: Any = None


class Nodes:
    """Makes nodes with the names that a graph would give them, and keeps none of them."""

    def __init__(self) -> None:
        self._names = _Namespace()

    def create_node(self, kind: str, target: Any, *_: Any, name: str | None = None) -> Node:
        """A node, named after what it calls."""
        candidate = name or str(getattr(target, "__name__", target))
        return Node(self._names.create_name(candidate, None))

    def placeholder(self, name: str) -> Node:
        """A node for an argument of the model."""
        return self.create_node("placeholder", name)

    def call_function(self, function: Any, _: Any = ()) -> Node:
        """A node for a switch."""
        return self.create_node("call_function", function)


class Unwritten(Writer):
    """Gives values to what the calls wrote, as any writer does, and writes no graph."""

    def __init__(self, values: Values) -> None:
        super().__init__(values)
        self.graph = cast(fx.Graph, Nodes())
        self.switches._graph = self.graph

    def call(self, op: str, func: Any, args: Any, kwargs: Any) -> fx.Node:
        """A node that knows its name alone."""
        return self.graph.create_node("call_function", func, name=op)

    def output(self, result: Any, adopt: Callable[[Tensor], Tensor]) -> None:
        """Nothing: a graph has an end, and there is none."""
