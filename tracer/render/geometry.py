"""Where the boxes of a ladder stand: positions in points, worked out rather than searched for.

x grows to the right and y downwards; both name the middle of a box. A band is the strip behind all
that runs at one resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from tracer.render.ladder import Ladder

HEIGHT = 32.0
"""Of a box with two lines."""
ROW = 50.0
"""From one row to the next."""
BAND_GAP = 10.0
MARGIN = 12.0
"""Between the boxes and the edge of their band."""
GAP = 26.0
"""Between boxes side by side."""


@dataclass(frozen=True, slots=True)
class Box:
    """The place of a unit."""

    x: float
    y: float
    width: float
    height: float = HEIGHT

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Band:
    """The strip of one resolution, and the units in it."""

    level: int
    left: float
    right: float
    top: float
    bottom: float
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """What must fit: the width of each unit, and of what is written between and beside columns."""

    widths: Mapping[str, float]
    between: float
    gutter: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Every box by its unit, and the bands from the top down."""

    boxes: dict[str, Box]
    bands: tuple[Band, ...]


Rank = tuple[int | None, dict[str, float]]
"""One line of units across the picture: their resolution, and where each stands."""

ABREAST = 4
"""So many units of the middle stand side by side; more of them stand in a column."""


def layout(found: Ladder, room: Room, levels: Mapping[str, int | None]) -> Layout:
    """Places for the units of a ladder, but not for those beside it."""
    ranks = _ranks(found, room, levels)
    heights = _heights([level for level, _ in ranks])
    boxes = {
        name: Box(x, y, room.widths[name])
        for (_, places), y in zip(ranks, heights, strict=True)
        for name, x in places.items()
    }
    left = min((box.left for box in boxes.values()), default=0) - MARGIN - room.gutter
    right = max((box.right for box in boxes.values()), default=0) + MARGIN
    return Layout(boxes, tuple(_bands(ranks, heights, (left, right))))


def _ranks(found: Ladder, room: Room, levels: Mapping[str, int | None]) -> list[Rank]:
    """Rows and middle from the top down, each with a resolution; one without keeps the last."""
    last, distance = None, _between_columns(found, room)
    ranks: list[Rank] = []
    rows = [(row.level, {row.left: 0.0, row.right: distance}) for row in found.rows]
    middle = [
        (levels[next(iter(places))], dict(places)) for places in _middle(found.middle, distance)
    ]
    for level, places in (*rows, *middle):
        last = last if level is None else level
        ranks.append((last, {name: x for name, x in places.items() if name is not None}))
    return ranks


def _between_columns(found: Ladder, room: Room) -> float:
    """From the middle of one column to the middle of the other."""
    abreast = len(found.middle) if len(found.middle) <= ABREAST else 1
    widest = max((room.widths[n] for r in found.rows for n in (r.left, r.right) if n), default=0)
    widest = max(widest, *(room.widths[name] for name in found.middle), 0)
    slots = {0: 0, 1: 2, 2: 1}.get(abreast, abreast - 1)
    return max(widest + room.between, slots * (widest + GAP))


def _middle(names: tuple[str, ...], distance: float) -> list[dict[str, float]]:
    """The units that link the columns: abreast, the ends below the columns, or one below another."""
    if len(names) == 1 or len(names) > ABREAST:
        return [{name: distance / 2} for name in names]
    step = distance / max(1, len(names) - 1)
    return [{name: number * step for number, name in enumerate(names)}] if names else []


def _heights(levels: list[int | None]) -> list[float]:
    """The height of each rank; bands keep a distance."""
    heights = [0.0] * bool(levels)
    for above, below in pairwise(levels):
        step = ROW if above == below else HEIGHT + 2 * MARGIN + BAND_GAP
        heights.append(heights[-1] + step)
    return heights


def _bands(ranks: list[Rank], heights: list[float], sides: tuple[float, float]) -> list[Band]:
    bands: list[Band] = []
    for level, run in groupby(zip(ranks, heights, strict=True), key=lambda pair: pair[0][0]):
        together = list(run)
        if level is not None:
            top, bottom = together[0][1], together[-1][1]
            units = tuple(name for (_, places), _ in together for name in places)
            edge = HEIGHT / 2 + MARGIN
            bands.append(Band(level, *sides, top - edge, bottom + edge, units))
    return bands
