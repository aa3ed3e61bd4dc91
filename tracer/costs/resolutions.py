"""What each resolution costs, in the encoder, the middle and the decoder.

A block counts where `tracer.levels` puts it. An operation between blocks (a join, an interpolation)
that puts out a plane counts with the block that runs next. What is left stands beside the levels:
the time embedding, and weights that no block of a level holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tracer.costs.totals import Cost, summing
from tracer.levels import Level, resolution_levels
from tracer.levels.placed import Role
from tracer.levels.planes import planes
from tracer.record import Trace
from tracer.skip_links import SkipLink


@dataclass(frozen=True, slots=True)
class LevelCost:
    """What one part of a model costs at one resolution, and of how many blocks that part is.

    Beside the levels there is no `level`, and the part is the "side".
    """

    level: Level | None
    part: Role
    blocks: int
    cost: Cost


Place = tuple[int, Role]
"""A level by its number, and a part of the model."""
BESIDE: Place = (-1, "side")


def level_costs(trace: Trace, links: Iterable[SkipLink] | None = None) -> tuple[LevelCost, ...]:
    """The levels from the input's resolution on, each in its parts, and last what is beside them.

    FLOPs and bytes sum up to those of the forward. `links` are the skips of the trace where they
    are known already. Raises TypeError for a trace with formulas for sizes.
    """
    levels = resolution_levels(trace, links)
    blocks = dict(_placed(levels))
    costs = _costs(trace, _places(trace, blocks))
    weights = _weights(trace, blocks)
    counts = Counter(blocks.values())
    order = [*dict.fromkeys(sorted(blocks.values(), key=_from_the_top)), BESIDE]
    return tuple(
        LevelCost(
            level=None if place == BESIDE else levels[place[0]],
            part=place[1],
            blocks=counts[place],
            cost=_joined(costs.get(place, []), weights[place]),
        )
        for place in order
    )


def _placed(levels: Sequence[Level]) -> Iterator[tuple[str, Place]]:
    """The call of each block that stands at a level, and its place."""
    for number, level in enumerate(levels):
        parts: dict[Role, tuple[str, ...]] = {
            "encoder": level.encoder,
            "middle": level.middle,
            "decoder": level.decoder,
        }
        for part, calls in parts.items():
            yield from ((call, (number, part)) for call in calls)


def _from_the_top(place: Place) -> tuple[int, int]:
    return place[0], ("encoder", "middle", "decoder").index(place[1])


def _places(trace: Trace, blocks: Mapping[str, Place]) -> list[Place]:
    """The place of each step."""
    ran: list[Place | None] = [None] * len(trace.steps)
    for call, place in blocks.items():
        block = trace.blocks[call]
        ran[block.first : block.last] = [place] * (block.last - block.first)
    carries = planes(trace)
    found: list[Place] = []
    following = next((place for place in reversed(ran) if place), BESIDE)
    for own, step in zip(reversed(ran), reversed(trace.steps), strict=True):
        following = own or following
        found.append(following if own or carries.first(step.outputs) else BESIDE)
    return found[::-1]


def _costs(trace: Trace, places: Sequence[Place]) -> dict[Place, list[Cost]]:
    """The costs of each stretch of steps that ran at one place."""
    of = summing(trace.steps)
    costs: dict[Place, list[Cost]] = {}
    for place, stretch in groupby(range(len(places)), key=places.__getitem__):
        numbers = list(stretch)
        costs.setdefault(place, []).append(of(numbers[0], numbers[-1] + 1))
    return costs


def _weights(trace: Trace, blocks: Mapping[str, Place]) -> dict[Place, tuple[int, int]]:
    """The parameters and buffers at each place; a module that is called twice counts once."""
    modules = {
        trace.blocks[call].path: (place, trace.blocks[call]) for call, place in blocks.items()
    }
    parameters, buffers = Counter[Place](), Counter[Place]()
    for place, block in modules.values():
        parameters[place] += block.parameters
        buffers[place] += block.buffers
    # modules that share a parameter hold more together than the model does
    parameters[BESIDE] = max(0, trace.root.parameters - parameters.total())
    buffers[BESIDE] = max(0, trace.root.buffers - buffers.total())
    return {place: (parameters[place], buffers[place]) for place in (*parameters, BESIDE)}


def _joined(costs: Sequence[Cost], weights: tuple[int, int]) -> Cost:
    uncounted: Counter[str] = Counter()
    for cost in costs:
        uncounted.update(cost.uncounted)
    return Cost(
        *weights,
        flops=sum(cost.flops for cost in costs),
        activation_bytes=sum(cost.activation_bytes for cost in costs),
        uncounted=dict(uncounted.most_common()),
    )
