"""Two graphs of one block side by side, and what stops torch.fx from tracing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import msgspec
from markupsafe import Markup

from tracer.render.formats.table import Column, Table
from tracer.site.pages.page_table import table_part
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class FxNode:
    """A node of a graph: what it is, what it calls, in which module, and the shape it makes."""

    op: str
    target: str
    module: str
    shape: str

    @property
    def key(self) -> str:
        """What both graphs call it by: the module of the block, else the function."""
        return self.module or self.target

    @property
    def text(self) -> str:
        """How a page writes it."""
        return self.op if self.op == self.target else f"{self.op} {self.target}"


@dataclass(frozen=True, slots=True)
class StoppedTrace:
    """A small module, and what symbolic tracing raised or made of it."""

    name: str
    code: str
    error: str
    made: str


@dataclass(frozen=True, slots=True)
class FxRecord:
    """What the experiment recorded: both graphs of a block, counts for a model, and the stops."""

    torch: str
    symbolic: tuple[FxNode, ...]
    recorded: tuple[FxNode, ...]
    nodes: int
    operations: int
    stops: tuple[StoppedTrace, ...]


@dataclass(frozen=True, slots=True)
class TorchFxView:
    """The record, and its two graphs as a table."""

    record: FxRecord
    table: Markup


def torch_fx_view(record: bytes, words: Words) -> TorchFxView:
    """Return the view of a record, which is JSON."""
    found = msgspec.json.decode(record, type=FxRecord)
    rows = list(side_by_side(found.symbolic, found.recorded))
    columns = (
        Column("symbolic_trace", tuple(one.text if one else "" for one, _ in rows), "place"),
        Column("tracer.graph", tuple(two.text if two else "" for _, two in rows), "place"),
        Column(words.shape, tuple((two or one or NO_NODE).shape for one, two in rows), "shape"),
    )
    return TorchFxView(found, table_part(Table("", columns), words.graphs_caption, words))


NO_NODE = FxNode("", "", "", "")
"""Stands where neither graph has a node, which no row is."""


def side_by_side(
    symbolic: Sequence[FxNode], recorded: Sequence[FxNode]
) -> Iterator[tuple[FxNode | None, FxNode | None]]:
    """Yield both graphs in order, with None where only one of them has a node.

    Nodes that only read a weight are left out: a module has its weights within it.
    """
    ours = [node for node in recorded if node.op != "get_attr"]
    keys = [one.key for one in symbolic], [two.key for two in ours]
    for _, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        for number in range(max(b - a, d - c)):
            yield (
                symbolic[a + number] if a + number < b else None,
                ours[c + number] if c + number < d else None,
            )
