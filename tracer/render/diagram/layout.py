"""Where the boxes of a U are: positions in points, computed directly and not by search.

x grows to the right and y downwards; a box's position is its center. Everything that runs at one
resolution is in one cluster, drawn as a rectangle behind it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from tracer.render.diagram.ranks import Ladder, Rank, Ranks

BOX_HEIGHT = 32.0
"""The height of a box with two lines."""
ROW_HEIGHT = 47.0
"""The distance from one row to the next."""
CLUSTER_GAP = 10.0
CLUSTER_MARGIN = 12.0
"""Between the boxes and the border of their cluster."""
BOX_GAP = 26.0
"""Between boxes side by side."""
MAX_PARALLEL = 4
"""Up to so many units of the middle are side by side; more are in one column."""


@dataclass(frozen=True, slots=True)
class Box:
    """The position and width of a unit.

    `slant` is how far the sides of a trapezium are moved in at half its height.
    """

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
        return self.y - BOX_HEIGHT / 2

    @property
    def bottom(self) -> float:
        return self.y + BOX_HEIGHT / 2

    def moved(self, x: float, y: float) -> Box:
        """Return the box that many points to the right and down."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class LevelCluster:
    """The rectangle of one resolution level, and the names of the units in it."""

    level: int
    left: float
    right: float
    top: float
    bottom: float
    units: tuple[str, ...]

    def moved(self, x: float, y: float) -> LevelCluster:
        """Return the rectangle that many points to the right and down."""
        return replace(
            self,
            left=self.left + x,
            right=self.right + x,
            top=self.top + y,
            bottom=self.bottom + y,
        )


@dataclass(frozen=True, slots=True)
class RequiredSpace:
    """How much space the layout leaves, in points.

    `widths` and `slants` are those of each unit. `column_gap` is at least between the columns, for
    the labels of skips. `label_width` is left of the columns, for the sizes of the levels.
    `detours` are left and right of the columns, for edges that pass other units of their column.
    """

    widths: Mapping[str, float]
    slants: Mapping[str, float]
    column_gap: float
    label_width: float
    detours: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class UnitLayout:
    """The box of each unit by name, the clusters from the top down, and the outer edges.

    The sizes of the levels are written in the `label_width` points at the left edge.
    """

    boxes: dict[str, Box]
    clusters: tuple[LevelCluster, ...]
    left: float
    right: float
    top: float
    label_width: float

    def moved(self, x: float, y: float) -> UnitLayout:
        """Return the layout that many points to the right and down."""
        return replace(
            self,
            boxes={name: box.moved(x, y) for name, box in self.boxes.items()},
            clusters=tuple(cluster.moved(x, y) for cluster in self.clusters),
            left=self.left + x,
            right=self.right + x,
            top=self.top + y,
        )


PlacedRow = tuple[int | None, dict[str, float]]
"""The resolution level of one row of units, and the x of each."""


def place_boxes(ranks: Ranks, space: RequiredSpace, levels: Mapping[str, int | None]) -> UnitLayout:
    """Return the layout of the units of a U; side inputs are placed elsewhere.

    Args:
        ranks: The rows of the two columns, and the units of the middle.
        space: The widths of the units, and the space between and around the columns.
        levels: The number of each unit's resolution level, None for a unit without one.
    """
    rows = _placed_rows(ranks, space, levels)
    heights = _heights([level for level, _ in rows])
    boxes = {
        name: Box(x, y, space.widths[name], space.slants.get(name, 0.0))
        for (_, positions), y in zip(rows, heights, strict=True)
        for name, x in positions.items()
    }
    left, right = _sides(boxes, space)
    clusters = tuple(_clusters(rows, heights, (left, right)))
    return UnitLayout(
        boxes, clusters, left, right, -BOX_HEIGHT / 2 - CLUSTER_MARGIN, space.label_width
    )


def _sides(boxes: Mapping[str, Box], space: RequiredSpace) -> tuple[float, float]:
    """The left and right border of the clusters."""
    left = min((box.x - box.width / 2 for box in boxes.values()), default=0.0)
    right = max((box.x + box.width / 2 for box in boxes.values()), default=0.0)
    before, after = space.detours
    return left - CLUSTER_MARGIN - before - space.label_width, right + CLUSTER_MARGIN + after


def _placed_rows(
    ranks: Ranks, space: RequiredSpace, levels: Mapping[str, int | None]
) -> list[PlacedRow]:
    """The rows of all ladders, those of one level beside each other."""
    left = 0.0
    ladders: list[deque[PlacedRow]] = []
    for ladder in ranks.ladders:
        distance, widest = _column_distance(ladder, space), _widest(ladder, space)
        left += (widest + sum(space.detours) + 2 * BOX_GAP) * bool(ladders)
        ladders.append(deque(_rows_of_ladder(ladder, left, distance, levels)))
        left += distance * any(row.right for row in ladder.rows)
    rows: list[PlacedRow] = []
    while any(ladders):
        level = min((rest[0][0] for rest in ladders if rest), key=lambda level: level or 0)
        heads = (rest.popleft()[1] for rest in ladders if rest and rest[0][0] == level)
        rows.append((level, {name: x for positions in heads for name, x in positions.items()}))
    return rows


def _rows_of_ladder(
    ladder: Ladder, left: float, distance: float, levels: Mapping[str, int | None]
) -> list[PlacedRow]:
    """The rows of the columns, then those of the middle; one without a level takes the last."""
    rows = [(rank.level, _in_columns(rank, left, distance)) for rank in ladder.rows]
    middle = _middle_rows(ladder.middle, left, distance)
    rows += ((levels[next(iter(positions))], positions) for positions in middle)
    last = None
    for number, (level, positions) in enumerate(rows):
        last = last if level is None else level
        rows[number] = last, positions
    return rows


def _in_columns(rank: Rank, left: float, distance: float) -> dict[str, float]:
    columns = (rank.left, left), (rank.right, left + distance)
    return {name: x for name, x in columns if name is not None}


def _column_distance(ladder: Ladder, space: RequiredSpace) -> float:
    """The distance between the centers of the columns."""
    parallel = len(ladder.middle) if len(ladder.middle) <= MAX_PARALLEL else 1
    widest = _widest(ladder, space)
    slots = {0: 0, 1: 2, 2: 1}.get(parallel, parallel - 1)
    return max(widest + space.column_gap, slots * (widest + BOX_GAP))


def _widest(ladder: Ladder, space: RequiredSpace) -> float:
    in_columns = [name for rank in ladder.rows for name in (rank.left, rank.right) if name]
    return max((space.widths[name] for name in (*in_columns, *ladder.middle)), default=0)


def _middle_rows(names: tuple[str, ...], left: float, distance: float) -> list[dict[str, float]]:
    """The units between the columns: side by side from one column to the other, or in a column."""
    if len(names) == 1 or len(names) > MAX_PARALLEL:
        return [{name: left + distance / 2} for name in names]
    step = distance / max(1, len(names) - 1)
    return [{name: left + number * step for number, name in enumerate(names)}] if names else []


def _heights(levels: list[int | None]) -> list[float]:
    """The y of each row, with a gap between clusters."""
    heights = [0.0] * bool(levels)
    for above, below in pairwise(levels):
        step = ROW_HEIGHT if above == below else BOX_HEIGHT + 2 * CLUSTER_MARGIN + CLUSTER_GAP
        heights.append(heights[-1] + step)
    return heights


def _clusters(
    rows: list[PlacedRow], heights: list[float], sides: tuple[float, float]
) -> list[LevelCluster]:
    clusters: list[LevelCluster] = []
    for level, run in groupby(zip(rows, heights, strict=True), key=lambda pair: pair[0][0]):
        together = list(run)
        if level is not None:
            top, bottom = together[0][1], together[-1][1]
            units = tuple(name for (_, positions), _ in together for name in positions)
            edge = BOX_HEIGHT / 2 + CLUSTER_MARGIN
            clusters.append(LevelCluster(level, *sides, top - edge, bottom + edge, units))
    return clusters
