"""The rows of a U: each encoder unit beside a decoder unit, so that skips run straight across."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise

from tracer.analysis.levels.placement import UnitPlacement
from tracer.analysis.levels.unit_graph import UnitGraph
from tracer.render.diagram.column_order import order_columns

UnitPlaces = dict[str, UnitPlacement]

MAX_ROWS = 16
"""How many units of one level are in one column if nothing is opposite them."""


@dataclass(frozen=True, slots=True)
class Rank:
    """One row: an encoder unit on the left, a decoder unit on the right, or one of them."""

    left: str | None
    right: str | None
    level: int | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """One U: its rows from the top down, and the units of the middle below them.

    If the resolution never increases, there is one column, the left.
    """

    rows: tuple[Rank, ...]
    middle: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ladders side by side, one for each UNet that the model runs, and the side inputs."""

    ladders: tuple[Ladder, ...]
    side: tuple[str, ...]

    @property
    def rows(self) -> tuple[Rank, ...]:
        """The rows of all ladders."""
        return tuple(row for ladder in self.ladders for row in ladder.rows)

    @property
    def middle(self) -> tuple[str, ...]:
        """The units of the middle of all ladders."""
        return tuple(name for ladder in self.ladders for name in ladder.middle)


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
    order = order_columns(graph, places)
    side = tuple(name for name in order if places[name].role == "side")
    stages: dict[int, list[str]] = {}
    for name in order:
        if places[name].role != "side":
            stages.setdefault(places[name].stage, []).append(name)
    ladders = (_ladders(stages[stage], graph, places) for stage in sorted(stages))
    return Ranks(tuple(chain.from_iterable(ladders)), side)


def _ladders(names: Sequence[str], graph: UnitGraph, places: UnitPlaces) -> Iterator[Ladder]:
    """The rows of one UNet, with its units in the order of the columns; several if it has none."""
    columns: dict[str, list[str]] = {"encoder": [], "middle": [], "decoder": []}
    for name in names:
        columns[places[name].role].append(name)
    blocks = {unit.name for unit in graph.units if unit.block}
    if blocks.isdisjoint(columns["encoder"]) or blocks.isdisjoint(columns["decoder"]):
        for column in _wrapped(names, places):
            yield Ladder(tuple(Rank(name, None, places[name].level) for name in column), ())
        return
    left, right = columns["encoder"], columns["decoder"][::-1]
    yield Ladder(_rows(left, right, graph, places), tuple(columns["middle"]))


def _wrapped(names: Sequence[str], places: UnitPlaces) -> list[list[str]]:
    """A column that continues in further ones where many units follow one another at one level."""
    wrapped: list[list[str]] = [[]]
    for _, group in groupby(names, key=lambda name: places[name].level):
        units = list(group)
        count = -(-len(units) // MAX_ROWS)
        height = -(-len(units) // count)
        wrapped[-1] += units[:height]
        wrapped += (units[start : start + height] for start in range(height, len(units), height))
    return wrapped


def _rows(
    left: list[str], right: list[str], graph: UnitGraph, places: UnitPlaces
) -> tuple[Rank, ...]:
    rows: list[Rank] = []
    pairs = _aligned_pairs(left, right, graph, places)
    for (i, j), (next_i, next_j) in pairwise([(-1, -1), *pairs, (len(left), len(right))]):
        rows += _merge_by_level(left[i + 1 : next_i], right[j + 1 : next_j], places)
        if next_i < len(left):
            rows.append(Rank(left[next_i], right[next_j], places[left[next_i]].level))
    return tuple(rows)


def _aligned_pairs(
    left: list[str], right: list[str], graph: UnitGraph, places: UnitPlaces
) -> list[tuple[int, int]]:
    """The positions in both columns of the flows that run straight across, the top one first.

    Both ends are at one level. The flow out of the last encoder unit is not one of them unless it
    is a skip: it runs below.
    """
    sources = {name: number for number, name in enumerate(left)}
    targets = {name: number for number, name in enumerate(right)}
    pairs = {
        (sources[flow.source], -targets[flow.target])
        for flow in graph.flows
        if flow.source in sources
        and flow.target in targets
        and places[flow.source].level == places[flow.target].level
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
