"""The order of units in the columns of a U: each after what it is computed from, levels together.

Execution order is not enough. A model may compute the outputs of all its levels at the end, and
would go up and down in the decoder once more for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush

from tracer.analysis.levels.placement import Role, UnitPlacement
from tracer.analysis.levels.unit_graph import UnitGraph

COLUMN_ROLES: tuple[Role, ...] = ("side", "encoder", "middle", "decoder")


def order_columns(graph: UnitGraph, places: Mapping[str, UnitPlacement]) -> tuple[str, ...]:
    """Return the names of all units; filtered by role, they are the columns of the diagram.

    This is Kahn's algorithm for a topological order. Of the units that are ready, an encoder unit
    at the first level comes next, and a decoder unit at the last; of those, the first that ran.

    Args:
        graph: The units in execution order, and the flows between them.
        places: The role and resolution level of each unit.
    """
    positions = {unit.name: number for number, unit in enumerate(graph.units)}
    names = list(positions)
    targets: dict[str, set[str]] = {}
    sources: dict[str, set[str]] = {name: set() for name in names}
    for source, target in _dependencies(graph, places):
        targets.setdefault(source, set()).add(target)
        sources[target].add(source)

    def rank(name: str) -> tuple[int, int, int, int]:
        place = places[name]
        level = place.level or 0
        if place.role == "decoder":
            level = -level
        return place.stage, COLUMN_ROLES.index(place.role), level, positions[name]

    ready = [rank(name) for name in names if not sources[name]]
    heapify(ready)
    order: list[str] = []
    while ready:
        name = names[heappop(ready)[-1]]
        order.append(name)
        for target in targets.get(name, ()):
            sources[target].discard(name)
            if not sources[target]:
                heappush(ready, rank(target))
    return tuple(order)


def _dependencies(
    graph: UnitGraph, places: Mapping[str, UnitPlacement]
) -> Iterator[tuple[str, str]]:
    """The pairs of units of which the first is before the second.

    A unit of the U that is computed from side units alone stays after the unit that ran before it.
    """
    side = {name for name, place in places.items() if place.role == "side"}
    computed = {flow.target for flow in graph.flows if flow.source not in side}
    before = None
    for unit in graph.units:
        if unit.name not in side:
            if before and unit.kind != "input" and unit.name not in computed:
                yield before, unit.name
            before = unit.name
    yield from ((flow.source, flow.target) for flow in graph.flows)
