"""The picture of a model: its units, from its blocks and skips alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tracer.levels.flows import Selection, UnitGraph, by_join, unit_flows
from tracer.levels.opened import opened_blocks
from tracer.levels.planes import planes
from tracer.levels.pushed import numbered
from tracer.record import Trace
from tracer.skip_links import SkipLink


def unit_graph(trace: Trace, links: Iterable[SkipLink]) -> UnitGraph:
    """The units of a whole model, each at one step of the ladder.

    A join whose result one block alone takes belongs to that block: the skip flows into the block.
    """
    skips = numbered(trace, links)
    selection = Selection(opened_blocks(trace, skips), by_join(skips))
    return _folded(unit_flows(trace, trace.root, selection, planes(trace)))


def inside(trace: Trace, call: str) -> UnitGraph:
    """The children of one block and each operation that it runs itself.

    Raises KeyError for a call that is not in the trace.
    """
    selection = Selection(frozenset({call}), every_operation=True)
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
