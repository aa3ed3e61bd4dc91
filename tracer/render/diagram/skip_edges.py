"""Skip edges: dashed, with number and shape at one end and the join at the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracer.analysis.levels.unit_graph import Flow
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW_LENGTH, Curve, Point, point
from tracer.render.diagram.node_style import EDGE_FONT_SIZE, Attributes, skip_class
from tracer.render.diagram.plan import DiagramPlan, Edge, join_label, push_label

LABEL_OFFSET = 7.0
"""From a horizontal edge up to the center of its label."""


@dataclass(frozen=True)
class LabelPositions:
    """The ends of curves that have a label already, so that no second one is put over it."""

    used: set[Point] = field(default_factory=set)

    def reserve(self, position: Point) -> bool:
        """Return whether a position was free, and marks it as used."""
        is_free = position not in self.used
        self.used.add(position)
        return is_free


def is_straight_skip(plan: DiagramPlan, flow: Flow) -> bool:
    """Return whether a flow is a skip that runs straight across."""
    return bool(flow.skip) and plan.boxes[flow.source].y == plan.boxes[flow.target].y


def skip_attributes(edge: Edge, curve: Curve, positions: LabelPositions) -> Attributes:
    """Return the Graphviz attributes of a skip along a curve, labels and tooltip included.

    The tooltip lists every skip of the edge, and has what the labels say even where they are left
    out.
    """
    pushed, joined = push_label(*edge), join_label(*edge)
    text = ", ".join(filter(None, (pushed, joined)))
    classes = " ".join(map(skip_class, edge))
    attributes = {"class": f"skip {classes}", "style": "dashed", "tooltip": _tooltip(edge)}
    start, out, into, end = curve
    if start[0] == end[0] == out[0]:
        candidates = [("label", "lp", text, start, _right_of(start, end, text))]
    else:
        candidates = [
            ("label", "lp", pushed, start, _above(start, out, pushed, 2 * ARROW_LENGTH)),
            ("headlabel", "head_lp", joined, end, _above(end, into, joined, 2 * ARROW_LENGTH)),
        ]
    for label_name, position_name, label, anchor, position in candidates:
        if label and positions.reserve(anchor):
            attributes |= {label_name: label, position_name: position}
    return attributes


def _tooltip(edge: Edge) -> str:
    """`down.0 -> up.0: skip 3: 1x128x32x32, cat 1x256x32x32`."""
    skips = (
        ", ".join(filter(None, (push_label(flow), join_label(flow)))) or skip_class(flow)
        for flow in edge
    )
    return f"{edge[0].source} -> {edge[0].target}: {'; '.join(skips)}"


def _above(end: Point, inner: Point, text: str, distance: float) -> str:
    """The center of a label above a curve, near one of its ends."""
    offset = distance + labels.text_width((text,), EDGE_FONT_SIZE) / 2
    x = end[0] + (offset if inner[0] > end[0] else -offset)
    return point((x, end[1] - LABEL_OFFSET))


def _right_of(start: Point, end: Point, text: str) -> str:
    """The center of a label beside a vertical line."""
    half_width = labels.text_width((text,), EDGE_FONT_SIZE) / 2
    return point((start[0] + ARROW_LENGTH + half_width, (start[1] + end[1]) / 2))
