"""Where the labels of edges go: beside their edge, over no box, no other label and no line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor, hypot

from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import Curve, Point, point_at
from tracer.render.diagram.layout import Box
from tracer.render.diagram.node_style import EDGE_FONT_SIZE

LABEL_HEIGHT = 9.0
"""How high the letters of a label are, in points."""
CELL = 48.0
"""The side of the squares by which obstacles are looked up."""
SAMPLE_DISTANCE = 6.0
"""Points at most between the samples of a line, so that none passes a label unnoticed."""

Rectangle = tuple[float, float, float, float]
"""The left, top, right and bottom."""
Cell = tuple[int, int]


@dataclass(frozen=True)
class LabelPositions:
    """The obstacles of labels: boxes, lines, and the labels that have a position already."""

    rectangles: dict[Cell, list[Rectangle]] = field(default_factory=dict)
    points: dict[Cell, list[Point]] = field(default_factory=dict)
    used: set[tuple[Point, str]] = field(default_factory=set)

    @classmethod
    def around(cls, boxes: Iterable[Box], curves: Iterable[Curve]) -> LabelPositions:
        """Return the positions around these boxes and curves."""
        found = cls()
        for box in boxes:
            found.add((box.left, box.top, box.right, box.bottom))
        for curve in curves:
            for sample in _samples(curve):
                cell = floor(sample[0] / CELL), floor(sample[1] / CELL)
                found.points.setdefault(cell, []).append(sample)
        return found

    def place(self, text: str, candidates: Iterable[Point]) -> Point:
        """Return the first candidate that is free, and mark it as used.

        If lines cross all of them, it is the first without a box or another label.
        """
        half = labels.text_width((text,), EDGE_FONT_SIZE) / 2
        covered, uncovered = [], []
        for center in candidates:
            rectangle = _rectangle(half, center)
            if self.is_covered(rectangle):
                covered.append(center)
            else:
                uncovered.append(center)
                if not self.is_crossed(rectangle):
                    uncovered = [center]
                    break
        chosen = (uncovered or covered)[0]
        self.add(_rectangle(half, chosen))
        return chosen

    def is_new(self, text: str, anchor: Point) -> bool:
        """Return whether no label of this text was at the same end of a line before."""
        is_new = (anchor, text) not in self.used
        self.used.add((anchor, text))
        return is_new

    def add(self, rectangle: Rectangle) -> None:
        """Add a rectangle to the obstacles."""
        for cell in _cells(rectangle):
            self.rectangles.setdefault(cell, []).append(rectangle)

    def is_covered(self, rectangle: Rectangle) -> bool:
        """Return whether a box or a label is in a rectangle."""
        left, top, right, bottom = rectangle
        others = (other for cell in _cells(rectangle) for other in self.rectangles.get(cell, ()))
        return any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in others
        )

    def is_crossed(self, rectangle: Rectangle) -> bool:
        """Return whether a line crosses a rectangle."""
        left, top, right, bottom = rectangle
        samples = (point for cell in _cells(rectangle) for point in self.points.get(cell, ()))
        return any(left < x < right and top < y < bottom for x, y in samples)


def _rectangle(half: float, center: Point) -> Rectangle:
    """The rectangle of a label that is twice `half` wide."""
    x, y = center
    return x - half, y - LABEL_HEIGHT / 2, x + half, y + LABEL_HEIGHT / 2


def _cells(rectangle: Rectangle) -> Iterator[Cell]:
    left, top, right, bottom = rectangle
    for column in range(floor(left / CELL), floor(right / CELL) + 1):
        for row in range(floor(top / CELL), floor(bottom / CELL) + 1):
            yield column, row


def _samples(curve: Curve) -> Iterator[Point]:
    """Points along a curve, at most about `SAMPLE_DISTANCE` apart."""
    for start in range(0, len(curve) - 1, 3):
        segment = curve[start : start + 4]
        length = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(segment))
        count = max(1, ceil(length / SAMPLE_DISTANCE))
        for number in range(count + 1):
            yield point_at(segment, number / count)
