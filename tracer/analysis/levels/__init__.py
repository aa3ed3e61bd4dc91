"""The resolutions of a model: which blocks run at which spatial size, going down, across and up.

Everything follows from shapes and data flow; no model is known by name. A block counts at the
resolution that it puts out, so one that downsamples is the first of the lower level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.analysis.levels.placement import Role, Scale, UnitPlace, placement
from tracer.analysis.levels.spatial_sizes import Plane, planes
from tracer.analysis.levels.whole_model import unit_graph
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution, and the calls of the blocks that run at it, in the order in which they ran.

    `plane` holds the spatial sizes, `scale` their ratios to the model's input. A block is listed
    when it stands at one step of the ladder: neither the parts of a residual block nor the module
    that holds a whole level.
    """

    plane: Plane
    scale: Scale
    encoder: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    decoder: tuple[str, ...] = ()


def resolution_levels(trace: Trace, links: Iterable[SkipLink] | None = None) -> tuple[Level, ...]:
    """The levels of a trace in the order in which they are first met, the input's first.

    `links` are the skips of the trace where they are known already. Blocks that carry no plane (the
    time embedding) are at no level.
    """
    graph = unit_graph(trace, skips(trace) if links is None else links)
    placed = placement(graph, planes(trace))
    calls: dict[UnitPlace, list[str]] = {}
    for unit in graph.units:
        if unit.block:
            calls.setdefault(placed.places[unit.name], []).append(unit.name)
    roles: tuple[Role, ...] = ("encoder", "middle", "decoder")
    return tuple(
        Level(
            found.plane, found.scale, *(tuple(calls.get(UnitPlace(r, number), ())) for r in roles)
        )
        for number, found in enumerate(placed.resolutions)
    )
