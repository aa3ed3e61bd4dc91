"""What each resolution costs, in the encoder, the middle and the decoder.

A block counts where `tracer.analysis.levels` puts it. An operation between blocks (a join, an
interpolation) that puts out a plane counts with the block that runs next. What is left stands
beside the levels: the time embedding, and weights that no block of a level holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from tracer.analysis.costs.totals import Cost, added, summing
from tracer.analysis.levels import Level, resolution_levels
from tracer.analysis.levels.placement import Role
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.skips import SkipLink
from tracer.record import Block, Trace


@dataclass(frozen=True, slots=True)
class LevelCost:
    """What one part of a model costs at one resolution, and of how many blocks that part is.

    Beside the levels there is no `level`, and the part is the "side".
    """

    level: Level | None
    part: Role
    blocks: int
    cost: Cost


LevelPart = tuple[int, Role]
"""A level by its number, and a part of the model."""
OUTSIDE_LEVELS: LevelPart = (-1, "side")
ZERO_COST = Cost(0, 0, 0, 0, {})
LEVEL_PARTS: tuple[Role, ...] = ("encoder", "middle", "decoder", "side")


def level_costs(trace: Trace, links: Iterable[SkipLink] | None = None) -> tuple[LevelCost, ...]:
    """The levels from the input's resolution on, each in its parts; last what is beside them.

    FLOPs and bytes sum up to those of the forward. `links` are the skips of the trace where they
    are known already. Raises TypeError for a trace with formulas for sizes.
    """
    levels = resolution_levels(trace, links)
    blocks = dict(_placed(levels))
    costs: dict[LevelPart, list[Cost]] = {}
    for place, one in chain(_held(trace, blocks), _ran(trace, _places(trace, blocks))):
        costs.setdefault(place, []).append(one)
    counts = Counter(blocks.values())
    sums = {place: added(found) for place, found in costs.items()}
    return tuple(
        LevelCost(
            level=None if place == OUTSIDE_LEVELS else levels[place[0]],
            part=place[1],
            blocks=counts[place],
            cost=sums[place],
        )
        for place in sorted(sums, key=_from_the_top)
        if place != OUTSIDE_LEVELS or sums[place] != ZERO_COST
    )


def _placed(levels: Sequence[Level]) -> Iterator[tuple[str, LevelPart]]:
    """The call of each block that stands at a level, and its place."""
    for number, level in enumerate(levels):
        parts: dict[Role, tuple[str, ...]] = {
            "encoder": level.encoder,
            "middle": level.middle,
            "decoder": level.decoder,
        }
        for part, calls in parts.items():
            yield from ((call, (number, part)) for call in calls)


def _from_the_top(place: LevelPart) -> tuple[bool, int, int]:
    level, part = place
    return place == OUTSIDE_LEVELS, level, LEVEL_PARTS.index(part)


def _places(trace: Trace, blocks: Mapping[str, LevelPart]) -> list[LevelPart]:
    """The place of each step."""
    ran: list[LevelPart | None] = [None] * len(trace.steps)
    for call, place in blocks.items():
        block = trace.blocks[call]
        ran[block.first : block.last] = [place] * (block.last - block.first)
    carries = find_spatial_sizes(trace)
    found: list[LevelPart] = []
    following = next((place for place in reversed(ran) if place), OUTSIDE_LEVELS)
    for own, step in zip(reversed(ran), reversed(trace.steps), strict=True):
        following = own or following
        found.append(following if own or carries.first(step.outputs) else OUTSIDE_LEVELS)
    return found[::-1]


def _ran(trace: Trace, places: Sequence[LevelPart]) -> Iterator[tuple[LevelPart, Cost]]:
    """The costs of each stretch of steps that ran at one place."""
    of = summing(trace.steps)
    for place, stretch in groupby(range(len(places)), key=places.__getitem__):
        numbers = list(stretch)
        yield place, of(numbers[0], numbers[-1] + 1)


def _held(trace: Trace, blocks: Mapping[str, LevelPart]) -> Iterator[tuple[LevelPart, Cost]]:
    """The parameters and buffers of each module once, where it stands; last what is left over."""
    modules = {
        trace.blocks[call].path: (place, trace.blocks[call]) for call, place in blocks.items()
    }
    left = _weights(trace.root)
    for place, block in modules.values():
        weights = _weights(block)
        left = replace(
            left,
            parameters=left.parameters - weights.parameters,
            buffers=left.buffers - weights.buffers,
        )
        yield place, weights
    # modules that share a parameter hold more together than the model does
    yield (
        OUTSIDE_LEVELS,
        replace(left, parameters=max(0, left.parameters), buffers=max(0, left.buffers)),
    )


def _weights(block: Block) -> Cost:
    return Cost(block.parameters, block.buffers, 0, 0, {})
