"""The curves of edges between boxes: straight where no box is in between, else around the boxes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise
from math import hypot

from tracer.render.diagram.lanes import NO_LANES, Lanes
from tracer.render.diagram.layout import ROW_HEIGHT, Box

Point = tuple[float, float]
Curve = tuple[Point, ...]
"""The start, then two control points and the end of each cubic Bezier segment, in points."""

ARROW_LENGTH = 7.0
"""The length of the arrowhead at the end of a curve."""
MAX_DETOUR = 40.0
"""How far a curve may leave its row to pass the boxes between its ends."""
FIRST_LANE, LANE_GAP, LANE_CORNER = 18.0, 8.0, 6.0
"""From the boxes of a column to its first lane, from lane to lane, and how round the corners are.
Between a corner and a box there is space for an arrowhead."""


class EdgeRouter:
    """Routes the edges between boxes.

    Args:
        boxes: The boxes by the names of their units.
        middle: The names of the boxes below the columns.
        lanes: The lanes of edges that pass other boxes of their column.
        columns: Whether the boxes are in columns. Then an edge between the lowest boxes of two
            columns runs below both.
    """

    def __init__(
        self,
        boxes: dict[str, Box],
        middle: Collection[str] = (),
        lanes: Lanes = NO_LANES,
        *,
        columns: bool = True,
    ) -> None:
        self.boxes = boxes
        self.middle = frozenset(middle)
        self.lanes = lanes
        self.center = sum(box.x for box in boxes.values()) / max(1, len(boxes))
        vertical = list(_neighbors(boxes, lambda box: (box.x, box.y)))
        horizontal = list(_neighbors(boxes, lambda box: (box.y, box.x)))
        self.neighbors = frozenset(vertical + horizontal)
        self.columns = columns
        self.lowest = frozenset(boxes if columns else ()) - {above for above, _ in vertical}

    def curve(self, source: str, target: str) -> Curve:
        """Return the curve from one box to another, arrowhead included."""
        a, b = self.boxes[source], self.boxes[target]
        if {(source, target), (target, source)} & self.neighbors:
            return _straight(a, b)
        if a.y == b.y and (not self.columns or {source, target} <= self.middle):
            return _below_row(a, b)
        if a.x == b.x:
            return _in_lane(a, b, self.lane_x(source, target), self.is_right(source, target))
        return self.between_columns(source, target)

    def between_columns(self, source: str, target: str) -> Curve:
        """Return the curve between boxes of two columns that are no neighbors."""
        a, b = self.boxes[source], self.boxes[target]
        if self.columns and any(_is_between(box, a, b) for box in self.boxes.values()):
            return _between_rows(a, b)
        if {source, target} <= self.lowest and not {source, target} & self.middle:
            return _below_both(a, b)
        if target in self.middle and source in self.lowest:
            return _corner(a, b)
        if source in self.middle and target in self.lowest:
            return _corner(b, a)[::-1]
        return _side_to_side(a, b)

    def is_right(self, source: str, target: str) -> bool:
        """Return whether an edge between boxes of one column passes others on their right."""
        lane = self.lanes.by_ends.get((source, target))
        return self.boxes[source].x > self.center if lane is None else lane.column.side == "right"

    def lane_x(self, source: str, target: str, *, outermost: bool = False) -> float:
        """Return the x of the lane of an edge, or of the outermost lane of its column."""
        lane = self.lanes.by_ends.get((source, target))
        number, names = (0, {source, target}) if lane is None else (lane.number, lane.column.names)
        if lane is not None and outermost:
            number = self.lanes.count(lane.column) - 1
        distance = FIRST_LANE + number * LANE_GAP
        boxes = [self.boxes[name] for name in names if name in self.boxes]
        if self.is_right(source, target):
            return max(box.right for box in boxes) + distance
        return min(box.left for box in boxes) - distance


def spline(curve: Curve) -> str:
    """Return a curve as the Graphviz attribute `pos`, with the arrowhead at its end.

    >>> spline(((0, 0), (10, 0), (20, 0), (30, 0)))
    'e,30,0 0,0 10,0 20,0 23,0'
    """
    *start, last = curve
    before = next((point for point in reversed(start) if point != last), last)
    length = hypot(last[0] - before[0], last[1] - before[1]) or 1
    back = min(1.0, ARROW_LENGTH / length)
    head = tuple(end + (start - end) * back for end, start in zip(last, before, strict=True))
    return " ".join([f"e,{point(last)}", *map(point, start), point((head[0], head[1]))])


def point(position: Point) -> str:
    """Return a point as Graphviz writes it, with y upwards: ``(1, 2)`` is ``1,-2``."""
    return f"{position[0]:g},{-position[1] or 0:g}"


def point_at(curve: Curve, t: float) -> Point:
    """Return the point of a curve of one segment at `t`, from 0 at its start to 1 at its end.

    >>> point_at(((0, 0), (10, 0), (20, 0), (30, 0)), 0.5)
    (15.0, 0.0)
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = curve
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def _neighbors(
    boxes: dict[str, Box], key: Callable[[Box], tuple[float, float]]
) -> Iterator[tuple[str, str]]:
    """Each pair of boxes next to each other; the key is their line and the position on it."""
    order = sorted(boxes, key=lambda name: key(boxes[name]))
    for first, second in pairwise(order):
        if key(boxes[first])[0] == key(boxes[second])[0]:
            yield first, second


def _straight(a: Box, b: Box) -> Curve:
    if a.y == b.y:
        start, end = (
            ((a.right, a.y), (b.left, b.y)) if a.x < b.x else ((a.left, a.y), (b.right, b.y))
        )
    else:
        start, end = (
            ((a.x, a.bottom), (b.x, b.top)) if a.y < b.y else ((a.x, a.top), (b.x, b.bottom))
        )
    return start, _interpolate(start, end, 1 / 3), _interpolate(start, end, 2 / 3), end


def _interpolate(start: Point, end: Point, fraction: float) -> Point:
    return start[0] + (end[0] - start[0]) * fraction, start[1] + (end[1] - start[1]) * fraction


def _below_row(a: Box, b: Box) -> Curve:
    """Below the boxes between two boxes of one row."""
    below = a.bottom + min(MAX_DETOUR, 12 + abs(a.x - b.x) / 12)
    return (a.x, a.bottom), (a.x, below), (b.x, below), (b.x, b.bottom)


def _in_lane(a: Box, b: Box, x: float, is_right: bool) -> Curve:
    """Sideways into a lane, along it, and sideways into the other box."""
    start, end = ((a.right, a.y), (b.right, b.y)) if is_right else ((a.left, a.y), (b.left, b.y))
    return _rectangular(start, (x, a.y), (x, b.y), end)


def _is_between(box: Box, a: Box, b: Box) -> bool:
    """Whether a box is between the columns of two others, and at their height."""
    left, right = sorted((a.x, b.x))
    upper, lower = sorted((a.y, b.y))
    return left < box.x < right and upper <= box.y <= lower


def _between_rows(a: Box, b: Box) -> Curve:
    """Sideways, between two rows past the columns in between, and sideways into the other box."""
    start, end = ((a.right, a.y), (b.left, b.y)) if a.x < b.x else ((a.left, a.y), (b.right, b.y))
    out = FIRST_LANE if a.x < b.x else -FIRST_LANE
    between = a.y + (ROW_HEIGHT / 2 if a.y <= b.y else -ROW_HEIGHT / 2)
    first, second = start[0] + out, end[0] - out
    corners = (first, a.y), (first, between), (second, between), (second, b.y)
    return _rectangular(start, *corners, end)


def _rectangular(start: Point, *corners_and_end: Point) -> Curve:
    """Straight lines with round corners."""
    *corners, end = corners_and_end
    curve, at = [start], start
    for corner, following in pairwise((*corners, end)):
        before, after = _toward(corner, at), _toward(corner, following)
        curve += [curve[-1], before, before, corner, corner, after]
        at = corner
    return (*curve, curve[-1], curve[-1], end)


def _toward(corner: Point, other: Point) -> Point:
    """The point where the round part of a corner begins or ends."""
    length = hypot(other[0] - corner[0], other[1] - corner[1]) or 1.0
    return _interpolate(corner, other, min(LANE_CORNER / length, 0.5))


def _corner(column: Box, middle: Box) -> Curve:
    """Down from a column, then sideways into a middle box."""
    side = middle.left if column.x < middle.x else middle.right
    corner = column.x, middle.y
    return (column.x, column.bottom), corner, corner, (side, middle.y)


def _below_both(a: Box, b: Box) -> Curve:
    """From the bottom of one column to the bottom of the other."""
    below = max(a.bottom, b.bottom) + MAX_DETOUR
    return (a.x, a.bottom), (a.x, below), (b.x, below), (b.x, b.bottom)


def _side_to_side(a: Box, b: Box) -> Curve:
    """From the side of one box to the facing side of the other."""
    start, end = (a.right, b.left) if a.x < b.x else (a.left, b.right)
    half = (start + end) / 2
    return (start, a.y), (half, a.y), (half, b.y), (end, b.y)
