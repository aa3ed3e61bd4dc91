"""Where each unit stands: at which resolution, and in the encoder, the middle or the decoder.

Both follow from the flows. With skips, the encoder is what a skip is pushed from or computed on the
way to, the decoder what runs after a join, and the middle what lies between. Without, the smallest
resolution is the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Literal

from tracer.levels.flows import Flow, Unit, UnitGraph
from tracer.levels.planes import Plane, Planes, factors, is_resampled

Role = Literal["side", "encoder", "middle", "decoder"]
Roles = dict[str, Role]
Scale = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The role of a unit, and the number of its resolution in the order of first use.

    A unit at the side carries no plane (the time embedding), and no plane flows into it; it has no
    level unless it is a second input.
    """

    role: Role
    level: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The spatial sizes where a resolution is first met, and their ratio to the model's input."""

    plane: Plane
    scale: Scale


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of each unit by its name, and the resolutions by their number."""

    places: dict[str, Place]
    resolutions: tuple[Resolution, ...]


def placement(graph: UnitGraph, planes: Planes) -> Placement:
    """Where the units of a picture stand."""
    ladder = _Resolutions(graph, planes)
    levels = {unit.name: ladder.level(unit) for unit in graph.units}
    side = _side(graph, planes)
    skipping = any(flow.skip for flow in graph.flows)
    roles = _by_skips(graph, side) if skipping else _by_size(graph, levels, ladder)
    places = {
        unit.name: Place("side" if unit.name in side else roles[unit.name], levels[unit.name])
        for unit in graph.units
    }
    return Placement(places, tuple(ladder.found))


class _Resolutions:
    """Numbers the resolutions while it goes through the units in order.

    A plane that was met before is at that level. One that was padded or cropped stays at the level
    it came from. One that was resampled is at the level with its scale: so a network without
    padding, where 568 comes back as 392, still has a decoder at the levels of its encoder.
    """

    def __init__(self, graph: UnitGraph, planes: Planes) -> None:
        self.planes = planes
        self.found: list[Resolution] = []
        self.by_plane: dict[Plane, int] = {}
        self.by_scale: dict[Scale, int] = {}
        self.levels: dict[str, int | None] = {}
        self.main: dict[str, Flow] = {}
        for flow in graph.flows:
            if flow.target not in self.main or _is_better(flow, self.main[flow.target], planes):
                self.main[flow.target] = flow

    def level(self, unit: Unit) -> int | None:
        plane = self.planes.first(unit.outputs or unit.inputs)
        flow = self.main.get(unit.name)
        before = self.levels.get(flow.source) if flow else None
        if plane is None:
            level = before
        elif plane in self.by_plane:
            level = self.by_plane[plane]
        else:
            level = self.by_plane[plane] = self.new(plane, flow, before)
        self.levels[unit.name] = level
        return level

    def new(self, plane: Plane, flow: Flow | None, before: int | None) -> int:
        """The level of a plane that was not met before."""
        source = self.planes.of(flow.value) if flow else None
        if source is None or before is None:
            return self.at_scale(plane, (Fraction(1),) * len(plane))
        if not is_resampled(source, plane):
            return before
        steps = [_whole(factor or Fraction(1)) for factor in factors(source, plane)]
        scale = self.found[before].scale[-len(steps) :]
        return self.at_scale(plane, tuple(s * f for s, f in zip(scale, steps, strict=True)))

    def at_scale(self, plane: Plane, scale: Scale) -> int:
        if scale not in self.by_scale:
            self.by_scale[scale] = len(self.found)
            self.found.append(Resolution(plane, scale))
        return self.by_scale[scale]


def _is_better(flow: Flow, other: Flow, planes: Planes) -> bool:
    """Whether a flow rather carries the main path: it has a plane, and skips nothing."""
    return _rank(flow, planes) > _rank(other, planes)


def _rank(flow: Flow, planes: Planes) -> tuple[bool, bool]:
    return planes.of(flow.value) is not None, flow.skip is None


def _whole(factor: Fraction) -> Fraction:
    """The whole factor that is meant: 57 to 29 is a half."""
    if factor < 1:
        return 1 / _whole(1 / factor)
    near = Fraction(round(factor))
    return near if abs(near - factor) <= near / 5 else factor


def _side(graph: UnitGraph, planes: Planes) -> set[str]:
    """What stands beside the main path: other inputs than the first plane, what comes of them."""
    inputs = [unit for unit in graph.units if unit.kind == "input"]
    with_plane = [unit.name for unit in inputs if planes.first(unit.outputs)]
    main = (with_plane or [unit.name for unit in inputs])[:1]
    side = {unit.name for unit in inputs} - set(main)
    carried = {flow.source for flow in graph.flows if planes.of(flow.value)}
    sources: dict[str, list[str]] = {}
    for flow in graph.flows:
        sources.setdefault(flow.target, []).append(flow.source)
    for unit in graph.units:
        before = sources.get(unit.name, [])
        if unit.kind != "output" and unit.name not in carried and side.issuperset(before):
            side |= {unit.name} - set(main)
    return side


def _by_skips(graph: UnitGraph, side: set[str]) -> Roles:
    """Roles where there are skips: before the last push, after the first join, or between."""
    decoder = {flow.target for flow in graph.flows if flow.skip}
    for flow in graph.flows:
        if flow.source in decoder:
            decoder.add(flow.target)
    encoder = {flow.source for flow in graph.flows if flow.skip} - decoder
    for flow in reversed(graph.flows):
        if flow.target in encoder and flow.source not in decoder | side:
            encoder.add(flow.source)
    roles: Roles = {unit.name: "middle" for unit in graph.units}
    return roles | dict.fromkeys(encoder, "encoder") | dict.fromkeys(decoder, "decoder")


def _by_size(graph: UnitGraph, levels: dict[str, int | None], ladder: _Resolutions) -> Roles:
    """Roles where there are no skips: before, at and after the smallest resolution."""
    roles: Roles = {unit.name: "middle" for unit in graph.units}
    if not ladder.found[1:]:
        return roles
    sizes = [prod(resolution.scale) for resolution in ladder.found]
    smallest = sizes.index(min(sizes))
    order = [unit.name for unit in graph.units if levels[unit.name] is not None]
    at = [number for number, name in enumerate(order) if levels[name] == smallest]
    roles |= dict.fromkeys(order[: at[0]], "encoder")
    return roles | dict.fromkeys(order[at[-1] + 1 :], "decoder")
