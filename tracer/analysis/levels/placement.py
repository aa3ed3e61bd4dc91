"""Where each unit stands: at which resolution, and in the encoder, the middle or the decoder.

Both follow from the flows. The decoder is what is computed from a join, or from a lower resolution
than its own. The encoder is what else a skip is pushed from, or what is computed on the way there
or at more than the smallest resolution. The middle is the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from math import prod
from typing import Literal

from tracer.analysis.levels.spatial_sizes import Plane, Planes, factors, is_resampled
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph

Role = Literal["side", "encoder", "middle", "decoder"]
Roles = dict[str, Role]
Scale = tuple[Fraction, ...]

ONE = Fraction(1)
MOST_DIMENSIONS = 3


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """The role of a unit, and the number of its resolution in the order of first use.

    A unit at the side carries no plane (the time embedding), and no plane flows into it; it has no
    level unless it is a second input.
    """

    role: Role
    level: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The spatial sizes where a resolution is first met, and their ratios to the model's input."""

    plane: Plane
    scale: Scale

    @property
    def part(self) -> Fraction:
        """How much of the model's input that is: a quarter, for half its height and width."""
        return prod(self.scale, start=Fraction(1))


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of each unit by its name, and the resolutions by their number."""

    places: dict[str, UnitPlace]
    resolutions: tuple[Resolution, ...]


def placement(graph: UnitGraph, planes: Planes) -> Placement:
    """Where the units of a picture stand."""
    ladder = _Resolutions(graph, planes)
    levels = {unit.name: ladder.level(unit) for unit in graph.units}
    side = _side(graph, planes)
    parts = [found.part for found in ladder.found]
    sizes = {name: Fraction(1) if level is None else parts[level] for name, level in levels.items()}
    roles = _roles(graph, side, sizes)
    places = {name: UnitPlace(roles[name], level) for name, level in levels.items()}
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
        self.put_out: dict[str, Plane] = {}
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
        if plane is not None:
            self.put_out[unit.name] = plane
        return level

    def new(self, plane: Plane, flow: Flow | None, before: int | None) -> int:
        """The level of a plane that was not met before."""
        source = self._source(flow) if flow else None
        if source is None or before is None:  # an input, and compared with the first one
            source, before = (self.found[0].plane, 0) if self.found else (plane, None)
        if before is not None and not is_resampled(source, plane):
            return before
        steps = tuple(_whole(factor or Fraction(1)) for factor in factors(source, plane))
        scale = (ONE,) * len(steps) if before is None else self.found[before].scale
        return self.at_scale(plane, _product(scale, steps))

    def _source(self, flow: Flow) -> Plane | None:
        """The plane that a flow brings; as it left its unit, where reshapes resampled it later."""
        left, taken = self.put_out.get(flow.source), self.planes.of(flow.value)
        return left if is_resampled(left, taken) else taken

    def at_scale(self, plane: Plane, scale: Scale) -> int:
        same = _product(scale, (ONE,) * MOST_DIMENSIONS)  # (1/2, 1/2) and (1, 1/2, 1/2)
        if same not in self.by_scale:
            self.by_scale[same] = len(self.found)
            self.found.append(Resolution(plane, scale))
        return self.by_scale[same]


def _is_better(flow: Flow, other: Flow, planes: Planes) -> bool:
    """Whether a flow rather carries the main path: it has a plane, and skips nothing."""
    return _rank(flow, planes) > _rank(other, planes)


def _rank(flow: Flow, planes: Planes) -> tuple[bool, bool]:
    return planes.of(flow.value) is not None, flow.skip is None


def _product(one: Scale, two: Scale) -> Scale:
    """Both together. Of two ranks (a video and its frames), the last sizes belong together."""
    pairs = zip_longest(reversed(one), reversed(two), fillvalue=ONE)
    return tuple(s * t for s, t in pairs)[::-1]


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


def _roles(graph: UnitGraph, side: set[str], sizes: Mapping[str, Fraction]) -> Roles:
    decoder = _decoder(graph, side, sizes)
    smallest = min((size for name, size in sizes.items() if name not in side), default=Fraction(1))
    encoder = {flow.source for flow in graph.flows if flow.skip}
    encoder |= {name for name, size in sizes.items() if size > smallest}
    encoder -= decoder | side
    for flow in reversed(graph.flows):
        if flow.target in encoder and flow.source not in decoder | side:
            encoder.add(flow.source)
    roles: Roles = dict.fromkeys(sizes, "middle")
    roles |= dict.fromkeys(side, "side")
    roles |= dict.fromkeys(encoder, "encoder")
    return roles | dict.fromkeys(decoder, "decoder")


def _decoder(graph: UnitGraph, side: set[str], sizes: Mapping[str, Fraction]) -> set[str]:
    """What is computed from a join, or from a lower resolution than its own."""
    decoder = {flow.target for flow in graph.flows if flow.skip}
    lowest = dict(sizes)
    for flow in graph.flows:
        if flow.source not in side:
            lowest[flow.target] = min(lowest[flow.target], lowest[flow.source])
            if flow.source in decoder or lowest[flow.target] < sizes[flow.target]:
                decoder.add(flow.target)
    return decoder
