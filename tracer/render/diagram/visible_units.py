"""Which units of a graph are drawn: those of some paths, down to a depth, repeats folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tracer.analysis.levels.placement import UnitPlacement
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.tables.block_rows import rows
from tracer.render.tables.fold_repeats import Foldable, range_of, runs
from tracer.render.tables.path_filters import matches_any, require_matches
from tracer.render.tables.visible_rows import RowSelection


def collapsed_blocks(trace: Trace, depth: int | None) -> frozenset[str]:
    """Return the calls of the blocks that are drawn as one unit because they are at `depth`.

    None collapses no block.
    """
    deep = (row.call for row in rows(trace) if depth is not None and row.level >= depth)
    return frozenset(call for call in deep if call)


def select_units(
    trace: Trace,
    graph: UnitGraph,
    view: RowSelection,
    places: Mapping[str, UnitPlacement] | None = None,
) -> UnitGraph:
    """Return the part of a graph that a view selects.

    Args:
        trace: The trace that the graph is made from.
        graph: All units.
        view: Its paths select units; a unit outside them is kept, as a bare input or output, where
            it is one end of an edge. Its `fold` merges equal units in a row into one.
        places: The role and level of each unit; units that differ in them are not merged.

    Raises:
        TraceError: A pattern matches no block, or no unit.
    """
    if view.paths:
        require_matches(view.paths, trace.blocks, trace)
        graph = _select_paths(trace, graph, view.paths)
    return _fold(graph, places or {}) if view.fold else graph


def _select_paths(trace: Trace, graph: UnitGraph, paths: tuple[str, ...]) -> UnitGraph:
    selected = {unit.name for unit in graph.units if _matches(trace, unit, paths)}
    if not selected:
        patterns = ", ".join(paths)
        raise TraceError(
            f'There is nothing to draw: no block that matches "{patterns}" ran an operation.'
        )
    flows = tuple(flow for flow in graph.flows if {flow.source, flow.target} & selected)
    sources = {flow.source for flow in flows} - selected
    targets = {flow.target for flow in flows} - selected - sources
    units = (
        unit
        if unit.name in selected
        else replace(unit, kind="input" if unit.name in sources else "output")
        for unit in graph.units
        if unit.name in selected | sources | targets
    )
    return UnitGraph(tuple(units), flows)


def _matches(trace: Trace, unit: Unit, paths: tuple[str, ...]) -> bool:
    """Whether a unit is in a block that the paths match, or contains one."""
    if unit.block is None:
        return any(matches_any(step.block, paths) for step in trace.steps[unit.first : unit.last])
    return any(matches_any(block.call, paths) for block in unit.block.walk())


@dataclass(frozen=True)
class _Chains:
    """Decides which units follow one another with nothing in between."""

    targets: Mapping[str, set[str]]
    skip_ends: frozenset[str]
    places: Mapping[str, UnitPlacement]

    def joins(self, unit: Unit, other: Unit) -> bool:
        """Whether the output goes to the other unit alone, and neither is an end of a skip."""
        if {unit.kind, other.kind} != {"block"} or {unit.name, other.name} & self.skip_ends:
            return False
        same_place = self.places.get(unit.name) == self.places.get(other.name)
        return same_place and self.targets.get(unit.name) == {other.name}


def _fold(graph: UnitGraph, places: Mapping[str, UnitPlacement]) -> UnitGraph:
    targets: dict[str, set[str]] = {}
    for flow in graph.flows:
        targets.setdefault(flow.source, set()).add(flow.target)
    ends = (name for flow in graph.flows if flow.skip for name in (flow.source, flow.target))
    chains = _Chains(targets, frozenset(ends), places)
    groups = list(runs(graph.units, _foldable, chains.joins))
    names = {unit.name: group[0].name for group in groups for unit in group}
    return UnitGraph(tuple(map(_merged_unit, groups)), tuple(_merged_flows(graph.flows, names)))


def _foldable(unit: Unit) -> Foldable:
    return Foldable(unit.name, (unit.block,) if unit.block else ())


def _merged_unit(units: tuple[Unit, ...]) -> Unit:
    """One unit for a group; its label is ASCII, like all text in a diagram."""
    first, last = units[0], units[-1]
    if len(units) == 1:
        return first
    label = f"{range_of(first.name, last.name, '-')} (x {len(units)})"
    return replace(first, label=label, outputs=last.outputs, last=last.last)


def _merged_flows(flows: Iterable[Flow], names: Mapping[str, str]) -> Iterable[Flow]:
    """The flows between the remaining units, each tensor once."""
    merged: dict[tuple[str, str, str], Flow] = {}
    for flow in flows:
        source, target = names[flow.source], names[flow.target]
        if source != target:
            renamed = replace(flow, source=source, target=target)
            merged.setdefault((source, target, flow.value.name), renamed)
    return merged.values()
