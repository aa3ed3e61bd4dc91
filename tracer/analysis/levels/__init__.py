"""The resolution levels of a model: which blocks run at which spatial size, and in which role.

Everything follows from shapes and data flow; no model is known by name. A block is at the
resolution that it puts out, so one that downsamples is the first of the lower level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.analysis.levels.placement import Role, Scale, UnitPlacement, place_units
from tracer.analysis.levels.spatial_sizes import SpatialSize, find_spatial_sizes
from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution, and the calls of the blocks that run at it, in the order in which they ran.

    A block is listed if it is at one resolution as a whole: neither the parts of a residual block
    are, nor the module that holds a whole level.

    Attributes:
        spatial_size: The spatial sizes where the resolution is first met.
        scale: Their ratios to those of the model's input.
        encoder: The calls on the way down.
        middle: The calls of the bottleneck.
        decoder: The calls on the way up.
    """

    spatial_size: SpatialSize
    scale: Scale
    encoder: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    decoder: tuple[str, ...] = ()


def resolution_levels(trace: Trace, links: Iterable[SkipLink] | None = None) -> tuple[Level, ...]:
    """Return the levels of a trace in the order in which they are first met, the input's first.

    Blocks without feature maps (the time embedding) are at no level.

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
    roles: tuple[Role, ...] = ("encoder", "middle", "decoder")
    return tuple(
        Level(
            one.spatial_size,
            one.scale,
            *(tuple(calls.get(UnitPlacement(role, number), ())) for role in roles),
        )
        for number, one in enumerate(placements.resolutions)
    )
