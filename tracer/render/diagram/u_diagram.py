"""A whole model as a ladder: down the encoder on the left, up the decoder on the right.

The places are worked out before, and Graphviz only draws (``layout=nop2``). So the time grows with
the number of boxes alone, and a skip is a level rung whatever the model.
"""

from __future__ import annotations

from collections.abc import Iterable

import graphviz

from tracer.analysis.levels.unit_graph import Unit
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW, Routes, point, spline
from tracer.render.diagram.layout import Band, Box
from tracer.render.diagram.node_style import (
    EDGE,
    GRAPH,
    NODE,
    PLAIN_NODE,
    Attributes,
    Style,
    size_of,
)
from tracer.render.diagram.plan import Sheet, Way, level_label, sheet, ways
from tracer.render.diagram.side_inputs import Stub
from tracer.render.diagram.skip_edges import LabeledEdge, is_rung, skip_attributes
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection


def ladder_digraph(
    trace: Trace,
    links: Iterable[SkipLink],
    style: Style = PLAIN_NODE,
    view: RowSelection = ALL_ROWS,
) -> graphviz.Digraph:
    """The picture of a whole model with these skips, or of what a view leaves of it."""
    plan = sheet(trace, links, style, view)
    picture = graphviz.Digraph(
        labels.plain(trace.model),
        graph_attr={**GRAPH, "layout": "nop2", "newrank": "true"},
        node_attr=NODE,
        edge_attr=EDGE,
    )
    _draw_bands(picture, plan)
    _draw_strip(picture, plan)
    _draw_flows(picture, plan)
    _draw_ranks(picture, plan)
    return picture


def _draw_bands(picture: graphviz.Digraph, plan: Sheet) -> None:
    """Each resolution as a cluster of its units; what carries no plane at all stands in none."""
    units = {unit.name: unit for unit in plan.graph.units}
    for number, band in enumerate(plan.layout.bands):
        with picture.subgraph(name=f"cluster_{number}") as cluster:
            cluster.attr(**plan.look.style.paint(_band(plan, number, band)))
            for name in band.units:
                _draw_unit(cluster, plan, units.pop(name))
    for unit in units.values():
        _draw_unit(picture, plan, unit)


def _band(plan: Sheet, number: int, band: Band) -> Attributes:
    """The strip behind all that runs at one resolution, with its sizes at the left."""
    beside = band.left + plan.layout.gutter / 2 + ARROW / 2
    return {
        "id": f"band_{number}",
        "class": f"level level-{band.level}",
        "label": level_label(plan.placed.resolutions[band.level]),
        "lp": point((beside, (band.top + band.bottom) / 2)),
        "bb": f"{point((band.left, band.bottom))},{point((band.right, band.top))}",
        "penwidth": "0.5",
    }


def _draw_unit(picture: graphviz.Digraph, plan: Sheet, unit: Unit) -> None:
    box = plan.boxes[unit.name]
    look = plan.look.unit(unit, box.width)
    picture.node(plan.look.ids[unit.name], **look, pos=_at(box))


def _at(box: Box) -> str:
    return point((box.x, box.y))


def _draw_strip(picture: graphviz.Digraph, plan: Sheet) -> None:
    """The arrows between the units beside the ladder, and the stubs that they end in."""
    ids = dict(plan.look.ids)
    for stub in plan.strip.stubs:
        ids[stub.name] = f"{ids[stub.source]}_to"
        look = plan.look.style.paint(_stub(plan, stub))
        picture.node(ids[stub.name], **look, pos=_at(plan.boxes[stub.name]))
    routes = Routes({name: plan.boxes[name] for name in plan.strip.cells}, columns=False)
    for source, target in plan.strip.arrows:
        look = plan.look.style.paint({"class": "flow"})
        picture.edge(ids[source], ids[target], **look, pos=spline(routes.curve(source, target)))


def _stub(plan: Sheet, stub: Stub) -> Attributes:
    return {
        "id": f"{plan.look.ids[stub.source]}_to",
        "class": "stub",
        "label": stub.label,
        "tooltip": ", ".join(unit.label for unit in stub.targets),
        "shape": "none",
        **size_of(plan.boxes[stub.name].width),
    }


def _draw_flows(picture: graphviz.Digraph, plan: Sheet) -> None:
    """The flows of the ladder; where several tensors go the same way, one line stands for all."""
    routes = Routes(plan.layout.boxes, plan.ladder.middle)
    ids, written = plan.look.ids, LabeledEdge()
    for way in _drawn(plan):
        source, target = way[0].source, way[0].target
        curve = routes.curve(source, target)
        look = skip_attributes(way, curve, written) if way[0].skip else {"class": "flow"}
        picture.edge(ids[source], ids[target], **plan.look.style.paint(look), pos=spline(curve))


def _drawn(plan: Sheet) -> list[Way]:
    """The ways that are drawn, the rungs first: where words would meet, theirs are kept."""
    found = (way for way in ways(plan.graph) if way[0].source not in plan.ladder.side)
    return sorted(found, key=lambda way: not is_rung(plan, way[0]))


def _draw_ranks(picture: graphviz.Digraph, plan: Sheet) -> None:
    """Say of each push and its pop that they are of one rank, for programs that read the text."""
    for flow in plan.graph.flows:
        if is_rung(plan, flow):
            rank = graphviz.Digraph(graph_attr={"rank": "same"})
            rank.node(plan.look.ids[flow.source])
            rank.node(plan.look.ids[flow.target])
            picture.subgraph(rank)
