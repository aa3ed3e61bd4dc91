"""Where the boxes of a ladder stand: positions in points, worked out rather than searched for.

x grows to the right and y downwards; both name the middle of a box. A band is the strip behind all
that runs at one resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from tracer.render.diagram.ranks import Ladder, Rank

HEIGHT = 32.0
"""Of a box with two lines."""
ROW = 47.0
"""From one row to the next."""
BAND_GAP = 10.0
DIAGRAM_MARGIN = 12.0
"""Between the boxes and the edge of their band."""
BLOCK_GAP = 26.0
"""Between boxes side by side."""


@dataclass(frozen=True, slots=True)
class Box:
    """The place of a unit; `slant` is how far in its sides are, half way down, for a trapezium."""

    x: float
    y: float
    width: float
    slant: float = 0.0

    @property
    def left(self) -> float:
        return self.x - self.width / 2 + self.slant

    @property
    def right(self) -> float:
        return self.x + self.width / 2 - self.slant

    @property
    def top(self) -> float:
        return self.y - HEIGHT / 2

    @property
    def bottom(self) -> float:
        return self.y + HEIGHT / 2


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
    """What must fit: each unit, of a width and with slanted sides, and what is written between the
    columns and in the gutter beside them. `swings` is what flows need to the left and the right of
    the columns."""

    widths: Mapping[str, float]
    slants: Mapping[str, float]
    between: float
    gutter: float
    swings: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Placing:
    """Every box by its unit, the bands from the top down, and the edges of it all.

    The gutter, at the left edge, is where the sizes of the bands are written.
    """

    boxes: dict[str, Box]
    bands: tuple[Band, ...]
    left: float
    right: float
    top: float
    gutter: float


PlacedRow = tuple[int | None, dict[str, float]]
"""One line of units across the picture: their resolution, and where each stands."""

ABREAST = 4
"""So many units of the middle stand side by side; more of them stand in a column."""


def layout(found: Ladder, room: Room, levels: Mapping[str, int | None]) -> Placing:
    """Places for the units of a ladder, but not for those beside it."""
    ranks = _ranks(found, room, levels)
    heights = _heights([level for level, _ in ranks])
    boxes = {
        name: Box(x, y, room.widths[name], room.slants.get(name, 0.0))
        for (_, places), y in zip(ranks, heights, strict=True)
        for name, x in places.items()
    }
    left, right = _edges(boxes, room)
    bands = tuple(_bands(ranks, heights, (left, right)))
    return Placing(boxes, bands, left, right, -HEIGHT / 2 - DIAGRAM_MARGIN, room.gutter)


def _edges(boxes: Mapping[str, Box], room: Room) -> tuple[float, float]:
    left = min((box.x - box.width / 2 for box in boxes.values()), default=0.0)
    right = max((box.x + box.width / 2 for box in boxes.values()), default=0.0)
    return left - DIAGRAM_MARGIN - room.swings[
        0
    ] - room.gutter, right + DIAGRAM_MARGIN + room.swings[1]


def _ranks(found: Ladder, room: Room, levels: Mapping[str, int | None]) -> list[PlacedRow]:
    """Rows and middle from the top down, each with a resolution; one without keeps the last."""
    distance = _between_columns(found, room)
    ranks: list[PlacedRow] = [(row.level, _in_columns(row, distance)) for row in found.rows]
    ranks += ((levels[next(iter(places))], places) for places in _middle(found.middle, distance))
    last = None
    for number, (level, places) in enumerate(ranks):
        last = last if level is None else level
        ranks[number] = last, places
    return ranks


def _in_columns(row: Rank, distance: float) -> dict[str, float]:
    columns = (row.left, 0.0), (row.right, distance)
    return {name: x for name, x in columns if name is not None}


def _between_columns(found: Ladder, room: Room) -> float:
    """From the middle of one column to the middle of the other."""
    abreast = len(found.middle) if len(found.middle) <= ABREAST else 1
    widest = max((room.widths[n] for r in found.rows for n in (r.left, r.right) if n), default=0)
    widest = max(widest, *(room.widths[name] for name in found.middle), 0)
    slots = {0: 0, 1: 2, 2: 1}.get(abreast, abreast - 1)
    return max(widest + room.between, slots * (widest + BLOCK_GAP))


def _middle(names: tuple[str, ...], distance: float) -> list[dict[str, float]]:
    """The units that link the columns: abreast, the ends below the columns, or in a column."""
    if len(names) == 1 or len(names) > ABREAST:
        return [{name: distance / 2} for name in names]
    step = distance / max(1, len(names) - 1)
    return [{name: number * step for number, name in enumerate(names)}] if names else []


def _heights(levels: list[int | None]) -> list[float]:
    """The height of each rank; bands keep a distance."""
    heights = [0.0] * bool(levels)
    for above, below in pairwise(levels):
        step = ROW if above == below else HEIGHT + 2 * DIAGRAM_MARGIN + BAND_GAP
        heights.append(heights[-1] + step)
    return heights


def _bands(ranks: list[PlacedRow], heights: list[float], sides: tuple[float, float]) -> list[Band]:
    bands: list[Band] = []
    for level, run in groupby(zip(ranks, heights, strict=True), key=lambda pair: pair[0][0]):
        together = list(run)
        if level is not None:
            top, bottom = together[0][1], together[-1][1]
            units = tuple(name for (_, places), _ in together for name in places)
            edge = HEIGHT / 2 + DIAGRAM_MARGIN
            bands.append(Band(level, *sides, top - edge, bottom + edge, units))
    return bands
