"""The inside of one block: its children, the operations that it runs itself, and every shape."""

from __future__ import annotations

import graphviz

from tracer.levels.units import inside
from tracer.record import Trace
from tracer.render import labels
from tracer.render.marks import EDGE, GRAPH, NODE, Link, marks


def block_digraph(trace: Trace, call: str, link: Link | None) -> graphviz.Digraph:
    """What happens inside the block, from its inputs at the top to its outputs.

    Raises KeyError for a call that is not in the trace.
    """
    graph = inside(trace, call)
    look = marks(trace, graph, {}, link)
    picture = graphviz.Digraph(
        labels.identifier(call),
        graph_attr=GRAPH | {"ranksep": "0.35", "nodesep": "0.3"},
        node_attr=NODE,
        edge_attr=EDGE,
    )
    for unit in graph.units:
        picture.node(look.ids[unit.name], **look.unit(unit, look.width(unit)))
    for flow in graph.flows:
        picture.edge(
            look.ids[flow.source],
            look.ids[flow.target],
            label=f" {labels.shape(flow.value)}",
            **{"class": "flow"},
        )
    return picture
