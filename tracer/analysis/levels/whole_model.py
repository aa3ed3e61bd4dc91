"""The picture of a model: its units, from its blocks and skips alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from tracer.analysis.levels.expanded_blocks import opened_blocks
from tracer.analysis.levels.numbered_skips import numbered
from tracer.analysis.levels.spatial_sizes import planes
from tracer.analysis.levels.unit_graph import Flow, Selection, UnitGraph, by_join, unit_flows
from tracer.analysis.skips import SkipLink
from tracer.record import Trace


def unit_graph(trace: Trace, links: Iterable[SkipLink], shut: Set[str] = frozenset()) -> UnitGraph:
    """The units of a whole model, each at one step of the ladder.

    A join whose result one block alone takes belongs to that block: the skip flows into the block.
    Blocks whose calls are in `shut` stay one unit, whatever skips begin or end inside them.
    """
    skips = numbered(trace, links)
    selection = Selection(opened_blocks(trace, skips) - shut, by_join(skips))
    return _followed(_folded(unit_flows(trace, trace.root, selection, planes(trace))))


def inside(trace: Trace, call: str, opened: Set[str] = frozenset()) -> UnitGraph:
    """The children of one block and each operation that it runs itself.

    Of blocks inside that are `opened`, by their calls, the same is shown. Raises KeyError for a
    call that is not in the trace.
    """
    selection = Selection(opened | {call}, every_operation=True)
    return unit_flows(trace, trace.blocks[call], selection, planes(trace))


def _folded(graph: UnitGraph) -> UnitGraph:
    folded = _folded_joins(graph)
    flows = (flow for flow in graph.flows if flow.source not in folded)
    return UnitGraph(
        tuple(unit for unit in graph.units if unit.name not in folded),
        tuple(replace(flow, target=folded.get(flow.target, flow.target)) for flow in flows),
    )


def _folded_joins(graph: UnitGraph) -> dict[str, str]:
    """For each join that one block alone takes the result of, that block."""
    takers: dict[str, set[str]] = {}
    for flow in graph.flows:
        takers.setdefault(flow.source, set()).add(flow.target)
    blocks = {unit.name for unit in graph.units if unit.kind == "block"}
    joins = (unit.name for unit in graph.units if unit.kind == "join")
    return {join: min(takers[join]) for join in joins if _is_one_of(takers.get(join), blocks)}


def _is_one_of(takers: set[str] | None, blocks: set[str]) -> bool:
    return takers is not None and len(takers) == 1 and takers <= blocks


def _followed(graph: UnitGraph) -> UnitGraph:
    """Skips that pass through another unit, followed back to where they were pushed."""
    flows = list(graph.flows)
    into: dict[tuple[str, str], int] = {}
    for number, flow in enumerate(flows):
        into[flow.target, flow.value.name] = number
    for number, flow in enumerate(graph.flows):
        at, before = number, _before(flow, flow.source, into)
        while before is not None:
            flows[at] = replace(flows[at], skip=flow.skip, starts=False)
            flows[before] = replace(flows[before], skip=flow.skip, ends=False)
            at, before = before, _before(flow, flows[before].source, into)
    return replace(graph, flows=tuple(flows))


def _before(flow: Flow, unit: str, into: Mapping[tuple[str, str], int]) -> int | None:
    """The flow that brought a skip into a unit on its way."""
    way = flow.skip.way if flow.skip else ()
    return next((into[unit, name] for name in way if (unit, name) in into), None)
