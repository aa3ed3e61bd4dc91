"""The UNets that a model runs one after another, such as the hourglasses of a stacked hourglass.

Between two of them every feature map is at one resolution, which is the finest of the second. The
first has a skip around a lower resolution before that place, and the second has one after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """Returns the number of the UNet that each unit belongs to, from 0 in execution order.

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
    return stages


def find_stage_starts(fractions: Sequence[Fraction], flows: Sequence[StageFlow]) -> list[int]:
    """Returns the positions at which the second and each further UNet begins.

    Of positions side by side that all fit, this is the one that the fewest feature maps cross; of
    those that equally few cross, the last.

    >>> one, half = Fraction(1), Fraction(1, 2)
    >>> path = [StageFlow(n, n + 1, f"h{n}", half if n % 3 == 1 else one, False) for n in range(5)]
    >>> skips = [StageFlow(n, n + 2, f"h{n}", one, True) for n in (0, 3)]
    >>> find_stage_starts([one, half, one] * 2, path + skips)
    [3]
    """
    around = list(_skips_around_lower(fractions, flows))
    first_end = min((flow.target for flow in around), default=len(fractions))
    last_start = max((flow.source for flow in around), default=0)
    if first_end >= last_start:  # all skips are around one bottleneck
        return []
    finest = list(accumulate(reversed(fractions), max))[::-1]
    costs = {
        position: (len({flow.value for flow in crossing}), len(crossing), -position)
        for position, crossing in _crossings(range(first_end + 1, last_start + 1), flows)
        if {flow.fraction for flow in crossing} == {finest[position]}
    }
    runs = groupby(enumerate(costs), key=lambda pair: pair[1] - pair[0])
    best = [min((position for _, position in run), key=costs.__getitem__) for _, run in runs]
    return _between_skips(best, around)


def _skips_around_lower(
    fractions: Sequence[Fraction], flows: Sequence[StageFlow]
) -> Iterator[StageFlow]:
    """The skips with a unit between their ends that is at a lower resolution than their tensor."""
    skips = [flow for flow in flows if flow.is_skip]
    lower = {
        fraction: [position for position, other in enumerate(fractions) if other < fraction]
        for fraction in {skip.fraction for skip in skips}
    }
    for skip in skips:
        positions = lower[skip.fraction]
        if bisect_right(positions, skip.source) < bisect_left(positions, skip.target):
            yield skip


def _crossings(
    positions: range, flows: Sequence[StageFlow]
) -> Iterator[tuple[int, tuple[StageFlow, ...]]]:
    """For each position, the flows that begin before it and end at it or after it."""
    for position in positions:
        yield position, tuple(one for one in flows if one.source < position <= one.target)


def _between_skips(starts: Sequence[int], around: Sequence[StageFlow]) -> list[int]:
    """The starts with a skip around a lower resolution since the start before, and one after."""
    chosen = [0]
    for start in starts:
        before = any(chosen[-1] <= skip.source and skip.target < start for skip in around)
        if before and any(start <= skip.source for skip in around):
            chosen.append(start)
    return chosen[1:]
