"""How flows run between boxes: cubic curves, straight wherever nothing stands between."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise
from math import hypot

from tracer.render.geometry import Box

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]

ARROW = 7.0
"""The length of an arrow's head, which ends a curve."""
BOW = 46.0
"""How far a flow swings out at most to pass the boxes between its ends."""


def neighbours(boxes: dict[str, Box]) -> frozenset[tuple[str, str]]:
    """The pairs of boxes, in both orders, between which a straight line meets no third."""
    pairs = set(_adjacent(boxes, lambda box: (box.x, box.y)))
    pairs |= set(_adjacent(boxes, lambda box: (box.y, box.x)))
    return frozenset(pairs | {(b, a) for a, b in pairs})
