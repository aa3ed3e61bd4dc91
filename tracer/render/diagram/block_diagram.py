"""The inside of one block: its children, the operations that it runs itself, and every shape."""

from __future__ import annotations

from dataclasses import replace

import graphviz

from tracer.analysis.levels.unit_graph import Unit, UnitGraph
from tracer.analysis.levels.whole_model import block_graph
from tracer.record import Block, Trace
from tracer.render.diagram import labels
from tracer.render.diagram.node_style import EDGE, GRAPH, NODE, PLAIN_NODE, Style, marks
from tracer.render.diagram.visible_units import in_view
from tracer.render.tables.rows import rows
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection

SPACING = {"ranksep": "0.3", "nodesep": "0.3"}
MANY = 100
HASTE = {"splines": "line", "nslimit": "1", "nslimit1": "1", "mclimit": "0.1"}
"""From `MANY` boxes on, flows are straight lines and places are not improved for long: to lead
hundreds of flows round hundreds of boxes takes Graphviz minutes."""


def block_digraph(
    trace: Trace, call: str, style: Style = PLAIN_NODE, view: RowSelection = ALL_ROWS
) -> graphviz.Digraph:
    """What happens inside the block, from its inputs at the top to its outputs.

    The depth of a view counts from the block, and is one where nothing is said. Raises KeyError for
    a call that is not in the trace, TraceError for a pattern that no block fits.
    """
    whole = block_graph(trace, call, _opened(trace, call, view.depth))
    graph = _told_from(trace, trace.blocks[call], in_view(trace, whole, view))
    look = replace(marks(trace, graph, {}, style), shapes=False)
    picture = graphviz.Digraph(
        labels.plain(call or trace.model),
        graph_attr=GRAPH | SPACING | (HASTE if len(graph.units) > MANY else {}),
        node_attr=NODE,
        edge_attr=EDGE,
    )
    for unit in graph.units:
        picture.node(look.ids[unit.name], **look.unit(unit, look.width(unit)))
    for flow in graph.flows:
        ends = look.ids[flow.source], look.ids[flow.target]
        drawn = style.paint({"class": "flow"})
        picture.edge(*ends, label=f" {labels.shape(flow.value)}", **drawn)
    return picture


def _opened(trace: Trace, call: str, depth: int | None) -> frozenset[str]:
    """The calls of the blocks that are looked into, to some depth below the block."""
    levels = {row.call: row.level for row in rows(trace) if row.call is not None}
    deepest = levels[call] + (1 if depth is None else depth)
    below = (block.call for block in trace.blocks[call].walk())
    return frozenset(one for one in below if levels[one] < deepest)


def _told_from(trace: Trace, block: Block, graph: UnitGraph) -> UnitGraph:
    """The units by the names that they have seen from inside the block."""
    units = (replace(unit, label=_label(trace, block, unit)) for unit in graph.units)
    return replace(graph, units=tuple(units))


def _label(trace: Trace, block: Block, unit: Unit) -> str:
    """A child without the path of its parent; an input by the block that it comes from."""
    if unit.block:
        return unit.label.removeprefix(f"{block.path}.")
    if unit.kind == "input":
        made = trace.producers.get(unit.label)
        source = trace.steps[made].block if made is not None else ""
        return f"from {source}" if source else f"input {unit.label}"
    return unit.label
