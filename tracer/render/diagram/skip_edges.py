"""Skip edges: dashed, with number and shape at one end and the join at the other."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.levels.unit_graph import Flow
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW_LENGTH, Curve, Point, point, point_at
from tracer.render.diagram.label_positions import LabelPositions
from tracer.render.diagram.node_style import EDGE_FONT_SIZE, Attributes, skip_class
from tracer.render.diagram.plan import DiagramPlan, Edge, join_label, push_label

LINE_HEIGHT = 11.0
LABEL_OFFSET = 7.0
"""From a horizontal edge up to the center of its label."""
SEGMENT = 4
"""The points of a curve of one segment."""
POSITIONS_ALONG = (0.3, 0.4, 0.5, 0.6, 0.7, 0.2, 0.8)
"""Where a label may be beside a curve, if there is no place for it at the ends."""


def is_straight_skip(plan: DiagramPlan, flow: Flow) -> bool:
    """Return whether a flow is a skip that runs straight across."""
    return bool(flow.skip) and plan.boxes[flow.source].y == plan.boxes[flow.target].y


def skip_attributes(
    edge: Edge, curve: Curve, positions: LabelPositions, lane_x: float | None
) -> Attributes:
    """Return the Graphviz attributes of a skip along a curve, labels and tooltip included.

    Args:
        edge: The skips that are drawn as this edge. The tooltip lists every one of them.
        curve: The curve of the edge.
        positions: The free positions of labels; those that the labels take are marked as used.
        lane_x: The x of the outermost lane of its column if the edge is in a lane, else None. Its
            labels are outside of all lanes.
    """
    pushed, joined = push_label(*edge), join_label(*edge)
    classes = " ".join(map(skip_class, edge))
    attributes = {"class": f"skip {classes}", "style": "dashed", "tooltip": _tooltip(edge)}
    start, out, end = curve[0], curve[1], curve[-1]
    if start[0] == out[0] and lane_x is None:  # up or down from the middle of a box: one label
        texts = [("label", "lp", ", ".join(filter(None, (pushed, joined))), start)]
    else:
        texts = [("label", "lp", pushed, start), ("headlabel", "head_lp", joined, end)]
    for label_name, position_name, text, anchor in texts:
        if text and positions.is_new(text, anchor):
            candidates = _candidates(text, curve, anchor, lane_x)
            position = point(positions.place(text, candidates))
            attributes |= {label_name: text, position_name: position}
    return attributes


def _tooltip(edge: Edge) -> str:
    """`down.0 -> up.0: skip 3: 1x128x32x32, cat 1x256x32x32`."""
    skips = (
        ", ".join(filter(None, (push_label(flow), join_label(flow)))) or skip_class(flow)
        for flow in edge
    )
    return f"{edge[0].source} -> {edge[0].target}: {'; '.join(skips)}"


def _candidates(text: str, curve: Curve, anchor: Point, lane_x: float | None) -> Iterator[Point]:
    """The centers that a label at one end of a curve may have, the best first."""
    half_width = labels.text_width((text,), EDGE_FONT_SIZE) / 2
    (x, y), start, end = anchor, curve[0], curve[-1]
    inner = curve[1] if anchor == start else curve[-2]
    if lane_x is not None:
        distance = ARROW_LENGTH + half_width
        beside = lane_x + distance if lane_x > x else lane_x - distance
        yield from ((beside, y + step * LINE_HEIGHT) for step in (0, 1, -1, 2, -2))
        return
    if inner[1] == y:  # above or below the horizontal end of the curve
        distance = 2 * ARROW_LENGTH + half_width
        beside = x + distance if inner[0] > x else x - distance
        yield beside, y - LABEL_OFFSET
        yield beside, y + LABEL_OFFSET
    elif start[0] == end[0]:
        yield x + ARROW_LENGTH + half_width, (start[1] + end[1]) / 2
        yield x - ARROW_LENGTH - half_width, (start[1] + end[1]) / 2
    else:  # below the boxes: under the lowest point
        lowest = point_at(curve, 0.5)
        yield lowest[0], lowest[1] + LABEL_OFFSET
        yield lowest[0], lowest[1] - LABEL_OFFSET
    for t in POSITIONS_ALONG if len(curve) == SEGMENT else ():
        at = point_at(curve, t if anchor == start else 1 - t)
        if start[1] == end[1] == inner[1]:
            yield from ((at[0], y - LABEL_OFFSET), (at[0], y + LABEL_OFFSET))
        else:
            yield at[0] + ARROW_LENGTH + half_width, at[1]
            yield at[0] - ARROW_LENGTH - half_width, at[1]
