"""The curves of edges between boxes: cubic Bezier curves, straight where no box is in between."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise
from math import hypot

from tracer.render.diagram.layout import Box

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
"""The start, two control points and the end, in points."""

ARROW_LENGTH = 7.0
"""The length of the arrowhead at the end of a curve."""
MAX_DETOUR = 40.0
"""How far a curve may leave its column or row to pass the boxes between its ends."""


class EdgeRouter:
    """Routes the edges between boxes.

    Args:
        boxes: The boxes by the names of their units.
        middle: The names of the boxes below the two columns.
        columns: Whether the boxes are in columns. Then an edge between the lowest boxes of two
            columns runs below both.
    """

    def __init__(
        self, boxes: dict[str, Box], middle: Collection[str] = (), *, columns: bool = True
    ) -> None:
        self.boxes = boxes
        self.middle = frozenset(middle)
        self.center = sum(box.x for box in boxes.values()) / max(1, len(boxes))
        vertical = list(_neighbors(boxes, lambda box: (box.x, box.y)))
        horizontal = list(_neighbors(boxes, lambda box: (box.y, box.x)))
        self.neighbors = frozenset(vertical + horizontal)
        self.lowest = frozenset(boxes if columns else ()) - {above for above, _ in vertical}

    def curve(self, source: str, target: str) -> Curve:
        """Return the curve from one box to another, arrowhead included."""
        a, b = self.boxes[source], self.boxes[target]
        if a.x == b.x or a.y == b.y:
            adjacent = {(source, target), (target, source)} & self.neighbors
            return _straight(a, b) if adjacent else self._around(a, b)
        if {source, target} <= self.lowest and not {source, target} & self.middle:
            return _below_both(a, b)
        if target in self.middle and source in self.lowest:
            return _corner(a, b)
        if source in self.middle and target in self.lowest:
            return _corner(b, a)[::-1]
        return _side_to_side(a, b)

    def _around(self, a: Box, b: Box) -> Curve:
        """Around the boxes between two boxes of one column or row."""
        detour = min(MAX_DETOUR, 12 + hypot(a.x - b.x, a.y - b.y) / 12)
        if a.y == b.y:
            below = a.bottom + detour
            return (a.x, a.bottom), (a.x, below), (b.x, below), (b.x, b.bottom)
        if a.x > self.center:
            return (
                (a.right, a.y),
                (a.right + detour, a.y),
                (b.right + detour, b.y),
                (b.right, b.y),
            )
        return (a.left, a.y), (a.left - detour, a.y), (b.left - detour, b.y), (b.left, b.y)


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
