"""The lanes beside a column, in which edges pass the boxes between their ends.

Edges that overlap are in different lanes, shorter edges in inner ones, so that no two lines cover
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tracer.render.diagram.layout import MAX_PARALLEL
from tracer.render.diagram.ranks import Ranks

Side = Literal["left", "right"]
Ends = tuple[str, str]
"""The names of the units at the ends of an edge: its source and its target."""


@dataclass(frozen=True, slots=True)
class LaneColumn:
    """The names of the units of one column from the top down, and the side of its lanes."""

    names: tuple[str, ...]
    side: Side


@dataclass(frozen=True, slots=True)
class Lane:
    """Where an edge passes the boxes of its column: the number of the lane, 0 next to the boxes."""

    column: LaneColumn
    number: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lane of each edge that needs one."""

    by_ends: Mapping[Ends, Lane]

    def count(self, column: LaneColumn) -> int:
        """Return how many lanes a column has."""
        return max((x.number + 1 for x in self.by_ends.values() if x.column == column), default=0)

    def most(self, side: Side) -> int:
        """Return the number of lanes of the column that has most of them on a side."""
        return max(
            (x.number + 1 for x in self.by_ends.values() if x.column.side == side), default=0
        )


NO_LANES = Lanes({})


def assign_lanes(edges: Iterable[Ends], ranks: Ranks) -> Lanes:
    """Return the lanes of the edges between units of one column that are not neighbors.

    Example:
        >>> from tracer.render.diagram.ranks import Ladder, Rank
        >>> rows = tuple(Rank(name, None, 0) for name in "abcd")
        >>> ranks = Ranks((Ladder(rows, ()),), ())
        >>> found = assign_lanes([("a", "d"), ("b", "d"), ("a", "b")], ranks)
        >>> {ends: lane.number for ends, lane in found.by_ends.items()}
        {('b', 'd'): 0, ('a', 'd'): 1}
    """
    places = {
        name: (column, number)
        for column in columns_of(ranks)
        for number, name in enumerate(column.names)
    }
    spans: dict[Ends, tuple[LaneColumn, int, int]] = {}
    for ends in edges:
        if places.keys() >= set(ends):
            (column, one), (other_column, other) = (places[name] for name in ends)
            if column == other_column and abs(one - other) > 1:
                spans[ends] = column, min(one, other), max(one, other)
    lanes: dict[Ends, Lane] = {}
    used: dict[Lane, list[tuple[int, int]]] = {}
    for ends, (column, first, last) in sorted(spans.items(), key=lambda item: _length(item[1])):
        number = 0
        while any(
            first <= after and before <= last
            for before, after in used.get(Lane(column, number), ())
        ):
            number += 1
        lanes[ends] = Lane(column, number)
        used.setdefault(lanes[ends], []).append((first, last))
    return Lanes(lanes)


def columns_of(ranks: Ranks) -> Iterator[LaneColumn]:
    """Yield the columns of all ladders; the ends of a short middle are in the outer ones."""
    for ladder in ranks.ladders:
        left = [row.left for row in ladder.rows if row.left]
        right = [row.right for row in ladder.rows if row.right]
        if 1 < len(ladder.middle) <= MAX_PARALLEL:
            left, right = [*left, ladder.middle[0]], [*right, ladder.middle[-1]]
        elif ladder.middle:
            yield LaneColumn(ladder.middle, "left")
        yield LaneColumn(tuple(left), "left")
        yield LaneColumn(tuple(right), "right")


def _length(span: tuple[LaneColumn, int, int]) -> int:
    return span[2] - span[1]
