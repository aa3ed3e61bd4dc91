"""A whole model as a U: down the encoder on the left, up the decoder on the right.

The positions are computed first, and Graphviz only draws (``layout=nop2``). So the time grows
linearly with the number of boxes, and each push is at the height of its pop.
"""

from __future__ import annotations

from collections.abc import Iterable

import graphviz

from tracer.analysis.levels.unit_graph import Unit
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW_LENGTH, point, spline
from tracer.render.diagram.label_positions import LabelPositions
from tracer.render.diagram.layout import Box, LevelCluster
from tracer.render.diagram.node_style import (
    DEFAULT_STYLE,
    EDGE,
    GRAPH,
    NODE,
    Attributes,
    Style,
    box_size,
)
from tracer.render.diagram.plan import (
    DiagramPlan,
    is_straight_skip,
    level_label,
    plan_diagram,
    routed_edges,
    routed_side_edges,
)
from tracer.render.diagram.side_inputs import Stub
from tracer.render.diagram.skip_edges import skip_attributes
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection


def u_digraph(
    trace: Trace,
    links: Iterable[SkipLink],
    style: Style = DEFAULT_STYLE,
    view: RowSelection = ALL_ROWS,
) -> graphviz.Digraph:
    """Draw a whole model with these skips, or the part of it that a view selects."""
    diagram = empty_digraph(trace.model)
    draw_plan(diagram, plan_diagram(trace, links, style, view))
    return diagram


def empty_digraph(name: str) -> graphviz.Digraph:
    """Return a graph whose nodes will be where their positions say."""
    return graphviz.Digraph(
        labels.dot_name(name),
        graph_attr={**GRAPH, "layout": "nop2", "newrank": "true"},
        node_attr=NODE,
        edge_attr=EDGE,
    )


def draw_plan(diagram: graphviz.Digraph, plan: DiagramPlan) -> None:
    """Add a planned U to a graph."""
    _draw_units(diagram, plan)
    _draw_side_inputs(diagram, plan)
    _draw_edges(diagram, plan)
    _draw_ranks(diagram, plan)


def _draw_units(diagram: graphviz.Digraph, plan: DiagramPlan) -> None:
    """Draw each level as a cluster of its units, then the units that have no level."""
    units = {unit.name: unit for unit in plan.graph.units}
    for number, level in enumerate(plan.layout.clusters):
        with diagram.subgraph(name=f"cluster_{plan.prefix}{number}") as cluster:
            cluster.attr(**plan.styles.style.colorize(_cluster_attributes(plan, number, level)))
            for name in level.units:
                _draw_unit(cluster, plan, units.pop(name))
    for unit in units.values():
        _draw_unit(diagram, plan, unit)


def _cluster_attributes(plan: DiagramPlan, number: int, cluster: LevelCluster) -> Attributes:
    """The rectangle behind one level, with its sizes at the left."""
    label_x = cluster.left + plan.layout.label_width / 2 + ARROW_LENGTH / 2
    corners = (cluster.left, cluster.bottom), (cluster.right, cluster.top)
    return {
        "id": f"{plan.prefix}band_{number}",
        "class": f"level level-{cluster.level}",
        "label": level_label(plan.placement.resolutions[cluster.level]),
        "lp": point((label_x, (cluster.top + cluster.bottom) / 2)),
        "bb": ",".join(map(point, corners)),
        "penwidth": "0.5",
    }


def _draw_unit(diagram: graphviz.Digraph, plan: DiagramPlan, unit: Unit) -> None:
    box = plan.boxes[unit.name]
    attributes = plan.styles.attributes(unit, box.width)
    diagram.node(plan.styles.ids[unit.name], **attributes, pos=_position(box))


def _position(box: Box) -> str:
    return point((box.x, box.y))


def _draw_side_inputs(diagram: graphviz.Digraph, plan: DiagramPlan) -> None:
    """Draw the stubs, and the edges between side units and to stubs."""
    ids, colorize = dict(plan.styles.ids), plan.styles.style.colorize
    for stub in plan.side_inputs.stubs:
        ids[stub.name] = f"{ids[stub.source]}_to"
        attributes = colorize(_stub_attributes(plan, stub))
        diagram.node(ids[stub.name], **attributes, pos=_position(plan.boxes[stub.name]))
    for route in routed_side_edges(plan):
        attributes = colorize({"class": "flow"})
        diagram.edge(ids[route.source], ids[route.target], **attributes, pos=spline(route.curve))


def _stub_attributes(plan: DiagramPlan, stub: Stub) -> Attributes:
    return {
        "id": f"{plan.styles.ids[stub.source]}_to",
        "class": "stub",
        "label": labels.dot_text(stub.label),
        "tooltip": labels.dot_text(", ".join(unit.label for unit in stub.targets)),
        "shape": "none",
        **box_size(plan.boxes[stub.name].width),
    }


def _draw_edges(diagram: graphviz.Digraph, plan: DiagramPlan) -> None:
    """Draw the edges of the U; several tensors between the same two units are one line."""
    routes = routed_edges(plan)
    positions = LabelPositions.around(plan.layout.boxes.values(), [one.curve for one in routes])
    ids = plan.styles.ids
    for route in routes:
        attributes = {"class": "flow"}
        if route.edge[0].skip:
            attributes = skip_attributes(route, positions)
            attributes = plan.styles.marked((route.source, route.target), attributes)
        colored = plan.styles.style.colorize(attributes)
        diagram.edge(ids[route.source], ids[route.target], **colored, pos=spline(route.curve))


def _draw_ranks(diagram: graphviz.Digraph, plan: DiagramPlan) -> None:
    """Put each push and its pop in one rank, for programs that read the DOT text."""
    for flow in plan.graph.flows:
        if is_straight_skip(plan, flow):
            rank = graphviz.Digraph(graph_attr={"rank": "same"})
            rank.node(plan.styles.ids[flow.source])
            rank.node(plan.styles.ids[flow.target])
            diagram.subgraph(rank)
