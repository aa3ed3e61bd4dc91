"""Where each unit is: at which resolution, and in the encoder, the middle or the decoder.

Both follow from the flows. The decoder is what is computed from a join, or from a lower resolution
than its own. The encoder is the other sources of skips, what is computed on the way to them, and
what is larger than the smallest resolution. The middle is the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from math import prod
from typing import Literal

from tracer.analysis.levels.spatial_sizes import (
    SpatialSize,
    SpatialSizes,
    is_resampled,
    scale_factors,
)
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph

Role = Literal["side", "encoder", "middle", "decoder"]
Roles = dict[str, Role]
Scale = tuple[Fraction, ...]

ONE = Fraction(1)
MAX_SPATIAL_DIMS = 3


@dataclass(frozen=True, slots=True)
class UnitPlacement:
    """The role of a unit, and the number of its resolution in the order of first use.

    A unit at the side has no feature maps (the time embedding), and none flow into it; it has no
    level unless it is a second input.
    """

    role: Role
    level: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The spatial size where a resolution is first met, and its ratios to the model's input."""

    spatial_size: SpatialSize
    scale: Scale

    @property
    def fraction(self) -> Fraction:
        """The positions as a fraction of the input's: a quarter for half the height and width."""
        return prod(self.scale, start=ONE)


@dataclass(frozen=True, slots=True)
class Placements:
    """The placement of each unit by its name, and the resolutions by their number."""

    units: dict[str, UnitPlacement]
    resolutions: tuple[Resolution, ...]


def place_units(graph: UnitGraph, sizes: SpatialSizes) -> Placements:
    """Return the role and the level of each unit of a graph."""
    numbering = _ResolutionNumbering(graph, sizes)
    levels = {unit.name: numbering.level(unit) for unit in graph.units}
    side = _side_units(graph, sizes)
    fractions = [resolution.fraction for resolution in numbering.resolutions]
    unit_fractions = {
        name: ONE if level is None else fractions[level] for name, level in levels.items()
    }
    roles = _roles(graph, side, unit_fractions)
    units = {name: UnitPlacement(roles[name], level) for name, level in levels.items()}
    return Placements(units, tuple(numbering.resolutions))


class _ResolutionNumbering:
    """Numbers the resolutions while it goes through the units in order.

    A size that was met before is at that level. One that was padded or cropped stays at the level
    that it came from. One that was resampled is at the level with its scale: a network without
    padding, where 568 comes back as 392, still has a decoder at the levels of its encoder.
    """

    def __init__(self, graph: UnitGraph, sizes: SpatialSizes) -> None:
        self.sizes = sizes
        self.resolutions: list[Resolution] = []
        self.level_of_size: dict[SpatialSize, int] = {}
        self.level_of_scale: dict[Scale, int] = {}
        self.levels: dict[str, int | None] = {}
        self.output_sizes: dict[str, SpatialSize] = {}
        self.main_flows: dict[str, Flow] = {}
        for flow in graph.flows:
            other = self.main_flows.get(flow.target)
            if other is None or _flow_rank(flow, sizes) > _flow_rank(other, sizes):
                self.main_flows[flow.target] = flow

    def level(self, unit: Unit) -> int | None:
        """The level of the next unit; None if it has no feature maps and none flow into it."""
        size = self.sizes.first(unit.outputs or unit.inputs)
        flow = self.main_flows.get(unit.name)
        before = self.levels.get(flow.source) if flow else None
        if size is None:
            level = before
        elif size in self.level_of_size:
            level = self.level_of_size[size]
        else:
            level = self.level_of_size[size] = self.level_of_new(size, flow, before)
        self.levels[unit.name] = level
        if size is not None:
            self.output_sizes[unit.name] = size
        return level

    def level_of_new(self, size: SpatialSize, flow: Flow | None, before: int | None) -> int:
        """The level of a size that was not met before."""
        source = self.source_size(flow) if flow else None
        if source is None or before is None:  # an input, and compared with the first one
            first = self.resolutions[0].spatial_size if self.resolutions else None
            source, before = (size, None) if first is None else (first, 0)
        if before is not None and not is_resampled(source, size):
            return before
        factors = tuple(_rounded(factor or ONE) for factor in scale_factors(source, size))
        scale = (ONE,) * len(factors) if before is None else self.resolutions[before].scale
        return self.level_at(size, _product(scale, factors))

    def source_size(self, flow: Flow) -> SpatialSize | None:
        """The size that a flow brings; as it left its unit, if reshapes resampled it later."""
        at_source, at_target = self.output_sizes.get(flow.source), self.sizes.of(flow.value)
        return at_source if is_resampled(at_source, at_target) else at_target

    def level_at(self, size: SpatialSize, scale: Scale) -> int:
        """The level with a scale, a new one with this size if there is none."""
        key = _product(scale, (ONE,) * MAX_SPATIAL_DIMS)  # (1/2, 1/2) and (1, 1/2, 1/2)
        if key not in self.level_of_scale:
            self.level_of_scale[key] = len(self.resolutions)
            self.resolutions.append(Resolution(size, scale))
        return self.level_of_scale[key]


def _flow_rank(flow: Flow, sizes: SpatialSizes) -> tuple[bool, bool]:
    """Orders flows by how likely they are the main path: feature maps, and no skip."""
    return sizes.of(flow.value) is not None, flow.skip is None


def _product(one: Scale, two: Scale) -> Scale:
    """Both factors. Of two ranks (a video and its frames), the last sizes belong together."""
    pairs = zip_longest(reversed(one), reversed(two), fillvalue=ONE)
    return tuple(s * t for s, t in pairs)[::-1]


def _rounded(factor: Fraction) -> Fraction:
    """The whole factor that is meant: 57 to 29 is a half."""
    if factor < 1:
        return 1 / _rounded(1 / factor)
    near = Fraction(round(factor))
    return near if abs(near - factor) <= near / 5 else factor


def _side_units(graph: UnitGraph, sizes: SpatialSizes) -> set[str]:
    """The units beside the main path: the other inputs, and what is computed from them alone."""
    inputs = [unit for unit in graph.units if unit.kind == "input"]
    feature_maps = [unit.name for unit in inputs if sizes.first(unit.outputs)]
    main = (feature_maps or [unit.name for unit in inputs])[:1]
    side = {unit.name for unit in inputs} - set(main)
    with_feature_maps = {flow.source for flow in graph.flows if sizes.of(flow.value)}
    sources: dict[str, list[str]] = {}
    for flow in graph.flows:
        sources.setdefault(flow.target, []).append(flow.source)
    for unit in graph.units:
        before = sources.get(unit.name, [])
        if unit.kind == "output" or unit.name in with_feature_maps:
            continue
        if side.issuperset(before):
            side |= {unit.name} - set(main)
    return side


def _roles(graph: UnitGraph, side: set[str], fractions: Mapping[str, Fraction]) -> Roles:
    """The role of each unit; `fractions` are the positions of each as a fraction of the input's."""
    decoder = _decoder_units(graph, side, fractions)
    smallest = min((one for name, one in fractions.items() if name not in side), default=ONE)
    encoder = {flow.source for flow in graph.flows if flow.skip}
    encoder |= {name for name, one in fractions.items() if one > smallest}
    encoder -= decoder | side
    for flow in reversed(graph.flows):
        if flow.target in encoder and flow.source not in decoder | side:
            encoder.add(flow.source)
    roles: Roles = dict.fromkeys(fractions, "middle")
    roles |= dict.fromkeys(side, "side")
    roles |= dict.fromkeys(encoder, "encoder")
    return roles | dict.fromkeys(decoder, "decoder")


def _decoder_units(graph: UnitGraph, side: set[str], fractions: Mapping[str, Fraction]) -> set[str]:
    """The units that are computed from a join, or from a lower resolution than their own."""
    decoder = {flow.target for flow in graph.flows if flow.skip}
    lowest = dict(fractions)
    for flow in graph.flows:
        if flow.source not in side:
            lowest[flow.target] = min(lowest[flow.target], lowest[flow.source])
            if flow.source in decoder or lowest[flow.target] < fractions[flow.target]:
                decoder.add(flow.target)
    return decoder
