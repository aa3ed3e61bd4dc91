"""Skips as they are drawn: dashed, with a number and a shape at one end, the join at the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracer.analysis.levels.unit_graph import Flow
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW, Curve, Point, point
from tracer.render.diagram.node_style import EDGE_SIZE, Attributes, skip_tag
from tracer.render.diagram.plan import Sheet, Way, join_label, rung_label

ABOVE = 7.0
"""From a rung up to the middle of the words on it."""


@dataclass(frozen=True)
class LabeledEdge:
    """The ends of curves where words stand already: no others are written over them."""

    places: set[Point] = field(default_factory=set)

    def take(self, place: Point) -> bool:
        """Whether a place was free; now it is taken."""
        free = place not in self.places
        self.places.add(place)
        return free


def is_rung(plan: Sheet, flow: Flow) -> bool:
    """Whether a flow is a skip that runs straight across."""
    return bool(flow.skip) and plan.boxes[flow.source].y == plan.boxes[flow.target].y


def skip_attributes(way: Way, curve: Curve, written: LabeledEdge) -> Attributes:
    """The look of a skip along a curve; all that is written is said when it is pointed at, too.

    Where several skips lead the same way, each is said.
    """
    words, joined = rung_label(*way), join_label(*way)
    text = ", ".join(filter(None, (words, joined)))
    tags = " ".join(map(skip_tag, way))
    attributes = {"class": f"skip {tags}", "style": "dashed", "tooltip": _said(way)}
    start, out, into, end = curve
    if start[0] == end[0] == out[0]:
        places = [("label", "lp", text, start, _right_of(start, end, text))]
    else:
        places = [
            ("label", "lp", words, start, _above(start, out, words, 2 * ARROW)),
            ("headlabel", "head_lp", joined, end, _above(end, into, joined, 2 * ARROW)),
        ]
    for name, at, said_here, place, middle in places:
        if said_here and written.take(place):
            attributes |= {name: said_here, at: middle}
    return attributes


def _said(way: Way) -> str:
    """`down.0 -> up.0: skip 3: 1x128x32x32, cat 1x256x32x32`."""
    each = (
        ", ".join(filter(None, (rung_label(flow), join_label(flow)))) or skip_tag(flow)
        for flow in way
    )
    return f"{way[0].source} -> {way[0].target}: {'; '.join(each)}"


def _above(end: Point, inner: Point, text: str, distance: float) -> str:
    """The middle of some words above a curve, next to one of its ends."""
    away = distance + labels.room((text,), EDGE_SIZE) / 2
    x = end[0] + (away if inner[0] > end[0] else -away)
    return point((x, end[1] - ABOVE))


def _right_of(start: Point, end: Point, text: str) -> str:
    """The middle of some words beside a line that goes straight up or down."""
    return point((start[0] + ARROW + labels.room((text,), EDGE_SIZE) / 2, (start[1] + end[1]) / 2))
