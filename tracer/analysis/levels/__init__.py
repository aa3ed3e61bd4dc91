"""The resolution levels of a model: which blocks run at which spatial size, and in which role.

Everything follows from shapes and data flow; no model is known by name. A block is at the
resolution that it puts out, so one that downsamples is the first of the lower level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.analysis.levels.placement import Scale, UnitPlacement, place_units
from tracer.analysis.levels.spatial_sizes import SpatialSize, find_spatial_sizes
from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of one UNet, and the calls of the blocks that run at it, as they ran.

    A block is listed if it is at one resolution as a whole: neither the parts of a residual block
    are, nor the module that holds a whole level.

    Attributes:
        spatial_size: The spatial sizes where the resolution is first met.
        scale: Their ratios to those of the model's input.
        encoder: The calls on the way down.
        middle: The calls of the bottleneck.
        decoder: The calls on the way up.
        unet: The number of the UNet, from 1, if the model runs several one after another; else 0.
    """

    spatial_size: SpatialSize
    scale: Scale
    encoder: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    decoder: tuple[str, ...] = ()
    unet: int = 0


def resolution_levels(trace: Trace, links: Iterable[SkipLink] | None = None) -> tuple[Level, ...]:
    """Return the levels of a trace in the order in which they are first met, the input's first.

    If the model runs several UNets one after another, each of them has levels of its own. Blocks
    without feature maps (the time embedding) are at no level.

    Args:
        trace: The trace.
        links: Its skips, if they are known already.
    """
    graph = model_graph(trace, skips(trace) if links is None else links)
    placements = place_units(graph, find_spatial_sizes(trace))
    calls: dict[UnitPlacement, list[str]] = {}
    for unit in graph.units:
        if unit.block:
            calls.setdefault(placements.units[unit.name], []).append(unit.name)
    unets = max((place.stage for place in placements.units.values()), default=0) + 1
    levels = [
        Level(
            one.spatial_size,
            one.scale,
            tuple(calls.get(UnitPlacement("encoder", number, stage), ())),
            tuple(calls.get(UnitPlacement("middle", number, stage), ())),
            tuple(calls.get(UnitPlacement("decoder", number, stage), ())),
            unet=stage + 1 if unets > 1 else 0,
        )
        for stage in range(unets)
        for number, one in enumerate(placements.resolutions)
    ]
    return tuple(levels) if unets == 1 else _as_first_met(trace, levels)


def _as_first_met(trace: Trace, levels: Iterable[Level]) -> tuple[Level, ...]:
    """The levels of several UNets that have blocks, in the order in which their first ones ran."""
    first_steps = {
        level: min(trace.blocks[call].first for call in calls)
        for level in levels
        if (calls := level.encoder + level.middle + level.decoder)
    }
    return tuple(sorted(first_steps, key=lambda level: (level.unet, first_steps[level])))
