"""The rows of a U: each encoder unit beside a decoder unit, so that skips run straight across."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.analysis.levels.placement import UnitPlacement
from tracer.analysis.levels.unit_graph import UnitGraph

UnitPlaces = dict[str, UnitPlacement]


@dataclass(frozen=True, slots=True)
class Rank:
    """One row: an encoder unit on the left, a decoder unit on the right, or one of them."""

    left: str | None
    right: str | None
    level: int | None


@dataclass(frozen=True, slots=True)
class Ranks:
    """The rows from the top down, the units of the middle below them, and the side inputs.

    A model that never increases the resolution has one column, the left.
    """

    rows: tuple[Rank, ...]
    middle: tuple[str, ...]
    side: tuple[str, ...]


def assign_ranks(graph: UnitGraph, places: UnitPlaces) -> Ranks:
    """Return the rows in which as many skips as possible run straight across.

    The skips are chosen as a longest increasing subsequence, in n log n. Between two of them the
    units of both columns are merged by resolution level.

    Args:
        graph: The units in execution order, and the flows between them.
        places: The role and resolution level of each unit.

    Example:
        >>> from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph
        >>> from tracer.record import Block, Value
        >>> x = Value("x", (1, 8, 4, 4), "float32")
        >>> names = ("down", "mid", "up")
        >>> blocks = [Block(name, name, "Conv2d", (x,), (x,), 0, 0, 0, 1) for name in names]
        >>> units = tuple(Unit(b.call, "block", b.call, (x,), (x,), 0, 1, b) for b in blocks)
        >>> flows = Flow("down", "mid", x), Flow("mid", "up", x)
        >>> roles = {"down": "encoder", "mid": "middle", "up": "decoder"}
        >>> places = {name: UnitPlacement(role, 0) for name, role in roles.items()}
        >>> assign_ranks(UnitGraph(units, flows), places).rows
        (Rank(left='down', right='up', level=0),)
    """
    columns: dict[str, list[str]] = {"encoder": [], "middle": [], "decoder": [], "side": []}
    for unit in graph.units:
        columns[places[unit.name].role].append(unit.name)
    side = tuple(columns["side"])
    blocks = {unit.name for unit in graph.units if unit.block}
    if blocks.isdisjoint(columns["encoder"]) or blocks.isdisjoint(columns["decoder"]):
        order = [unit.name for unit in graph.units if places[unit.name].role != "side"]
        return Ranks(tuple(Rank(name, None, places[name].level) for name in order), (), side)
    left, right = columns["encoder"], columns["decoder"][::-1]
    return Ranks(_rows(left, right, graph, places), tuple(columns["middle"]), side)


def _rows(
    left: list[str], right: list[str], graph: UnitGraph, places: UnitPlaces
) -> tuple[Rank, ...]:
    rows: list[Rank] = []
    pairs = _aligned_pairs(left, right, graph)
    for (i, j), (next_i, next_j) in pairwise([(-1, -1), *pairs, (len(left), len(right))]):
        rows += _merge_by_level(left[i + 1 : next_i], right[j + 1 : next_j], places)
        if next_i < len(left):
            rows.append(Rank(left[next_i], right[next_j], places[left[next_i]].level))
    return tuple(rows)


def _aligned_pairs(left: list[str], right: list[str], graph: UnitGraph) -> list[tuple[int, int]]:
    """The positions in both columns of the flows that run straight across, the top one first.

    The flow out of the last encoder unit is not one of them unless it is a skip: it runs below.
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
    return _longest_increasing([(i, -j) for i, j in sorted(pairs)])


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of pairs in which both numbers increase (patience sorting).

    The pairs are sorted by the first number; of those that share it, the larger second is first.
    """
    tails: list[int] = []
    tail_indexes: list[int] = []
    previous: list[int | None] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(tails, second)
        previous.append(tail_indexes[length - 1] if length else None)
        tails[length : length + 1] = [second]
        tail_indexes[length : length + 1] = [index]
    chosen: list[tuple[int, int]] = []
    at = tail_indexes[-1] if tail_indexes else None
    while at is not None:
        chosen.append(pairs[at])
        at = previous[at]
    return chosen[::-1]


def _merge_by_level(left: list[str], right: list[str], places: UnitPlaces) -> list[Rank]:
    """The units between two aligned pairs: those of one level side by side, lower numbers first."""
    rows: list[Rank] = []
    first, second = deque(left), deque(right)
    while first or second:
        levels = [places[column[0]].level for column in (first, second) if column]
        level = min((number for number in levels if number is not None), default=None)
        rows.append(Rank(_pop(first, level, places), _pop(second, level, places), level))
    return rows


def _pop(column: deque[str], level: int | None, places: UnitPlaces) -> str | None:
    """The next unit of a column, unless it is at a lower level."""
    if column and places[column[0]].level in {level, None}:
        return column.popleft()
    return None
