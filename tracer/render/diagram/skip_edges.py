"""Skip edges: dashed, with number and shape at one end and the join at the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW_LENGTH, Curve, Point, point, point_at
from tracer.render.diagram.label_positions import LabelPositions
from tracer.render.diagram.node_style import EDGE_FONT_SIZE, Attributes, skip_class
from tracer.render.diagram.plan import Edge, RoutedEdge, join_label, push_label

LINE_HEIGHT = 11.0
LABEL_OFFSET = 7.0
"""From a horizontal edge up to the center of its label."""
LABEL_STEP = 20.0
"""From one position along a horizontal line to the next."""
SEGMENT = 4
"""The points of a curve of one segment."""
POSITIONS_ALONG = tuple(number / 20 for number in (6, 8, 10, 12, 14, *range(2, 19)))
"""Where a label may be beside a curve, if there is no place for it at the ends."""


@dataclass(frozen=True, slots=True)
class SkipLabel:
    """One label of a skip: its text, the center of it, and whether it is at the join."""

    text: str
    center: Point
    at_join: bool


def skip_attributes(route: RoutedEdge, positions: LabelPositions) -> Attributes:
    """Return the Graphviz attributes of a skip, labels and tooltip included.

    Args:
        route: The skips that are drawn as one edge, and its curve. The tooltip lists every one of
            them.
        positions: The free positions of labels; those that the labels take are marked as used.
    """
    classes = " ".join(map(skip_class, route.edge))
    tooltip = _tooltip(route.edge)
    attributes = {"class": f"skip {classes}", "style": "dashed", "tooltip": tooltip}
    for label in skip_labels(route, positions):
        names = ("headlabel", "head_lp") if label.at_join else ("label", "lp")
        texts = labels.dot_text(label.text), point(label.center)
        attributes |= dict(zip(names, texts, strict=True))
    return attributes


def skip_labels(route: RoutedEdge, positions: LabelPositions) -> Iterator[SkipLabel]:
    """Yield the labels of skips along their curve; the arguments are those of `skip_attributes`."""
    curve = route.curve
    pushed, joined = push_label(*route.edge), join_label(*route.edge)
    start, end = curve[0], curve[-1]
    if _is_vertical(curve):  # up or down from the middle of a box: one label
        texts = [(", ".join(filter(None, (pushed, joined))), start, False)]
    else:
        texts = [(pushed, start, False), (joined, end, True)]
    for text, anchor, at_join in texts:
        if text and positions.is_new(text, anchor):
            candidates = _candidates(text, curve, anchor, route.lane_x)
            yield SkipLabel(text, positions.place(text, candidates), at_join)


def _is_vertical(curve: Curve) -> bool:
    """Whether a curve leaves its box at the top or the bottom."""
    return next(x == curve[0][0] for x, y in curve if (x, y) != curve[0])


def _tooltip(edge: Edge) -> str:
    """`down.0 -> up.0: skip 3: 1x128x32x32, cat 1x256x32x32`."""
    skips = (
        ", ".join(filter(None, (push_label(flow), join_label(flow)))) or skip_class(flow)
        for flow in edge
    )
    return labels.dot_text(f"{edge[0].source} -> {edge[0].target}: {'; '.join(skips)}")


def _candidates(text: str, curve: Curve, anchor: Point, lane_x: float | None) -> Iterator[Point]:
    """The centers that a label at one end of a curve may have, the best first."""
    half_width = labels.text_width((text,), EDGE_FONT_SIZE) / 2
    along = curve if anchor == curve[0] else curve[::-1]
    if lane_x is not None:
        yield from _beside_lanes(anchor, lane_x, half_width)
    elif len(curve) > SEGMENT:
        yield from _at_run(along, half_width)
    elif _is_vertical(curve):
        yield from _beside_vertical(curve, half_width)
    else:
        yield from _at_end(along, half_width)


def _beside_lanes(anchor: Point, lane_x: float, half_width: float) -> Iterator[Point]:
    """Outside of the lanes at the height of the end."""
    distance = ARROW_LENGTH + half_width
    x = lane_x + distance if lane_x > anchor[0] else lane_x - distance
    yield from ((x, anchor[1] + step * LINE_HEIGHT) for step in (0, 1, -1, 2, -2))


def _at_run(along: Curve, half_width: float) -> Iterator[Point]:
    """Above and below the long horizontal part of a curve between two rows, from its near end."""
    middle = len(along) // 2
    (near, y), (far, _) = along[middle - 2], along[middle + 1]
    step = LABEL_STEP if near < far else -LABEL_STEP
    start = near + math.copysign(2 * ARROW_LENGTH + half_width, step)
    for number in range(1 + int(abs(far - near) / LABEL_STEP)):
        yield from _above_and_below(start + number * step, y)


def _beside_vertical(curve: Curve, half_width: float) -> Iterator[Point]:
    """Beside a vertical line; else under the lowest point of a curve below the boxes."""
    start, end = curve[0], curve[-1]
    if start[0] == end[0]:
        middle = (start[1] + end[1]) / 2
        yield start[0] + ARROW_LENGTH + half_width, middle
        yield start[0] - ARROW_LENGTH - half_width, middle
    else:
        x, y = point_at(curve, 0.5)
        yield from reversed(tuple(_above_and_below(x, y)))


def _at_end(along: Curve, half_width: float) -> Iterator[Point]:
    """Above or below the horizontal end of a curve, then beside the curve further along it."""
    (x, y), inner = along[0], along[1]
    distance = 2 * ARROW_LENGTH + half_width
    yield from _above_and_below(x + distance if inner[0] > x else x - distance, y)
    for t in POSITIONS_ALONG:
        at = point_at(along, t)
        if along[0][1] == along[-1][1]:
            yield from _above_and_below(*at)
        else:
            yield at[0] + ARROW_LENGTH + half_width, at[1]
            yield at[0] - ARROW_LENGTH - half_width, at[1]


def _above_and_below(x: float, y: float) -> Iterator[Point]:
    yield from ((x, y - LABEL_OFFSET), (x, y + LABEL_OFFSET))
