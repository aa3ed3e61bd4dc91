"""The inside of one block: its children, the operations that it runs itself, and every shape."""

from __future__ import annotations

from dataclasses import replace

import graphviz

from tracer.levels.flows import Unit, UnitGraph
from tracer.levels.units import inside
from tracer.record import Block, Trace
from tracer.render import labels
from tracer.render.marks import EDGE, GRAPH, NODE, Link, marks

SPACING = {"ranksep": "0.3", "nodesep": "0.3"}
MANY = 100
HASTE = {"splines": "line", "nslimit": "1", "nslimit1": "1", "mclimit": "0.1"}
"""From `MANY` boxes on, flows are straight lines and places are not improved for long: to lead
hundreds of flows round hundreds of boxes takes Graphviz minutes."""


def block_digraph(trace: Trace, call: str, link: Link | None) -> graphviz.Digraph:
    """What happens inside the block, from its inputs at the top to its outputs.

    Raises KeyError for a call that is not in the trace.
    """
    graph = _told_from(trace, trace.blocks[call], inside(trace, call))
    look = replace(marks(trace, graph, {}, link), shapes=False)
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
        picture.edge(*ends, label=f" {labels.shape(flow.value)}", **{"class": "flow"})
    return picture


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
