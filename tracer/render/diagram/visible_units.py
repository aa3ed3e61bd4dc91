"""What of a graph of units is drawn: some paths, to some depth, repeated units folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tracer.analysis.levels.placement import UnitPlacement
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.tables.block_patterns import matches_any, require_matches
from tracer.render.tables.fold_repeats import Foldable, range_of, runs
from tracer.render.tables.rows import rows
from tracer.render.tables.visible_rows import RowSelection


def shut_blocks(trace: Trace, depth: int | None) -> frozenset[str]:
    """The calls of the blocks that are not looked into, because they stand as deep as that."""
    deep = (row.call for row in rows(trace) if depth is not None and row.level >= depth)
    return frozenset(call for call in deep if call)


def in_view(
    trace: Trace,
    graph: UnitGraph,
    view: RowSelection,
    places: Mapping[str, UnitPlacement] | None = None,
) -> UnitGraph:
    """The units that a view leaves, and where others are drawn from or to, those as bare ends.

    Units fold that follow one another with nothing between them, at one place where `places` says
    where each stands. Raises TraceError for a pattern that no block fits, or no unit.
    """
    if view.paths:
        require_matches(view.paths, trace.blocks, trace)
        graph = _focused(trace, graph, view.paths)
    return _folded(graph, places or {}) if view.fold else graph


def _focused(trace: Trace, graph: UnitGraph, paths: tuple[str, ...]) -> UnitGraph:
    kept = {unit.name for unit in graph.units if _is_meant(trace, unit, paths)}
    if not kept:
        raise TraceError(f'Nothing that fits "{", ".join(paths)}" ran an operation: no picture.')
    flows = tuple(flow for flow in graph.flows if {flow.source, flow.target} & kept)
    sources = {flow.source for flow in flows} - kept
    targets = {flow.target for flow in flows} - kept - sources
    units = (
        unit
        if unit.name in kept
        else replace(unit, kind="input" if unit.name in sources else "output")
        for unit in graph.units
        if unit.name in kept | sources | targets
    )
    return UnitGraph(tuple(units), flows)


def _is_meant(trace: Trace, unit: Unit, paths: tuple[str, ...]) -> bool:
    """Whether a unit is in a block that was asked for, or holds one."""
    if unit.block is None:
        return any(matches_any(step.block, paths) for step in trace.steps[unit.first : unit.last])
    return any(matches_any(block.call, paths) for block in unit.block.walk())


@dataclass(frozen=True)
class _Chains:
    """Tells which units follow one another with nothing between them."""

    takers: Mapping[str, set[str]]
    ends: frozenset[str]
    places: Mapping[str, UnitPlacement]

    def joins(self, one: Unit, other: Unit) -> bool:
        """Whether all that a unit puts out goes to the other, and neither is an end of a skip."""
        if {one.kind, other.kind} != {"block"} or {one.name, other.name} & self.ends:
            return False
        same_place = self.places.get(one.name) == self.places.get(other.name)
        return same_place and self.takers.get(one.name) == {other.name}


def _folded(graph: UnitGraph, places: Mapping[str, UnitPlacement]) -> UnitGraph:
    takers: dict[str, set[str]] = {}
    for flow in graph.flows:
        takers.setdefault(flow.source, set()).add(flow.target)
    ends = (name for flow in graph.flows if flow.skip for name in (flow.source, flow.target))
    chains = _Chains(takers, frozenset(ends), places)
    found = list(runs(graph.units, _part, chains.joins))
    names = {unit.name: run[0].name for run in found for unit in run}
    return UnitGraph(tuple(map(_run, found)), tuple(_renamed(graph.flows, names)))


def _part(unit: Unit) -> Foldable:
    return Foldable(unit.name, (unit.block,) if unit.block else ())


def _run(run: tuple[Unit, ...]) -> Unit:
    """One unit for all; its label is ASCII, as all words of a picture are."""
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first
    label = f"{range_of(first.name, last.name, '-')} (x {len(run)})"
    return replace(first, label=label, outputs=last.outputs, last=last.last)


def _renamed(flows: Iterable[Flow], names: Mapping[str, str]) -> Iterable[Flow]:
    """The flows between units that are left, each tensor once."""
    kept: dict[tuple[str, str, str], Flow] = {}
    for flow in flows:
        source, target = names[flow.source], names[flow.target]
        if source != target:
            here = replace(flow, source=source, target=target)
            kept.setdefault((source, target, flow.value.name), here)
    return kept.values()
