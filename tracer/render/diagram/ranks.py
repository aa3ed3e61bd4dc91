"""The U as a ladder: which unit stands in which row of two columns, each push beside its pop."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.analysis.levels.placement import UnitPlacement
from tracer.analysis.levels.unit_graph import UnitGraph

Places = dict[str, UnitPlacement]


@dataclass(frozen=True, slots=True)
class Rank:
    """One rank of the ladder: a unit of the encoder, one of the decoder, or either alone."""

    left: str | None
    right: str | None
    level: int | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rows from the top down, the units below them that link the columns, those beside them.

    A model that never goes up again has one column, the left.
    """

    rows: tuple[Rank, ...]
    middle: tuple[str, ...]
    side: tuple[str, ...]


def ladder(graph: UnitGraph, places: Places) -> Ladder:
    """Set the units in rows, so that as many skips as possible run straight across."""
    columns: dict[str, list[str]] = {"encoder": [], "middle": [], "decoder": [], "side": []}
    for unit in graph.units:
        columns[places[unit.name].role].append(unit.name)
    side = tuple(columns["side"])
    blocks = {unit.name for unit in graph.units if unit.block}
    if blocks.isdisjoint(columns["encoder"]) or blocks.isdisjoint(columns["decoder"]):
        order = [unit.name for unit in graph.units if places[unit.name].role != "side"]
        return Ladder(tuple(Rank(name, None, places[name].level) for name in order), (), side)
    left, right = columns["encoder"], columns["decoder"][::-1]
    return Ladder(_rows(left, right, graph, places), tuple(columns["middle"]), side)


def _rows(left: list[str], right: list[str], graph: UnitGraph, places: Places) -> tuple[Rank, ...]:
    rows: list[Rank] = []
    rungs = _rungs(left, right, graph)
    for (i, j), (above, beside) in pairwise([(-1, -1), *rungs, (len(left), len(right))]):
        rows += _merged(left[i + 1 : above], right[j + 1 : beside], places)
        if above < len(left):
            rows.append(Rank(left[above], right[beside], places[left[above]].level))
    return tuple(rows)


def _rungs(left: list[str], right: list[str], graph: UnitGraph) -> list[tuple[int, int]]:
    """The places in both columns of the flows that can all run straight across, the top first.

    What the encoder hands on at its end is not a rung, for it goes round the bottom.
    """
    sources = {name: number for number, name in enumerate(left)}
    targets = {name: number for number, name in enumerate(right)}
    pairs = {
        (sources[flow.source], -targets[flow.target])
        for flow in graph.flows
        if flow.source in sources
        and flow.target in targets
        and (flow.skip or flow.source != left[-1])
    }
    return _longest_ascent([(i, -j) for i, j in sorted(pairs)])


def _longest_ascent(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs in which both numbers rise, in n log n.

    The pairs come sorted by the first number; of those that share it, the larger second is first.
    """
    ends: list[int] = []
    tips: list[int] = []
    before: list[int | None] = []
    for number, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(tips[length - 1] if length else None)
        ends[length : length + 1] = [second]
        tips[length : length + 1] = [number]
    chosen: list[tuple[int, int]] = []
    at = tips[-1] if tips else None
    while at is not None:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


def _merged(left: list[str], right: list[str], places: Places) -> list[Rank]:
    """Units between two rungs, those at one level side by side, the level met first above."""
    rows: list[Rank] = []
    first, second = deque(left), deque(right)
    while first or second:
        levels = [places[column[0]].level for column in (first, second) if column]
        level = min((number for number in levels if number is not None), default=None)
        rows.append(Rank(_next(first, level, places), _next(second, level, places), level))
    return rows


def _next(column: deque[str], level: int | None, places: Places) -> str | None:
    """The next unit of a column, unless it stands at a level further down."""
    if column and places[column[0]].level in {level, None}:
        return column.popleft()
    return None
