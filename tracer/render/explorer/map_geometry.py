"""The map: the U of a model as positions, and that of each nested UNet that is closed in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tracer.analysis.levels.numbered_skips import number_skips
from tracer.analysis.levels.unit_graph import Unit
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram.edge_routing import Point
from tracer.render.diagram.label_positions import LabelPositions
from tracer.render.diagram.layout import BOX_HEIGHT, Box
from tracer.render.diagram.plan import (
    DiagramPlan,
    Edge,
    RoutedEdge,
    level_label,
    plan_diagram,
    routed_edges,
    routed_side_edges,
)
from tracer.render.diagram.readable_depth import find_readable_depth
from tracer.render.diagram.skip_edges import skip_labels
from tracer.render.explorer.interning import NOTHING, TensorPools
from tracer.render.tables.visible_rows import RowSelection

MARGIN = 12.0
"""Points around a map."""
FOLDED = RowSelection(fold=True)
MOST_MAPS = 60


@dataclass(frozen=True)
class ClosedUnit:
    """A map to be drawn: of the whole model, or of what is inside one call."""

    call: str
    plan: DiagramPlan


def plan_maps(
    trace: Trace, links: Sequence[SkipLink], depth: int | None = None
) -> list[ClosedUnit]:
    """Return the plan of the whole model, then those of the nested UNets that it leaves closed.

    Args:
        trace: The trace of the model.
        links: Its skips.
        depth: How many levels of blocks the first of them shows; None for as many as can be read.
    """
    found: dict[str, ClosedUnit] = {}
    waiting = [trace.root.call]
    while waiting and len(found) < MOST_MAPS:
        call = waiting.pop(0)
        inside, inner_links = _part(trace, links, call)
        shown = _depth_of(inside, inner_links, depth if call == trace.root.call else None)
        view = replace(FOLDED, depth=shown)
        plan = plan_diagram(inside, inner_links, view=view)
        found[call] = ClosedUnit(call, plan)
        if shown is not None:
            inner = (unit.block for unit in plan.graph.units if unit.block)
            waiting += [one.call for one in inner if _holds_skips(links, one.first, one.last)]
    return list(found.values())


def _depth_of(trace: Trace, links: Sequence[SkipLink], asked: int | None) -> int | None:
    """How many levels of blocks a map shows; None if it shows all."""
    if asked is not None:
        return asked
    readable = find_readable_depth(trace, links, FOLDED)
    return readable.depth if readable else None


def _part(trace: Trace, links: Sequence[SkipLink], call: str) -> tuple[Trace, tuple[SkipLink, ...]]:
    """The trace as if a block were the model, and the skips inside it."""
    if call == trace.root.call:
        return trace, tuple(links)
    block = trace.blocks[call]
    inside = replace(trace, root=block, inputs=block.inputs, outputs=block.outputs)
    return inside, tuple(one for one in links if _is_inside(one, block.first, block.last))


def _is_inside(link: SkipLink, first: int, last: int) -> bool:
    return first <= link.pushed and link.popped < last


def _holds_skips(links: Iterable[SkipLink], first: int, last: int) -> bool:
    return any(_is_inside(link, first, last) for link in links)


class MapWriter:
    """Writes plans as the maps of a document.

    Args:
        trace: The trace of the whole model.
        pools: Where sizes get their numbers.
        blocks: The numbers of blocks by their calls.
    """

    def __init__(
        self,
        trace: Trace,
        links: Sequence[SkipLink],
        pools: TensorPools,
        blocks: Mapping[str, int],
    ) -> None:
        self.trace = trace
        self.pools = pools
        self.blocks = blocks
        self.skips = {id(one.link): one for one in number_skips(trace, links)}

    def maps(self, closed: Sequence[ClosedUnit]) -> list[dict[str, Any]]:
        """Return all maps; a unit that is a map of its own has the number of that map."""
        numbers = {one.call: number for number, one in enumerate(closed)}
        return [self.map(one, numbers) for one in closed]

    def map(self, closed: ClosedUnit, numbers: Mapping[str, int]) -> dict[str, Any]:
        plan = closed.plan
        routes = [*routed_edges(plan), *routed_side_edges(plan)]
        frame = _Frame.around(plan, routes)
        units = [self.unit(plan, one, frame, numbers) for one in plan.graph.units]
        units += [self.stub(plan, name, frame) for name in self._stubs(plan)]
        order = {one["name"]: number for number, one in enumerate(units)}
        positions = LabelPositions.around(plan.layout.boxes.values(), [r.curve for r in routes])
        return {
            "block": self.blocks[closed.call],
            "title": closed.call or self.trace.model,
            "width": frame.width,
            "height": frame.height,
            "levels": list(self.levels(plan, frame)),
            "units": units,
            "edges": [self.edge(one, order, positions, frame) for one in routes],
        }

    def _stubs(self, plan: DiagramPlan) -> dict[str, str]:
        return {stub.name: stub.label for stub in plan.side_inputs.stubs}

    def levels(self, plan: DiagramPlan, frame: _Frame) -> Iterable[dict[str, Any]]:
        for cluster in plan.layout.clusters:
            resolution = plan.placement.resolutions[cluster.level]
            left, top = frame.point((cluster.left, cluster.top))
            right, bottom = frame.point((cluster.right, cluster.bottom))
            yield {
                "level": cluster.level,
                "left": left,
                "right": right,
                "top": top,
                "bottom": bottom,
                "sizes": list(self.pools.dims_of(resolution.spatial_size)),
                "ratio": level_label(resolution).split(r"\n")[-1],
            }

    def unit(
        self, plan: DiagramPlan, unit: Unit, frame: _Frame, numbers: Mapping[str, int]
    ) -> dict[str, Any]:
        call = unit.block.call if unit.block else None
        place = plan.placement.units.get(unit.name)
        return {
            "name": unit.name,
            "label": unit.label,
            "kind": "operation" if unit.kind == "join" else unit.kind,
            "outline": plan.styles.outlines[unit.name],
            "block": NOTHING if call is None else self.blocks[call],
            "first": unit.first,
            "last": unit.last,
            **_placed(plan.boxes[unit.name], frame),
            "role": place.role if place else None,
            "lines": list(plan.styles.lines(unit)),
            "map": NOTHING if call is None or not call else numbers.get(call, NOTHING),
            "outputs": self.pools.values_of(unit.outputs[:1]),
        }

    def stub(self, plan: DiagramPlan, name: str, frame: _Frame) -> dict[str, Any]:
        label = self._stubs(plan)[name]
        return {
            "name": name,
            "label": label,
            "kind": "stub",
            "outline": "end",
            "block": NOTHING,
            "first": 0,
            "last": 0,
            **_placed(plan.boxes[name], frame),
            "role": "side",
            "lines": [label],
            "map": NOTHING,
            "outputs": [],
        }

    def edge(
        self,
        route: RoutedEdge,
        order: Mapping[str, int],
        positions: LabelPositions,
        frame: _Frame,
    ) -> dict[str, Any]:
        edge = self._numbered(route.edge)
        is_skip = bool(edge) and edge[0].skip is not None
        texts = list(skip_labels(replace(route, edge=edge), positions)) if is_skip else []
        pushed = next((one for one in texts if not one.at_join), None)
        joined = next((one for one in texts if one.at_join), None)
        return {
            "source": order[route.source],
            "target": order[route.target],
            "skips": sorted({flow.skip.number - 1 for flow in edge if flow.skip}),
            "points": [frame.point(one) for one in route.curve],
            "push_label": pushed.text if pushed else "",
            "join_label": joined.text if joined else "",
            "push_at": frame.point(pushed.center) if pushed else None,
            "join_at": frame.point(joined.center) if joined else None,
        }

    def _numbered(self, edge: Edge) -> Edge:
        """The flows, their skips numbered as those of the whole model."""
        return tuple(
            replace(flow, skip=replace(flow.skip, number=self.skips[id(flow.skip.link)].number))
            if flow.skip
            else flow
            for flow in edge
        )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the origin of a map is, and how large it is."""

    left: float
    top: float
    width: float
    height: float

    @staticmethod
    def around(plan: DiagramPlan, routes: Iterable[RoutedEdge]) -> _Frame:
        points = [point for route in routes for point in route.curve]
        boxes = list(plan.boxes.values())
        xs = [x for x, _ in points] + [side for box in boxes for side in (box.left, box.right)]
        ys = [y for _, y in points] + [side for box in boxes for side in (box.top, box.bottom)]
        for cluster in plan.layout.clusters:
            xs += (cluster.left, cluster.right)
            ys += (cluster.top, cluster.bottom)
        left, top = min(xs, default=0.0) - MARGIN, min(ys, default=0.0) - MARGIN
        right, bottom = max(xs, default=0.0) + MARGIN, max(ys, default=0.0) + MARGIN
        return _Frame(left, top, _short(right - left), _short(bottom - top))

    def point(self, point: Point) -> tuple[float, float]:
        return _short(point[0] - self.left), _short(point[1] - self.top)


def _placed(box: Box, frame: _Frame) -> dict[str, float]:
    """The center and the size of a box."""
    x, y = frame.point((box.x, box.y))
    return {"x": x, "y": y, "width": _short(box.width), "height": BOX_HEIGHT}


def _short(number: float) -> float:
    """A number of points, in tenths."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded
