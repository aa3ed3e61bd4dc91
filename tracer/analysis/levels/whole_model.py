"""The unit graphs of a whole model and of one block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from tracer.analysis.levels.expanded_blocks import find_expanded_blocks
from tracer.analysis.levels.numbered_skips import number_skips
from tracer.analysis.levels.spatial_sizes import SpatialSizes, find_spatial_sizes
from tracer.analysis.levels.unit_graph import (
    Flow,
    UnitGraph,
    UnitSelection,
    build_unit_graph,
    skips_by_join,
)
from tracer.analysis.skips import SkipLink
from tracer.record import Trace


def model_graph(
    trace: Trace, links: Iterable[SkipLink], collapsed: Set[str] = frozenset()
) -> UnitGraph:
    """Return the units of a whole model, each at one resolution.

    A join whose result only one block takes in belongs to that block: the skip flows into it. A
    skip into a block that takes in no other feature map is around something inside that block, and
    not a skip of this graph.

    Args:
        trace: The trace.
        links: Its skips.
        collapsed: The calls of blocks that stay one unit, whatever skips begin or end inside them.
    """
    return WholeModel(trace, links).graph(collapsed)


class WholeModel:
    """A model whose units are asked for several times, with other blocks collapsed.

    `expanded` are the calls of the blocks that are expanded unless they are collapsed.
    """

    def __init__(self, trace: Trace, links: Iterable[SkipLink]) -> None:
        skips, self._sizes = number_skips(trace, links), find_spatial_sizes(trace)
        self._trace, self._joins = trace, skips_by_join(skips)
        self.expanded = find_expanded_blocks(trace, skips, self._sizes)

    def graph(self, collapsed: Set[str] = frozenset()) -> UnitGraph:
        """Return the units, as `model_graph` does."""
        selection = UnitSelection(self.expanded - collapsed, self._joins)
        graph = build_unit_graph(self._trace, self._trace.root, selection, self._sizes)
        return _follow_skips(_without_inner_skips(_merge_joins(graph), self._sizes))


def block_graph(trace: Trace, call: str, expanded: Set[str] = frozenset()) -> UnitGraph:
    """Return the children of one block and each operation that it runs itself.

    Args:
        trace: The trace.
        call: The call of the block.
        expanded: The calls of blocks inside it of which the same is shown.

    Raises:
        KeyError: No block of the trace has this call.
    """
    selection = UnitSelection(expanded | {call}, every_operation=True)
    return build_unit_graph(trace, trace.blocks[call], selection, find_spatial_sizes(trace))


def _merge_joins(graph: UnitGraph) -> UnitGraph:
    """The graph with each join that only one block takes in made part of that block."""
    blocks = _consumers_of_joins(graph)
    flows = (flow for flow in graph.flows if flow.source not in blocks)
    return UnitGraph(
        tuple(unit for unit in graph.units if unit.name not in blocks),
        tuple(replace(flow, target=blocks.get(flow.target, flow.target)) for flow in flows),
    )


def _consumers_of_joins(graph: UnitGraph) -> dict[str, str]:
    """For each join whose result only one block takes in, that block."""
    consumers: dict[str, set[str]] = {}
    for flow in graph.flows:
        consumers.setdefault(flow.source, set()).add(flow.target)
    blocks = {unit.name for unit in graph.units if unit.kind == "block"}
    joins = (unit.name for unit in graph.units if unit.kind == "join")
    return {
        join: min(consumers[join])
        for join in joins
        if len(consumers.get(join, ())) == 1 and consumers[join] <= blocks
    }


def _without_inner_skips(graph: UnitGraph, sizes: SpatialSizes) -> UnitGraph:
    """The graph without the skips into blocks that take in no other feature map."""
    feature_maps: dict[str, set[str]] = {}
    for flow in graph.flows:
        if sizes.of(flow.value):
            feature_maps.setdefault(flow.target, set()).add(flow.value.name)
    blocks = {unit.name for unit in graph.units if unit.block}
    flows = (
        replace(flow, skip=None)
        if flow.target in blocks and feature_maps.get(flow.target) == {flow.value.name}
        else flow
        for flow in graph.flows
    )
    return replace(graph, flows=tuple(flows))


def _follow_skips(graph: UnitGraph) -> UnitGraph:
    """The graph with skips that pass through another unit followed back to their source."""
    by_target = {(flow.target, flow.value.name): flow for flow in graph.flows}
    skips: dict[tuple[str, str], list[Flow]] = {}
    for flow in graph.flows:
        last = flow if flow.skip else None
        while last is not None:
            before = _flow_before(last, by_target)
            skips.setdefault((last.target, last.value.name), []).append(
                last if before is None else replace(last, starts=False)
            )
            last = before and replace(before, skip=flow.skip, ends=False)
    flows = dict.fromkeys((flow.target, flow.value.name) for flow in graph.flows)
    found = (skips.get(key) or [by_target[key]] for key in flows)
    return replace(graph, flows=tuple(flow for group in found for flow in group))


def _flow_before(flow: Flow, by_target: Mapping[tuple[str, str], Flow]) -> Flow | None:
    """The flow that brought a skip into the unit that it leaves with this flow."""
    path, unit = flow.skip.names if flow.skip else (), flow.source
    return next((by_target[unit, name] for name in path if (unit, name) in by_target), None)
