"""The plan of a U: which units and edges are drawn, how wide each box is, and where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracer.analysis.levels.placement import Placements, Resolution, place_units
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.unit_graph import Flow, UnitGraph
from tracer.analysis.levels.whole_model import WholeModel
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import (
    ARROW_LENGTH,
    FIRST_LANE,
    LANE_GAP,
    Curve,
    EdgeRouter,
)
from tracer.render.diagram.lanes import Lanes, Side, assign_lanes
from tracer.render.diagram.layout import BOX_GAP, Box, RequiredSpace, UnitLayout, place_boxes
from tracer.render.diagram.node_style import (
    DEFAULT_STYLE,
    EDGE_FONT_SIZE,
    NODE_FONT_SIZE,
    PADDING,
    Marks,
    NodeStyles,
    Style,
    node_styles,
)
from tracer.render.diagram.ranks import Ranks, assign_ranks
from tracer.render.diagram.side_inputs import SideInputs, arrange_side_inputs, side_boxes
from tracer.render.diagram.visible_units import collapsed_blocks, select_units
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection

Edge = tuple[Flow, ...]
"""The flows from one unit to another, drawn as one line: all of them skips, or none."""


@dataclass(frozen=True)
class DiagramPlan:
    """Everything that is drawn.

    `boxes` holds those of the U and of the side inputs above it. `prefix` begins the ids, which
    tells the diagrams of one graph apart.
    """

    graph: UnitGraph
    placement: Placements
    ranks: Ranks
    lanes: Lanes
    side_inputs: SideInputs
    styles: NodeStyles
    layout: UnitLayout
    boxes: dict[str, Box]
    prefix: str = ""

    @property
    def left(self) -> float:
        return min((self.layout.left, *(box.left for box in self.boxes.values())))

    @property
    def right(self) -> float:
        return max((self.layout.right, *(box.right for box in self.boxes.values())))

    @property
    def top(self) -> float:
        return min((self.layout.top, *(box.top for box in self.boxes.values())))

    @property
    def bottom(self) -> float:
        clusters = (cluster.bottom for cluster in self.layout.clusters)
        return max((*clusters, *(box.bottom for box in self.boxes.values())), default=0.0)

    def moved(self, x: float, y: float) -> DiagramPlan:
        """Return the plan with everything that many points to the right and down."""
        boxes = {name: box.moved(x, y) for name, box in self.boxes.items()}
        return replace(self, layout=self.layout.moved(x, y), boxes=boxes)

    def with_prefix(self, prefix: str) -> DiagramPlan:
        """Return the plan with ids that begin with a prefix."""
        ids = {name: f"{prefix}{identifier}" for name, identifier in self.styles.ids.items()}
        return replace(self, styles=replace(self.styles, ids=ids), prefix=prefix)

    def with_marks(self, marks: Marks) -> DiagramPlan:
        """Return the plan with marks on boxes and skips."""
        return replace(self, styles=replace(self.styles, marks=marks))


def plan_diagram(
    trace: Trace,
    links: Iterable[SkipLink],
    style: Style = DEFAULT_STYLE,
    view: RowSelection = ALL_ROWS,
) -> DiagramPlan:
    """Plans the diagram of a whole model.

    Args:
        trace: The trace of the model.
        links: The skips to draw.
        style: Adds links and colors.
        view: Selects the units to draw, by depth and paths, and whether repeats are folded.

    Raises:
        TraceError: A pattern in `view.paths` matches no block.
    """
    return plan_units(trace, WholeModel(trace, links), style, view)


def plan_units(
    trace: Trace, model: WholeModel, style: Style = DEFAULT_STYLE, view: RowSelection = ALL_ROWS
) -> DiagramPlan:
    """Return what `plan_diagram` does, for a model that is planned with several views."""
    whole = model.graph(collapsed_blocks(trace, view.depth))
    placed = place_units(whole, find_spatial_sizes(trace))
    graph = select_units(trace, whole, view, placed.units)
    roles: dict[str, str] = {name: place.role for name, place in placed.units.items()}
    styles = node_styles(trace, graph, roles, style)
    ranks = assign_ranks(graph, placed.units)
    lanes = assign_lanes([(edge[0].source, edge[0].target) for edge in edges(graph)], ranks)
    side = arrange_side_inputs(graph, ranks.side)
    widths = _widths(graph, styles, ranks)
    slants = {unit.name: styles.slant(unit, widths[unit.name]) for unit in graph.units}
    space = RequiredSpace(
        widths, slants, _column_gap(graph), _label_width(placed), _detours(graph, lanes)
    )
    levels = {name: place.level for name, place in placed.units.items()}
    layout = place_boxes(ranks, space, levels)
    boxes = layout.boxes | _boxes_above(layout, side, widths)
    return DiagramPlan(graph, placed, ranks, lanes, side, styles, layout, boxes)


def edges(graph: UnitGraph) -> list[Edge]:
    """Return the flows of a graph grouped by source and target, skips apart from the others."""
    groups: dict[tuple[str, str, bool], list[Flow]] = {}
    for flow in graph.flows:
        groups.setdefault((flow.source, flow.target, flow.skip is None), []).append(flow)
    return [tuple(group) for group in groups.values()]


@dataclass(frozen=True, slots=True)
class RoutedEdge:
    """An edge, and the curve along which it is drawn.

    Attributes:
        source: The name of the unit where it begins.
        target: The name of the unit, or of the stub of side inputs, where it ends.
        edge: Its flows; none for one between side inputs.
        curve: The curve, arrowhead included.
        lane_x: The x of the outermost lane of its column if the edge is in a lane, else None. The
            labels of skips are outside of all lanes.
    """

    source: str
    target: str
    edge: Edge
    curve: Curve
    lane_x: float | None = None


def routed_edges(plan: DiagramPlan) -> list[RoutedEdge]:
    """Return the edges of the U, straight skips first: their labels have the first choice."""
    router = EdgeRouter(plan.layout.boxes, plan.ranks.middle, plan.lanes)
    drawn = (edge for edge in edges(plan.graph) if edge[0].source not in plan.ranks.side)
    routes = []
    for edge in sorted(drawn, key=lambda edge: not is_straight_skip(plan, edge[0])):
        ends = edge[0].source, edge[0].target
        lane_x = router.lane_x(*ends, outermost=True) if ends in plan.lanes.by_ends else None
        routes.append(RoutedEdge(*ends, edge, router.curve(*ends), lane_x))
    return routes


def routed_side_edges(plan: DiagramPlan) -> list[RoutedEdge]:
    """Return the edges between side inputs, and from them to their stubs."""
    boxes = {name: plan.boxes[name] for name in plan.side_inputs.cells}
    router = EdgeRouter(boxes, columns=False)
    return [RoutedEdge(*ends, (), router.curve(*ends)) for ends in plan.side_inputs.edges]


def is_straight_skip(plan: DiagramPlan, flow: Flow) -> bool:
    """Return whether a flow is a skip that runs straight across."""
    return bool(flow.skip) and plan.boxes[flow.source].y == plan.boxes[flow.target].y


def push_label(*edge: Flow) -> str:
    """Return number, shape and intermediate operations of a skip: ``skip 3: 1x8x32x32, pad``.

    Several skips from one unit to another are only numbered: ``skips 3, 4``.
    """
    skips = [flow.skip for flow in edge if flow.skip and flow.starts]
    if len(skips) != 1:
        numbers = ", ".join(map(str, sorted(skip.number for skip in skips)))
        return f"skips {numbers}" if numbers else ""
    label = f"skip {skips[0].number}: {labels.shape(skips[0].link.value)}"
    return ", ".join((label, *skips[0].via))


def join_label(*edge: Flow) -> str:
    """Return how a skip is joined, and the shape of the result: ``cat 1x256x32x32``."""
    links = [flow.skip.link for flow in edge if flow.skip and flow.ends]
    if len(links) == 1:
        return f"{links[0].join} {labels.shape(links[0].result)}"
    return ", ".join(dict.fromkeys(link.join for link in links))


def level_label(resolution: Resolution) -> str:
    """Return two lines: ``32x32``, and its ratio to the model's input, ``1/4``."""
    parts = [f"{scale.numerator}/{scale.denominator}" for scale in resolution.scale]
    ratio = parts[0] if len(set(parts)) == 1 else " x ".join(parts)
    return rf"{labels.sizes(resolution.spatial_size)}\n{ratio}"


def _widths(graph: UnitGraph, styles: NodeStyles, ranks: Ranks) -> dict[str, float]:
    """One width for all blocks of the U; every other unit is as wide as its text."""
    widths = {unit.name: styles.width(unit) for unit in graph.units}
    blocks = {unit.name for unit in graph.units if unit.block} - set(ranks.side)
    widest = max((widths[name] for name in blocks), default=0.0)
    return widths | dict.fromkeys(blocks, widest)


def _column_gap(graph: UnitGraph) -> float:
    """The space between the columns for the labels of skips."""
    pairs = [(push_label(*edge), join_label(*edge)) for edge in edges(graph) if edge[0].skip]
    spare = 6 * ARROW_LENGTH
    return max((sum(map(_edge_text_width, pair)) + spare for pair in pairs), default=2 * BOX_GAP)


def _label_width(placed: Placements) -> float:
    """The space beside the columns for the sizes of the levels."""
    lines = [line for found in placed.resolutions for line in level_label(found).split(r"\n")]
    return labels.text_width(tuple(lines), NODE_FONT_SIZE) + ARROW_LENGTH


def _detours(graph: UnitGraph, lanes: Lanes) -> tuple[float, float]:
    """The space left and right of the columns for lanes and the labels of the skips in them."""
    return _detour(graph, lanes, "left"), _detour(graph, lanes, "right")


def _detour(graph: UnitGraph, lanes: Lanes, side: Side) -> float:
    count = lanes.most(side)
    if not count:
        return 0.0
    widest = 0.0
    for edge in edges(graph):
        lane = lanes.by_ends.get((edge[0].source, edge[0].target))
        if lane and lane.column.side == side:
            texts = push_label(*edge), join_label(*edge)
            widest = max(widest, *map(_edge_text_width, texts))
    return FIRST_LANE + count * LANE_GAP + (widest + 2 * ARROW_LENGTH if widest else 0.0)


def _edge_text_width(text: str) -> float:
    return labels.text_width((text,), EDGE_FONT_SIZE)


def _boxes_above(layout: UnitLayout, side: SideInputs, widths: dict[str, float]) -> dict[str, Box]:
    """The boxes of the side inputs, above everything else."""
    stubs = {
        stub.name: labels.text_width((stub.label,), NODE_FONT_SIZE) + PADDING for stub in side.stubs
    }
    boxes = side_boxes(side, widths | stubs, layout.left, layout.right)
    shift = layout.top - BOX_GAP - max((box.bottom for box in boxes.values()), default=0)
    return {name: replace(box, y=box.y + shift) for name, box in boxes.items()}
