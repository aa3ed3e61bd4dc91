"""The UNets that a model runs one after another, such as the hourglasses of a stacked hourglass.

Between two of them every feature map is at one resolution, which is the finest of the second. The
first has a skip around a lower resolution before that place, and the second has one after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, groupby

from tracer.analysis.levels.unit_graph import UnitGraph


@dataclass(frozen=True, slots=True)
class StageFlow:
    """A feature map that flows between two units.

    Attributes:
        source: The position in execution order of the unit that makes it.
        target: That of the unit that takes it in.
        value: Its name.
        fraction: Its spatial positions as a fraction of those of the model's input.
        is_skip: Whether it is a skip.
    """

    source: int
    target: int
    value: str
    fraction: Fraction
    is_skip: bool


def stages_of(
    graph: UnitGraph,
    fractions: Mapping[str, Fraction],
    flow_fractions: Iterable[Fraction | None],
) -> dict[str, int]:
    """Return the number of the UNet that each unit belongs to, from 0 in execution order.

    Args:
        graph: The units in execution order, without those at the side, and the flows between them.
        fractions: The spatial positions of each unit as a fraction of those of the model's input.
        flow_fractions: The same for the tensor of each flow, None for one that is no feature map.
    """
    order = [unit.name for unit in graph.units if unit.kind != "output"]
    positions = {name: number for number, name in enumerate(order)}
    flows = [
        StageFlow(positions[one.source], positions[one.target], one.value.name, of, bool(one.skip))
        for one, of in zip(graph.flows, flow_fractions, strict=True)
        if of is not None and one.target in positions
    ]
    starts = find_stage_starts([fractions[name] for name in order], flows)
    stages = {name: bisect_right(starts, position) for name, position in positions.items()}
    for flow in graph.flows:  # outputs come last in execution order, whatever they are computed by
        stages.setdefault(flow.target, stages[flow.source])
    last = max(stages.values(), default=0)
    for unit in graph.units:  # an output that is a parameter, or computed at the side alone
        stages.setdefault(unit.name, last)
    return stages


def find_stage_starts(fractions: Sequence[Fraction], flows: Sequence[StageFlow]) -> list[int]:
    """Return the positions at which the second and each further UNet begins.

    Of neighboring positions that fit, this is the last one before the second UNet makes a skip.

    >>> one, half = Fraction(1), Fraction(1, 2)
    >>> path = [StageFlow(n, n + 1, f"h{n}", half if n % 3 == 1 else one, False) for n in range(5)]
    >>> skips = [StageFlow(n, n + 2, f"h{n}", one, True) for n in (0, 3)]
    >>> find_stage_starts([one, half, one] * 2, path + skips)
    [3]
    """
    lower = _lower_positions(fractions, flows)
    around = [one for one in flows if one.is_skip and lower.are_within(one, one.source + 1)]
    first_end = min((one.target for one in around), default=len(fractions))
    last_start = max((one.source for one in around), default=0)
    if first_end >= last_start:  # all skips are around one bottleneck
        return []
    finest = list(accumulate(reversed(fractions), max))[::-1]
    costs: dict[int, int] = {}
    for position in range(first_end + 1, last_start + 1):
        crossing = [one for one in flows if one.source < position <= one.target]
        if {one.fraction for one in crossing} == {finest[position]}:
            skips = (one for one in crossing if one.is_skip)
            costs[position] = sum(lower.are_within(skip, position) for skip in skips)
    runs = groupby(enumerate(costs), key=lambda pair: pair[1] - pair[0])
    best = (min((at for _, at in run), key=lambda at: (costs[at], -at)) for _, run in runs)
    return _between_skips(best, around)


@dataclass(frozen=True, slots=True)
class _LowerPositions:
    """For each resolution that skips have, the positions of the units at a lower one."""

    positions: Mapping[Fraction, Sequence[int]]

    def are_within(self, skip: StageFlow, start: int) -> bool:
        """Whether one of them is between a start and the target of a skip."""
        positions = self.positions[skip.fraction]
        return bisect_left(positions, start) < bisect_left(positions, skip.target)


def _lower_positions(fractions: Sequence[Fraction], flows: Sequence[StageFlow]) -> _LowerPositions:
    found = {one.fraction for one in flows if one.is_skip}
    return _LowerPositions(
        {
            fraction: [position for position, other in enumerate(fractions) if other < fraction]
            for fraction in found
        }
    )


def _between_skips(starts: Iterable[int], around: Sequence[StageFlow]) -> list[int]:
    """The starts with a skip around a lower resolution since the start before, and one after."""
    chosen = [0]
    for start in starts:
        before = any(chosen[-1] <= skip.source and skip.target < start for skip in around)
        if before and any(start <= skip.source for skip in around):
            chosen.append(start)
    return chosen[1:]
