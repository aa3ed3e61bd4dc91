"""Two diagrams are drawn side by side in one graph, with their differences marked."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from tests.example import example
from tracer.analysis.skips import skips
from tracer.render.diagram.graphviz_program import render_dot
from tracer.render.diagram.plan import plan_diagram
from tracer.render.diagram.side_by_side import (
    CHANGE_COLORS,
    DIAGRAM_GAP,
    LEGEND,
    TitledTrace,
    side_by_side_digraph,
)
from tracer.render.diagram.svg_elements import SVG, SVG_GROUP
from tracer.snapshot import Snapshot, snapshot_of
from tracer.snapshot.diff import compare

TOY = snapshot_of(example())
MODELS = TitledTrace(example(), "A: toy"), TitledTrace(example(), "B: other")


def compared(after: Snapshot, before: Snapshot = TOY) -> ET.Element:
    """The toy beside another model, which is drawn alike."""
    source = side_by_side_digraph(MODELS, compare(before, after)).source
    return ET.fromstring(render_dot(source, "svg"))


def box(root: ET.Element, name: str) -> ET.Element:
    return next(group for group in root.iter(SVG_GROUP) if group.get("id") == name)


def strokes(group: ET.Element) -> set[tuple[str | None, ...]]:
    """How the shapes of a group are outlined."""
    shapes = [one for one in group.iter() if one.get("stroke")]
    return {(s.get("stroke"), s.get("stroke-width"), s.get("stroke-dasharray")) for s in shapes}


def without(call: str) -> Snapshot:
    return replace(TOY, blocks=tuple(b for b in TOY.blocks if not b.call.startswith(call)))


def test_a_block_that_is_gone_is_dashed_where_it_was() -> None:
    root = compared(without("mid.attn"))
    assert strokes(box(root, "a_n_mid_attn")) == {(CHANGE_COLORS["removed"], "2.6", "5,2")}
    assert strokes(box(root, "b_n_mid_attn")) == {("black", None, None)}


def test_what_only_follows_is_thin() -> None:
    wider = [
        replace(b, outputs=TOY.by_call["mid.attn"].outputs) if b.call == "conv_in" else b
        for b in TOY.blocks
    ]
    wider = [replace(b, inputs=wider[1].outputs) if b.call == "down.0.block" else b for b in wider]
    root = compared(replace(TOY, blocks=tuple(wider)))
    assert {width for _, width, _ in strokes(box(root, "a_n_conv_in"))} == {"2.6"}
    assert {width for _, width, _ in strokes(box(root, "b_n_down_0_block"))} == {"1.2"}


def test_a_difference_inside_a_box_marks_the_box() -> None:
    inside = [replace(b, parameters=1) if b.call == "mid.attn.qkv" else b for b in TOY.blocks]
    root = compared(replace(TOY, blocks=tuple(inside)))
    assert box(root, "a_n_mid_attn").get("class", "").endswith("changed")


def test_a_renamed_block_is_marked_under_both_names() -> None:
    blocks = [replace(b, call=b.call.replace("conv_out", "leave")) for b in TOY.blocks]
    root = compared(replace(TOY, blocks=tuple(blocks)))
    assert box(root, "a_n_conv_out").get("class", "").endswith("renamed")


def test_the_edge_of_a_skip_that_differs_is_marked() -> None:
    last = replace(TOY.skips[-1], operands=("skip 16", "h 16"))
    root = compared(replace(TOY, skips=(*TOY.skips[:-1], last)))
    marked = [g for g in root.iter(SVG_GROUP) if g.get("class", "").endswith("changed")]
    assert len(marked) == 2
    assert all("skip" in group.get("class", "") for group in marked)


def test_ids_are_unique_and_titles_stand_above_a_legend() -> None:
    root = compared(TOY)
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    heights = {one.text: float(one.get("y", "0")) for one in root.iter(f"{{{SVG}}}text")}
    assert min(heights, key=lambda text: heights[text]) in {"A: toy", "B: other"}
    assert heights["A: toy"] == heights["B: other"]
    assert max(heights, key=lambda text: heights[text]) == LEGEND


def centers(root: ET.Element, side: str) -> dict[str, float]:
    """The x of the text of each box of one side."""
    groups = (group for group in root.iter(SVG_GROUP) if "unit" in group.get("class", ""))
    return {
        group.get("id", "")[len(side) :]: float(text.get("x", "0"))
        for group in groups
        if group.get("id", "").startswith(side)
        for text in group.iter(f"{{{SVG}}}text")
    }


def test_the_second_diagram_is_the_first_one_moved_to_its_right() -> None:
    root = compared(TOY)
    first, second = centers(root, "a_"), centers(root, "b_")
    plan = plan_diagram(example(), skips(example()))
    assert set(first) == set(second) > {"n_conv_in", "n_mid_attn"}
    for name, x in first.items():
        assert second[name] - x == pytest.approx(plan.right - plan.left + DIAGRAM_GAP, abs=0.02)


def test_a_long_title_moves_the_second_diagram_further() -> None:
    models = replace(MODELS[0], title="A: " + "long " * 200), MODELS[1]
    root = ET.fromstring(render_dot(side_by_side_digraph(models, compare(TOY, TOY)).source, "svg"))
    width = centers(root, "b_")["n_conv_in"] - centers(root, "a_")["n_conv_in"]
    assert width > 3000


def test_a_skip_inside_a_closed_block_marks_the_block() -> None:
    inner = replace(TOY.skips[0], target="mid.attn.qkv", operands=("skip 1", "h 2"))
    before = replace(TOY, skips=(inner, *TOY.skips[1:]))
    after = replace(before, skips=(replace(inner, operands=("h 2", "skip 1")), *TOY.skips[1:]))
    root = compared(after, before)
    assert box(root, "a_n_mid_attn").get("class", "").endswith("changed")
