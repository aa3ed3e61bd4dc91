"""How flows run between boxes: cubic curves, straight wherever nothing stands between."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise
from math import hypot

from tracer.render.diagram.layout import Box

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]

ARROW = 7.0
"""The length of the arrow's head, which ends a curve."""
BOW = 40.0
"""How far a flow swings out at most to pass the boxes between its ends."""


class Routes:
    """The curves between some boxes.

    Where they stand in columns, what is lowest hands on around the bottom; `middle` are the boxes
    below the columns.
    """

    def __init__(
        self, boxes: dict[str, Box], middle: Collection[str] = (), *, columns: bool = True
    ) -> None:
        self.boxes = boxes
        self.middle = frozenset(middle)
        self.centre = sum(box.x for box in boxes.values()) / max(1, len(boxes))
        upright = list(_adjacent(boxes, lambda box: (box.x, box.y)))
        level = list(_adjacent(boxes, lambda box: (box.y, box.x)))
        self.straight = frozenset(upright + level)
        self.lowest = frozenset(boxes if columns else ()) - {above for above, _ in upright}

    def curve(self, source: str, target: str) -> Curve:
        """The curve from one box to another, the arrow's head included."""
        a, b = self.boxes[source], self.boxes[target]
        if a.x == b.x or a.y == b.y:
            near = (source, target) in self.straight or (target, source) in self.straight
            return _straight(a, b) if near else self.bow(a, b)
        if {source, target} <= self.lowest and not {source, target} & self.middle:
            return _round_the_bottom(a, b)
        if target in self.middle and source in self.lowest:
            return _turn(a, b)
        if source in self.middle and target in self.lowest:
            return _turn(b, a)[::-1]
        return _across(a, b)

    def bow(self, a: Box, b: Box) -> Curve:
        """Out and back, past what stands between two boxes of a column, or of a row."""
        depth = min(BOW, 12 + hypot(a.x - b.x, a.y - b.y) / 12)
        if a.y == b.y:
            below = a.bottom + depth
            return (a.x, a.bottom), (a.x, below), (b.x, below), (b.x, b.bottom)
        if a.x > self.centre:
            return (a.right, a.y), (a.right + depth, a.y), (b.right + depth, b.y), (b.right, b.y)
        return (a.left, a.y), (a.left - depth, a.y), (b.left - depth, b.y), (b.left, b.y)


def spline(curve: Curve) -> str:
    """A curve as Graphviz takes it: where the arrow ends, then the points up to its head."""
    *start, last = curve
    before = next((point for point in reversed(start) if point != last), last)
    length = hypot(last[0] - before[0], last[1] - before[1]) or 1
    back = min(1.0, ARROW / length)
    head = tuple(end + (start - end) * back for end, start in zip(last, before, strict=True))
    return " ".join([f"e,{point(last)}", *map(point, start), point((head[0], head[1]))])


def point(at: Point) -> str:
    """A point as Graphviz takes it: y grows upwards there."""
    return f"{at[0]:g},{-at[1] or 0:g}"


def _adjacent(
    boxes: dict[str, Box], key: Callable[[Box], tuple[float, float]]
) -> Iterator[tuple[str, str]]:
    """Each pair that follows one another in a line; the key is the line, and where on it."""
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
    return start, _between(start, end, 1 / 3), _between(start, end, 2 / 3), end


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _turn(column: Box, middle: Box) -> Curve:
    """Down from a column, then sideways into the middle."""
    side = middle.left if column.x < middle.x else middle.right
    corner = column.x, middle.y
    return (column.x, column.bottom), corner, corner, (side, middle.y)


def _round_the_bottom(a: Box, b: Box) -> Curve:
    """From below one column to below the other."""
    below = max(a.bottom, b.bottom) + BOW
    return (a.x, a.bottom), (a.x, below), (b.x, below), (b.x, b.bottom)


def _across(a: Box, b: Box) -> Curve:
    """From a side to the facing side."""
    start, end = (a.right, b.left) if a.x < b.x else (a.left, b.right)
    half = (start + end) / 2
    return (start, a.y), (half, a.y), (half, b.y), (end, b.y)
