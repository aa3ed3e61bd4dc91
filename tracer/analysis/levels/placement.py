"""Where each unit is: at which resolution, and in the encoder, the middle or the decoder.

Both follow from the flows. The decoder is what is computed from a join, or from a lower resolution
than its own. The encoder is the other sources of skips, what is computed on the way to them, and
what is larger than the smallest resolution. The middle is the rest. If a model runs several UNets
one after another, each of them has an encoder, a middle and a decoder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from math import prod
from typing import Literal

from tracer.analysis.levels.spatial_sizes import (
    SpatialSize,
    SpatialSizes,
    is_resampled,
    is_smaller,
    scale_factors,
)
from tracer.analysis.levels.stages import stages_of
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph
from tracer.analysis.operations import traits

Role = Literal["side", "encoder", "middle", "decoder"]
Roles = dict[str, Role]
Scale = tuple[Fraction, ...]

ONE = Fraction(1)
MAX_SPATIAL_DIMS = 3


@dataclass(frozen=True, slots=True)
class UnitPlacement:
    """The role of a unit, and the number of its resolution in the order of first use.

    A unit at the side has no feature maps (the time embedding), and none flow into it; it has no
    level unless it is a second input. `stage` is the number of its UNet, if there are several.
    """

    role: Role
    level: int | None
    stage: int = 0


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
    """Return the role, the level and the stage of each unit of a graph."""
    numbering = _ResolutionNumbering(graph, sizes)
    levels = {unit.name: numbering.level(unit) for unit in graph.units}
    fractions = {name: numbering.fraction(level) for name, level in levels.items()}
    side = _side_units(graph, sizes)
    main = UnitGraph(
        tuple(unit for unit in graph.units if unit.name not in side),
        tuple(flow for flow in graph.flows if flow.source not in side),
    )
    stages = stages_of(main, fractions, map(numbering.flow_fraction, main.flows))
    roles = _roles(main, stages, fractions)
    units = {
        name: UnitPlacement(roles.get(name, "side"), level, stages.get(name, 0))
        for name, level in levels.items()
    }
    return Placements(units, tuple(numbering.resolutions))


class _ResolutionNumbering:
    """Numbers the resolutions while it goes through the units in order.

    A block is at the resolution that it puts out. One that resamples and has skips inside is at
    the resolution of most of them: a block that pushes what it made, and then downsamples, is
    above the level that it leads to.

    What is joined with a skip is at the level of the skip. Elsewhere, a size that was padded or
    cropped stays at the level that it came from, and one that was resampled is at the level with
    its scale: a network without padding, where 568 comes back as 392, still has a decoder at the
    levels of its encoder. If there is no such level, a size that was met before is at its level.
    """

    def __init__(self, graph: UnitGraph, sizes: SpatialSizes) -> None:
        self.sizes = sizes
        self.resolutions: list[Resolution] = []
        self.level_of_size: dict[SpatialSize, int] = {}
        self.level_of_scale: dict[Scale, int] = {}
        self.levels: dict[str, int | None] = {}
        self.output_levels: dict[str, int | None] = {}
        self.output_sizes: dict[str, SpatialSize] = {}
        self.skip_sizes = _skip_sizes(graph, sizes)
        self.sizes_before_crops = _sizes_before_crops(graph, sizes)
        self.main_flows: dict[str, Flow] = {}
        for flow in graph.flows:
            other = self.main_flows.get(flow.target)
            if other is None or _flow_rank(flow, sizes) > _flow_rank(other, sizes):
                self.main_flows[flow.target] = flow

    def level(self, unit: Unit) -> int | None:
        """The level of the next unit; None if it has no feature maps and none flow into it."""
        own = size = self.sizes.first(unit.outputs or unit.inputs)
        flow = self.main_flows.get(unit.name)
        if size is not None:
            self.output_sizes[unit.name] = size
        if is_resampled(self.sizes.first(unit.inputs), size):
            own = _most_common(self.skip_sizes.get(unit.name, ()), default=size)
        elif (skipped := self.sizes_before_crops.get(unit.name)) in self.level_of_size:
            self.output_levels[unit.name] = self.level_of_size[skipped]
            return self.level_of_size[skipped]
        level = self.level_of_size_after(own, flow)
        self.output_levels[unit.name] = self.level_of_size_after(size, flow)
        return level

    def level_of_size_after(self, size: SpatialSize | None, flow: Flow | None) -> int | None:
        """The level of a size in a unit that a flow leads to."""
        before = self.output_levels.get(flow.source) if flow else None
        source = self.source_size(flow) if flow else None
        if size is None:
            return before
        if before is None or source is None:
            level = self.level_of_size.get(size)
        elif not is_resampled(source, size):
            level = before
        else:
            scale = self.scale_after(before, source, size)
            level = self.level_of_scale.get(_scale_key(scale), self.level_of_size.get(size))
        if level is None:
            level = self.level_of_new(size, source, before)
        self.level_of_size.setdefault(size, level)
        return level

    def fraction(self, level: int | None) -> Fraction:
        """The positions at a level as a fraction of those of the model's input."""
        return ONE if level is None else self.resolutions[level].fraction

    def flow_fraction(self, flow: Flow) -> Fraction | None:
        """The same for a tensor that flows between two units; None if it is no feature map."""
        size = self.sizes.of(flow.value)
        level = self.output_levels[flow.source]
        return None if size is None else self.fraction(self.level_of_size.get(size, level))

    def level_of_new(
        self, size: SpatialSize, source: SpatialSize | None, before: int | None
    ) -> int:
        """The level of a size that was not met before."""
        if source is None or before is None:  # an input, and compared with the first one
            first = self.resolutions[0].spatial_size if self.resolutions else None
            source, before = (size, None) if first is None else (first, 0)
        if before is not None and not is_resampled(source, size):
            return before
        return self.level_at(size, self.scale_after(before, source, size))

    def scale_after(self, before: int | None, source: SpatialSize, size: SpatialSize) -> Scale:
        """The scale of a size that was resampled from another at the level `before`."""
        factors = tuple(_rounded(factor or ONE) for factor in scale_factors(source, size))
        scale = (ONE,) * len(factors) if before is None else self.resolutions[before].scale
        return _product(scale, factors)

    def source_size(self, flow: Flow) -> SpatialSize | None:
        """The size that a flow brings; as it left its unit, if reshapes resampled it later."""
        at_source, at_target = self.output_sizes.get(flow.source), self.sizes.of(flow.value)
        return at_source if is_resampled(at_source, at_target) else at_target

    def level_at(self, size: SpatialSize, scale: Scale) -> int:
        """The level with a scale, a new one with this size if there is none."""
        key = _scale_key(scale)
        if key not in self.level_of_scale:
            self.level_of_scale[key] = len(self.resolutions)
            self.resolutions.append(Resolution(size, scale))
        return self.level_of_scale[key]


def _skip_sizes(graph: UnitGraph, sizes: SpatialSizes) -> dict[str, list[SpatialSize]]:
    """The sizes of the skips that begin or end at each unit."""
    found: dict[str, list[SpatialSize]] = {}
    for flow in graph.flows:
        size = sizes.of(flow.value)
        if flow.skip and size:
            ends = ((flow.source, flow.starts), (flow.target, flow.ends))
            for name in (name for name, is_end in ends if is_end):
                found.setdefault(name, []).append(size)
    return found


def _sizes_before_crops(graph: UnitGraph, sizes: SpatialSizes) -> dict[str, SpatialSize]:
    """For each unit that joins a skip, the size of the skip before it was cropped or padded."""
    found: dict[str, SpatialSize] = {}
    for flow in graph.flows:
        if flow.skip and flow.starts and flow.ends:
            size = sizes.of(flow.skip.link.value)
            if size and all(traits(op).crops for op in flow.skip.via):
                found[flow.target] = size
    return found


def _most_common(sizes: Iterable[SpatialSize], default: SpatialSize | None) -> SpatialSize | None:
    """The size that occurs most often; of those that occur equally often, the finest."""
    best = default
    counts = Counter(sizes)
    for size, count in counts.items():
        more = count - counts.get(best or (), 0)
        if more > 0 or best is None or (more == 0 and is_smaller(size, best)):
            best = size
    return best


def _flow_rank(flow: Flow, sizes: SpatialSizes) -> tuple[bool, bool]:
    """Orders flows by how likely they are the main path: feature maps, and no skip."""
    return sizes.of(flow.value) is not None, flow.skip is None


def _product(one: Scale, two: Scale) -> Scale:
    """Both factors. Of two ranks (a video and its frames), the last sizes belong together."""
    pairs = zip_longest(reversed(one), reversed(two), fillvalue=ONE)
    return tuple(s * t for s, t in pairs)[::-1]


def _scale_key(scale: Scale) -> Scale:
    """The same for all ranks: for (1/2, 1/2) and (1, 1/2, 1/2)."""
    return _product(scale, (ONE,) * MAX_SPATIAL_DIMS)


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


def _roles(graph: UnitGraph, stages: Mapping[str, int], fractions: Mapping[str, Fraction]) -> Roles:
    """The role of each unit; `fractions` are the positions of each as a fraction of the input's."""
    inner = [flow for flow in graph.flows if stages[flow.source] == stages[flow.target]]
    decoder = _decoder_units(inner, fractions)
    smallest: dict[int, Fraction] = {}
    for unit in graph.units:
        stage, fraction = stages[unit.name], fractions[unit.name]
        smallest[stage] = min(fraction, smallest.get(stage, fraction))
    encoder = {flow.source for flow in inner if flow.skip}
    encoder |= {name for name, stage in stages.items() if fractions[name] > smallest[stage]}
    encoder -= decoder
    for flow in reversed(inner):
        if flow.target in encoder and flow.source not in decoder:
            encoder.add(flow.source)
    roles: Roles = dict.fromkeys(stages, "middle")
    roles |= dict.fromkeys(encoder, "encoder")
    return roles | dict.fromkeys(decoder, "decoder")


def _decoder_units(flows: Iterable[Flow], fractions: Mapping[str, Fraction]) -> set[str]:
    """The units that are computed from a join, or from a lower resolution than their own."""
    flows = tuple(flows)
    decoder = {flow.target for flow in flows if flow.skip}
    lowest = dict(fractions)
    for flow in flows:
        lowest[flow.target] = min(lowest[flow.target], lowest[flow.source])
        if flow.source in decoder or lowest[flow.target] < fractions[flow.target]:
            decoder.add(flow.target)
    return decoder
