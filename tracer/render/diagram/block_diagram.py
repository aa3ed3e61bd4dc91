"""The inside of one block: its children, its own operations, and the shape on every edge."""

from __future__ import annotations

from dataclasses import replace

import graphviz

from tracer.analysis.levels.unit_graph import Unit, UnitGraph
from tracer.analysis.levels.whole_model import block_graph
from tracer.record import Block, Trace
from tracer.render.diagram import labels
from tracer.render.diagram.node_style import DEFAULT_STYLE, EDGE, GRAPH, NODE, Style, node_styles
from tracer.render.diagram.visible_units import select_units
from tracer.render.tables.block_rows import rows
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection

SPACING = {"ranksep": "0.3", "nodesep": "0.3"}
MAX_ROUTED_NODES = 100
FAST_ROUTING = {"splines": "line", "nslimit": "1", "nslimit1": "1", "mclimit": "0.1"}
"""Graphviz attributes for more than `MAX_ROUTED_NODES` nodes: straight edges, and few rounds of
layout. Routing hundreds of curved edges around hundreds of nodes takes Graphviz minutes."""


def block_digraph(
    trace: Trace, call: str, style: Style = DEFAULT_STYLE, view: RowSelection = ALL_ROWS
) -> graphviz.Digraph:
    """Draw what happens inside one block, from its inputs at the top to its outputs.

    Args:
        trace: The trace that holds the block.
        call: The call of the block, such as ``"mid.attn_1"``.
        style: Adds links and colors.
        view: Its depth counts from the block; None means 1.

    Raises:
        KeyError: The trace has no such block.
        TraceError: A pattern in `view.paths` matches no block.
    """
    whole = block_graph(trace, call, _expanded_blocks(trace, call, view.depth))
    graph = _with_local_labels(trace, trace.blocks[call], select_units(trace, whole, view))
    styles = replace(node_styles(trace, graph, {}, style), shapes=False)
    diagram = graphviz.Digraph(
        labels.dot_name(call or trace.model),
        graph_attr=GRAPH | SPACING | (FAST_ROUTING if len(graph.units) > MAX_ROUTED_NODES else {}),
        node_attr=NODE,
        edge_attr=EDGE,
    )
    for unit in graph.units:
        diagram.node(styles.ids[unit.name], **styles.attributes(unit, styles.width(unit)))
    for flow in graph.flows:
        ends = styles.ids[flow.source], styles.ids[flow.target]
        attributes = style.colorize({"class": "flow"})
        diagram.edge(*ends, label=f" {labels.shape(flow.value)}", **attributes)
    return diagram


def _expanded_blocks(trace: Trace, call: str, depth: int | None) -> frozenset[str]:
    """The calls of the blocks whose children are drawn, down to `depth` levels below the block."""
    levels = {row.call: row.level for row in rows(trace) if row.call is not None}
    deepest = levels[call] + (1 if depth is None else depth)
    below = (block.call for block in trace.blocks[call].walk())
    return frozenset(inner for inner in below if levels[inner] < deepest)


def _with_local_labels(trace: Trace, block: Block, graph: UnitGraph) -> UnitGraph:
    """The graph with each unit labeled relative to the block."""
    units = (replace(unit, label=_local_label(trace, block, unit)) for unit in graph.units)
    return replace(graph, units=tuple(units))


def _local_label(trace: Trace, block: Block, unit: Unit) -> str:
    """A child without its parent's path; an input by the block that it comes from."""
    if unit.block:
        return unit.label.removeprefix(f"{block.path}.")
    if unit.kind == "input":
        step = trace.producers.get(unit.label)
        source = trace.steps[step].block if step is not None else ""
        return f"from {source}" if source else f"input {unit.label}"
    return unit.label
