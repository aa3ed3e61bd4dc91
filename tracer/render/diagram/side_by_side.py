"""The diagrams of two models side by side in one graph, with the differences marked in both.

A thick outline is where a difference begins, a thin one only follows from it, and a dashed one is
missing in the other model. So nothing depends on telling colors apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import graphviz

from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render.diagram import labels
from tracer.render.diagram.edge_routing import point
from tracer.render.diagram.node_style import NODE_FONT_SIZE, Attributes, Marks, box_size
from tracer.render.diagram.plan import DiagramPlan, edges, plan_diagram
from tracer.render.diagram.u_diagram import draw_plan, empty_digraph
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection
from tracer.snapshot.diff import Comparison, Difference
from tracer.snapshot.diff.call_names import enclosing_calls

DIAGRAM_GAP, TEXT_HEIGHT = 36.0, 22.0
"""Points between the diagrams, and from a diagram to the middle of the text above or below it."""
SIDES = "a", "b"
CHANGE_COLORS = {"added": "#0072b2", "removed": "#d55e00"}
DEFAULT_CHANGE_COLOR = "#b36b00"
THICK, THIN = "2.6", "1.2"
LEFT_ALIGNED = r"\l"
"""What ends a line of text that Graphviz puts at the left of its box."""
LEGEND = (
    "Thick: a difference begins here. Thin: follows from another difference. "
    "Dashed: missing in the other model."
)


@dataclass(frozen=True, slots=True)
class TitledTrace:
    """A model to draw, and the title above it."""

    trace: Trace
    title: str


def side_by_side_digraph(
    models: Sequence[TitledTrace], comparison: Comparison, view: RowSelection = ALL_ROWS
) -> graphviz.Digraph:
    """Return both diagrams as one graph, with every difference marked at the blocks drawn.

    Args:
        models: The two models that were compared.
        comparison: The differences between them.
        view: The rows to draw of each; its depth says how far blocks are expanded.
    """
    diagram = empty_digraph("comparison")
    left, lowest = 0.0, 0.0
    for model, side, found in zip(models, SIDES, _differences(comparison), strict=True):
        plan = plan_diagram(model.trace, skips(model.trace), view=view).with_prefix(f"{side}_")
        plan = plan.moved(left - plan.left, TEXT_HEIGHT - plan.top)
        draw_plan(diagram, plan.with_marks(_marks(plan, found)))
        _write(diagram, f"{side}_title", model.title, left, 0)
        left = max(plan.right, left + _width(model.title)) + DIAGRAM_GAP
        lowest = max(lowest, plan.bottom)
    _write(diagram, "legend", LEGEND, 0, lowest + TEXT_HEIGHT)
    return diagram


def _differences(comparison: Comparison) -> tuple[dict[str, Difference], dict[str, Difference]]:
    """What to mark in either diagram, by block name; root causes replace what follows from them."""
    before: dict[str, Difference] = {}
    after: dict[str, Difference] = {}
    every_block_renamed = comparison.layers is not None
    for difference in sorted(comparison.differences, key=lambda difference: difference.begins):
        if every_block_renamed and difference.change == "renamed":
            continue
        if difference.change != "added":
            name = comparison.old_names.get(difference.name, difference.name)
            before[difference.old_name or name] = difference
        if difference.change != "removed":
            after[difference.name] = difference
    return before, after


def _marks(plan: DiagramPlan, differences: Mapping[str, Difference]) -> Marks:
    """The marks of boxes, and of the edges of skips.

    A difference inside a block that the diagram does not expand marks the box of that block.
    """
    drawn = {unit.name for unit in plan.graph.units}
    marks: Marks = {}
    for name, difference in differences.items():
        calls = [name, *enclosing_calls(name)]
        marked: Sequence[tuple[str, ...]] = ()
        if difference.part == "skip":
            marked = tuple(_skips_into(plan, calls.pop(0)))
        if not marked and difference.part in {"block", "skip"}:
            marked = [(call,) for call in calls if call in drawn][:1]
        marks |= dict.fromkeys(marked, _mark(difference))
    return marks


def _skips_into(plan: DiagramPlan, name: str) -> Iterator[tuple[str, str]]:
    """The ends of the skips that end at a block."""
    for edge in edges(plan.graph):
        if edge[0].skip and edge[0].target == name:
            yield edge[0].source, name


def _mark(difference: Difference) -> Attributes:
    color = CHANGE_COLORS.get(difference.change, DEFAULT_CHANGE_COLOR)
    dashed = {"style": "dashed"} if difference.change in CHANGE_COLORS else {}
    width = THICK if difference.begins else THIN
    return {"class": difference.change, "color": color, "penwidth": width, **dashed}


def _width(text: str) -> float:
    return labels.text_width((text,), NODE_FONT_SIZE)


def _write(diagram: graphviz.Digraph, name: str, text: str, left: float, y: float) -> None:
    """A text that begins at `left`."""
    width = _width(text)
    position = point((left + width / 2, y))
    label = labels.dot_text(text) + LEFT_ALIGNED
    diagram.node(name, label=label, shape="none", pos=position, **box_size(width))
