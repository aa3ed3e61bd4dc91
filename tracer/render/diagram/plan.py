"""The plan of a ladder: what is drawn of a model, how wide each box is, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracer.analysis.levels.placement import Placements, Resolution, place_units
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.unit_graph import Flow, UnitGraph
from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import ARROW, BOW
from tracer.render.diagram.layout import BLOCK_GAP, Box, Placing, Room, layout
from tracer.render.diagram.node_style import (
    EDGE_SIZE,
    NODE_SIZE,
    PADDING,
    PLAIN_NODE,
    Marks,
    Style,
    marks,
)
from tracer.render.diagram.ranks import Ladder, ladder
from tracer.render.diagram.side_inputs import Strip, strip, strip_boxes
from tracer.render.diagram.visible_units import in_view, shut_blocks
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection

Way = tuple[Flow, ...]
"""The flows from one unit to another: skips alone, or none of them a skip."""


@dataclass(frozen=True)
class Sheet:
    """All that is to be drawn; `boxes` has those of the ladder and of the strip above it."""

    graph: UnitGraph
    placed: Placements
    ladder: Ladder
    strip: Strip
    look: Marks
    layout: Placing
    boxes: dict[str, Box]


def sheet(
    trace: Trace,
    links: Iterable[SkipLink],
    style: Style = PLAIN_NODE,
    view: RowSelection = ALL_ROWS,
) -> Sheet:
    """Plan the picture of a whole model with these skips, or of what a view leaves of it.

    Raises TraceError for a pattern that no block fits.
    """
    whole = model_graph(trace, links, shut_blocks(trace, view.depth))
    placed = place_units(whole, find_spatial_sizes(trace))
    graph = in_view(trace, whole, view, placed.units)
    look = marks(trace, graph, {name: place.role for name, place in placed.units.items()}, style)
    found = ladder(graph, placed.units)
    beside = strip(graph, found.side)
    widths = _widths(graph, look, found)
    slants = {unit.name: look.slant(unit, widths[unit.name]) for unit in graph.units}
    room = Room(widths, slants, _between(graph), _gutter(placed), _swings(graph, found))
    levels = {name: place.level for name, place in placed.units.items()}
    plan = layout(found, room, levels)
    boxes = plan.boxes | _above(plan, beside, widths)
    return Sheet(graph, placed, found, beside, look, plan, boxes)


def ways(graph: UnitGraph) -> list[Way]:
    """The flows, those together that lead from one unit to the same other, skips apart."""
    found: dict[tuple[str, str, bool], list[Flow]] = {}
    for flow in graph.flows:
        found.setdefault((flow.source, flow.target, flow.skip is None), []).append(flow)
    return [tuple(way) for way in found.values()]


def rung_label(*way: Flow) -> str:
    """`skip 3: 1x128x32x32`: the number of a skip, what it carries, what was done to it (`pad`).

    Several skips from one unit to another are only numbered: `skips 3, 4`.
    """
    skips = [flow.skip for flow in way if flow.skip and flow.starts]
    if len(skips) != 1:
        numbers = ", ".join(map(str, sorted(skip.number for skip in skips)))
        return f"skips {numbers}" if numbers else ""
    words = f"skip {skips[0].number}: {labels.shape(skips[0].link.value)}"
    return ", ".join((words, *skips[0].via))


def join_label(*way: Flow) -> str:
    """`cat 1x256x32x32`: how a skip is joined, and to what."""
    links = [flow.skip.link for flow in way if flow.skip and flow.ends]
    if len(links) == 1:
        return f"{links[0].join} {labels.shape(links[0].result)}"
    return ", ".join(dict.fromkeys(link.join for link in links))


def level_label(resolution: Resolution) -> str:
    """`32x32` above `1/4`, the ratio to the model's input."""
    parts = [f"{s.numerator}/{s.denominator}" for s in resolution.scale]
    ratio = parts[0] if len(set(parts)) == 1 else " x ".join(parts)
    return rf"{labels.sizes(resolution.spatial_size)}\n{ratio}"


def _widths(graph: UnitGraph, look: Marks, found: Ladder) -> dict[str, float]:
    """One width for all blocks of the ladder; the others are as wide as their words."""
    widths = {unit.name: look.width(unit) for unit in graph.units}
    blocks = {unit.name for unit in graph.units if unit.block} - set(found.side)
    widest = max((widths[name] for name in blocks), default=0.0)
    return widths | dict.fromkeys(blocks, widest)


def _between(graph: UnitGraph) -> float:
    """The room between the columns for what is written on the rungs."""
    words = [(rung_label(*way), join_label(*way)) for way in ways(graph) if way[0].skip]
    spare = 6 * ARROW
    return max((sum(_room(text) for text in pair) + spare for pair in words), default=2 * BLOCK_GAP)


def _gutter(placed: Placements) -> float:
    """The room beside the columns for the sizes of the resolutions."""
    words = [line for found in placed.resolutions for line in level_label(found).split(r"\n")]
    return labels.room(tuple(words), NODE_SIZE) + ARROW


def _swings(graph: UnitGraph, found: Ladder) -> tuple[float, float]:
    """The room to the left and the right for flows that pass over other units of their column."""
    columns = [row.left for row in found.rows if row.left], [r.right for r in found.rows if r.right]
    left, right = ({name: n for n, name in enumerate(column)} for column in columns)
    return _swing(graph, left), _swing(graph, right)


def _swing(graph: UnitGraph, column: dict[str, int]) -> float:
    inside = (way for way in ways(graph) if {way[0].source, way[0].target} <= set(column))
    passing = [way for way in inside if abs(column[way[0].source] - column[way[0].target]) > 1]
    words = max(
        (_room(text) for way in passing for text in (rung_label(*way), join_label(*way))), default=0
    )
    return max(BOW, words + 2 * ARROW) if passing else 0.0


def _room(text: str) -> float:
    return labels.room((text,), EDGE_SIZE)


def _above(plan: Placing, found: Strip, widths: dict[str, float]) -> dict[str, Box]:
    """The boxes of the strip, above everything else."""
    stubs = {s.name: labels.room((s.label,), NODE_SIZE) + PADDING for s in found.stubs}
    boxes = strip_boxes(found, widths | stubs, plan.left, plan.right)
    lift = plan.top - BLOCK_GAP - max((box.bottom for box in boxes.values()), default=0)
    return {name: replace(box, y=box.y + lift) for name, box in boxes.items()}
