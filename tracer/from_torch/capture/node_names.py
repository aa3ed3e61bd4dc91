"""Names of nodes where no graph is built: those that `torch.fx.Graph` would give.

A name is what is wanted, with a number if that is taken. So names with different stems do not
depend on each other, and the name of a parameter, which few runs ask for, is made only when it is
read, or before another name with its stem.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tracer.from_torch.private_torch import GraphNamespace

STEM = re.compile(r"([a-zA-Z_][0-9a-zA-Z_]*?)(?:_\d+)?")
REMEMBERED = 1 << 14
"""So many names are remembered, because each run of a model asks for the same ones."""


class NodeName:
    """Takes the place of a graph node where no graph is built."""

    __slots__ = ("_name", "_names", "_wanted")

    def __init__(self, names: NodeNames, wanted: str) -> None:
        self._names, self._wanted = names, wanted
        self._name = ""

    @property
    def name(self) -> str:
        """The name of the node."""
        if not self._name:
            self._names.make(_stem(self._wanted))
        return self._name

    def make(self, namespace: GraphNamespace) -> None:
        """Take the next free name."""
        self._name = namespace.create_name(self._wanted, None)


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
