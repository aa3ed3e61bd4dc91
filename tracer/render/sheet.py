"""The plan of a ladder: what is drawn of a model, how wide each box is, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracer.levels.flows import Flow, UnitGraph
from tracer.levels.placed import Placement, Resolution, placement
from tracer.levels.planes import planes
from tracer.levels.units import unit_graph
from tracer.record import Trace
from tracer.render import labels
from tracer.render.geometry import GAP, Box, Layout, Room, layout
from tracer.render.ladder import Ladder, ladder
from tracer.render.marks import EDGE_SIZE, NODE_SIZE, PADDING, Link, Marks, marks
from tracer.render.routes import ARROW, BOW
from tracer.render.strip import Strip, strip, strip_boxes
from tracer.skip_links import SkipLink


@dataclass(frozen=True)
class Sheet:
    """All that is to be drawn; `boxes` has those of the ladder and of the strip above it."""

    graph: UnitGraph
    placed: Placement
    ladder: Ladder
    strip: Strip
    look: Marks
    layout: Layout
    boxes: dict[str, Box]


def sheet(trace: Trace, links: Iterable[SkipLink], link: Link | None) -> Sheet:
    """Plan the picture of a whole model with these skips."""
    graph = unit_graph(trace, links)
    placed = placement(graph, planes(trace))
    look = marks(trace, graph, {name: place.role for name, place in placed.places.items()}, link)
    found = ladder(graph, placed.places)
    beside = strip(graph, found.side)
    widths = _widths(graph, look, found)
    slants = {unit.name: look.slant(unit, widths[unit.name]) for unit in graph.units}
    room = Room(widths, slants, _between(graph), _gutter(placed), _swings(graph, found))
    levels = {name: place.level for name, place in placed.places.items()}
    plan = layout(found, room, levels)
    boxes = plan.boxes | _above(plan, beside, widths)
    return Sheet(graph, placed, found, beside, look, plan, boxes)


def rung_label(flow: Flow) -> str:
    """`skip 3: 1x128x32x32`: the number of a skip, what it carries, what was done to it (`pad`)."""
    if flow.skip is None or not flow.starts:
        return ""
    words = f"skip {flow.skip.number}: {labels.shape(flow.skip.link.value)}"
    return ", ".join((words, *flow.skip.via))


def join_label(flow: Flow) -> str:
    """`cat 1x256x32x32`: how a skip is joined, and to what."""
    if flow.skip is None or not flow.ends:
        return ""
    return f"{flow.skip.link.join} {labels.shape(flow.skip.link.result)}"


def level_label(resolution: Resolution) -> str:
    """`32x32` above `1/4`, the ratio to the model's input."""
    parts = [f"{s.numerator}/{s.denominator}" for s in resolution.scale]
    ratio = parts[0] if len(set(parts)) == 1 else " x ".join(parts)
    return rf"{labels.sizes(resolution.plane)}\n{ratio}"


def _widths(graph: UnitGraph, look: Marks, found: Ladder) -> dict[str, float]:
    """One width for all blocks of the ladder; the others are as wide as their words."""
    widths = {unit.name: look.width(unit) for unit in graph.units}
    blocks = {unit.name for unit in graph.units if unit.block} - set(found.side)
    widest = max((widths[name] for name in blocks), default=0.0)
    return widths | dict.fromkeys(blocks, widest)


def _between(graph: UnitGraph) -> float:
    """The room between the columns for what is written on the rungs."""
    words = [(rung_label(flow), join_label(flow)) for flow in graph.flows if flow.skip]
    spare = 6 * ARROW
    return max((sum(_room(text) for text in pair) + spare for pair in words), default=2 * GAP)


def _gutter(placed: Placement) -> float:
    """The room beside the columns for the sizes of the resolutions."""
    words = [line for found in placed.resolutions for line in level_label(found).split(r"\n")]
    return labels.room(tuple(words), NODE_SIZE) + ARROW


def _swings(graph: UnitGraph, found: Ladder) -> tuple[float, float]:
    """The room to the left and the right for flows that pass over other units of their column."""
    columns = [row.left for row in found.rows if row.left], [r.right for r in found.rows if r.right]
    left, right = ({name: n for n, name in enumerate(column)} for column in columns)
    return _swing(graph, left), _swing(graph, right)


def _swing(graph: UnitGraph, column: dict[str, int]) -> float:
    inside = (f for f in graph.flows if f.source in column and f.target in column)
    passing = [f for f in inside if abs(column[f.source] - column[f.target]) > 1]
    words = max(
        (_room(text) for f in passing for text in (rung_label(f), join_label(f))), default=0
    )
    return max(BOW, words + 2 * ARROW) if passing else 0.0


def _room(text: str) -> float:
    return labels.room((text,), EDGE_SIZE)


def _above(plan: Layout, found: Strip, widths: dict[str, float]) -> dict[str, Box]:
    """The boxes of the strip, above everything else."""
    stubs = {s.name: labels.room((s.label,), NODE_SIZE) + PADDING for s in found.stubs}
    boxes = strip_boxes(found, widths | stubs, plan.left, plan.right)
    lift = plan.top - GAP - max((box.bottom for box in boxes.values()), default=0)
    return {name: replace(box, y=box.y + lift) for name, box in boxes.items()}
