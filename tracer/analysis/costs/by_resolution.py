"""What each resolution level costs, in the encoder, the bottleneck and the decoder.

A block counts at the level where `tracer.analysis.levels` puts it. An operation between blocks (a
join, an interpolation) that outputs a feature map counts with the block that runs next. The rest is
outside the levels: the time embedding, and weights that no block of a level holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from tracer.analysis.costs.selected_blocks import weights_of
from tracer.analysis.costs.totals import Cost, range_costs, sum_costs
from tracer.analysis.levels import Level, resolution_levels
from tracer.analysis.levels.placement import Role
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.trace_symbols import is_symbolic
from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class LevelCost:
    """The cost of one part of a model at one resolution level, and its number of blocks.

    Outside the levels, `level` is None and `part` is "side".
    """

    level: Level | None
    part: Role
    blocks: int
    cost: Cost


LevelPart = tuple[int, Role]
"""The number of a level, and a part of the model."""
OUTSIDE_LEVELS: LevelPart = (-1, "side")
LEVEL_PARTS: tuple[Role, ...] = ("encoder", "middle", "decoder", "side")


def level_costs(trace: Trace, calls: Collection[str] | None = None) -> tuple[LevelCost, ...]:
    """Return one cost per level and part, from the input's resolution down; then what is outside.

    FLOPs and bytes add up to those of the forward pass.

    Args:
        trace: A trace.
        calls: Count only these blocks, which include all blocks inside them; None counts all.

    Raises:
        TypeError: The sizes of the trace are formulas.
        ValueError: The trace holds a tensor of an unknown dtype.
    """
    if is_symbolic(trace):
        raise TypeError(f"{trace.model} has formulas for sizes; its levels need numbers.")
    levels = resolution_levels(trace)
    blocks = dict(_blocks_of(levels))
    counted = trace.blocks.keys() if calls is None else set(calls)
    costs: dict[LevelPart, list[Cost]] = {}
    weights = _weight_costs(trace, blocks, counted)
    for part, one in chain(weights, _step_costs(trace, blocks, counted)):
        costs.setdefault(part, []).append(one)
    counts = Counter(part for call, part in blocks.items() if call in counted)
    sums = {part: sum_costs(found) for part, found in costs.items()}
    return tuple(
        LevelCost(
            level=None if part == OUTSIDE_LEVELS else levels[part[0]],
            part=part[1],
            blocks=counts[part],
            cost=sums[part],
        )
        for part in sorted(sums, key=_levels_first)
        if not _may_be_empty(part, calls) or replace(sums[part], steps=0) != Cost()
    )


def _may_be_empty(part: LevelPart, calls: Collection[str] | None) -> bool:
    return part == OUTSIDE_LEVELS or calls is not None


def _blocks_of(levels: Sequence[Level]) -> Iterator[tuple[str, LevelPart]]:
    """The call of each block that is at a level, with its level and part."""
    for number, level in enumerate(levels):
        parts: dict[Role, tuple[str, ...]] = {
            "encoder": level.encoder,
            "middle": level.middle,
            "decoder": level.decoder,
        }
        for part, calls in parts.items():
            yield from ((call, (number, part)) for call in calls)


def _levels_first(level_part: LevelPart) -> tuple[bool, int, int]:
    level, part = level_part
    return level_part == OUTSIDE_LEVELS, level, LEVEL_PARTS.index(part)


def _parts_of_steps(trace: Trace, blocks: Mapping[str, LevelPart]) -> list[LevelPart]:
    """The level and part of each step."""
    inside: list[LevelPart | None] = [None] * len(trace.steps)
    for call, part in blocks.items():
        block = trace.blocks[call]
        inside[block.first : block.last] = [part] * (block.last - block.first)
    feature_maps = find_spatial_sizes(trace)
    found: list[LevelPart] = []
    following = next((part for part in reversed(inside) if part), OUTSIDE_LEVELS)
    for own, step in zip(reversed(inside), reversed(trace.steps), strict=True):
        following = own or following
        found.append(following if own or feature_maps.first(step.outputs) else OUTSIDE_LEVELS)
    return found[::-1]


def _step_costs(
    trace: Trace, blocks: Mapping[str, LevelPart], counted: Container[str]
) -> Iterator[tuple[LevelPart, Cost]]:
    """The cost of each run of steps at one level and part."""
    cost_between = range_costs(trace)
    parts = _parts_of_steps(trace, blocks)
    chosen = [(part, trace.steps[number].block in counted) for number, part in enumerate(parts)]
    for (part, is_counted), run in groupby(enumerate(chosen), key=lambda item: item[1]):
        numbers = [number for number, _ in run]
        if is_counted:
            yield part, cost_between(numbers[0], numbers[-1] + 1)


def _weight_costs(
    trace: Trace, blocks: Mapping[str, LevelPart], counted: Container[str]
) -> Iterator[tuple[LevelPart, Cost]]:
    """The parameters and buffers of each module, once, at its level; last those of no level."""
    modules = {trace.blocks[call].path: (part, trace.blocks[call]) for call, part in blocks.items()}
    whole = weights_of(one for one in trace.root.walk() if one.call in counted)
    parameters, buffers = whole.parameters, whole.buffers
    for part, block in modules.values():
        held = weights_of(one for one in block.walk() if one.call in counted)
        parameters -= held.parameters
        buffers -= held.buffers
        yield part, held
    # modules that share a parameter hold more together than the model does
    yield OUTSIDE_LEVELS, Cost(parameters=max(0, parameters), buffers=max(0, buffers))
