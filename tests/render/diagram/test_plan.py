"""tracer/render/diagram/plan.py, layout.py: where the boxes are, and that everything fits."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from tests.example import example, links, symbolic_example
from tests.render.ladders import ladder, pop
from tests.sketch import Sketch, conv
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value
from tracer.render.diagram import labels
from tracer.render.diagram.layout import BOX_HEIGHT, Box
from tracer.render.diagram.node_style import DEFAULT_STYLE, EDGE_FONT_SIZE
from tracer.render.diagram.plan import (
    DiagramPlan,
    edges,
    join_label,
    level_label,
    plan_diagram,
    push_label,
)
from tracer.render.tables.visible_rows import RowSelection

Subject = tuple[Trace, tuple[SkipLink, ...]]


def with_links(trace: Trace) -> Subject:
    return trace, links(trace)


def middle_of(length: int) -> Subject:
    """Two resolutions, and so many blocks in the middle."""
    run = Sketch()
    a = h = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    for number in range(length):
        h = run.call(f"mid.{number}", conv((1, 8, 4, 4)), h)
    h = run.call("up", conv((1, 8, 8, 8)), h)
    joined = run.op("cat", h, a, shape=(1, 16, 8, 8))
    trace = run.trace(run.call("b", conv(), joined))
    return trace, (SkipLink("a", "b", a, h, joined, "cat", 0, length + 2),)


def out_of_order() -> Subject:
    """What was pushed first is popped first: the skips cross, and only one runs straight across."""
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    b = run.call("b", conv(), a)
    h: Value = run.call("c", conv(), b)
    skips = []
    for step, (name, skip) in enumerate({"d": a, "e": b}.items()):
        joined = run.op("cat", h, skip, shape=(1, 16, 8, 8))
        number = len(run.steps) - 1
        skips.append(SkipLink("ab"[step], name, skip, h, joined, "cat", step, number))
        h = run.call(name, conv((1, 8, 8, 8)), joined)
    return run.trace(h), tuple(skips)


SUBJECTS: dict[str, Subject] = {
    "toy": with_links(example()),
    "formulas": with_links(symbolic_example()),
    "deep": ladder(6, 2),
    "flat": ladder(1, 3),
    "out of order": out_of_order(),
    **{f"middle of {length}": middle_of(length) for length in (1, 2, 3, 4, 5, 9)},
}


@pytest.fixture(params=SUBJECTS)
def plan(request: pytest.FixtureRequest) -> DiagramPlan:
    return plan_diagram(*SUBJECTS[request.param])


def overlap(a: Box, b: Box) -> bool:
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < BOX_HEIGHT


def test_no_two_boxes_overlap(plan: DiagramPlan) -> None:
    assert not [pair for pair in combinations(plan.boxes.values(), 2) if overlap(*pair)]


def test_every_box_is_wide_enough_for_its_text(plan: DiagramPlan) -> None:
    for unit in plan.graph.units:
        assert plan.boxes[unit.name].width > labels.text_width(labels.node_lines(unit), 10)


def test_clusters_hold_their_boxes_and_keep_apart(plan: DiagramPlan) -> None:
    for cluster in plan.layout.clusters:
        for box in (plan.boxes[name] for name in cluster.units):
            assert cluster.left + plan.layout.label_width < box.left
            assert box.right < cluster.right
            assert cluster.top < box.top < box.bottom < cluster.bottom
    assert all(above.bottom < below.top for above, below in pairwise(plan.layout.clusters))


def test_skip_labels_fit_between_the_boxes(plan: DiagramPlan) -> None:
    for flow in plan.graph.flows:
        if flow.skip:
            a, b = plan.boxes[flow.source], plan.boxes[flow.target]
            words = (push_label(flow), join_label(flow))
            assert sum(labels.text_width((text,), EDGE_FONT_SIZE) for text in words) < abs(
                b.left - a.right
            )


def test_the_side_inputs_are_above_the_u(plan: DiagramPlan) -> None:
    assert all(plan.boxes[name].bottom < plan.layout.top for name in plan.side_inputs.cells)


def test_the_encoder_goes_down_on_the_left_and_the_decoder_up_on_the_right() -> None:
    plan = plan_diagram(*SUBJECTS["toy"])
    down = ["conv_in", "down.0.block", "down.0.downsample"]
    up = ["up.1.block.0", "up.1.upsample", "up.0.block.0", "up.0.block.1", "conv_out"]
    assert (
        len({plan.boxes[name].x for name in down}) == len({plan.boxes[name].x for name in up}) == 1
    )
    assert plan.boxes["conv_in"].right < plan.boxes["conv_out"].left
    assert is_rising([plan.boxes[name].y for name in down])
    assert is_rising([-plan.boxes[name].y for name in up])


def is_rising(numbers: list[float]) -> bool:
    return all(a < b for a, b in pairwise(numbers))


def test_a_short_middle_is_side_by_side_below_the_columns() -> None:
    plan = plan_diagram(*SUBJECTS["middle of 3"])
    middle = [plan.boxes[f"mid.{number}"] for number in range(3)]
    assert len({box.y for box in middle}) == 1
    assert [middle[0].x, middle[2].x] == [plan.boxes["a"].x, plan.boxes["b"].x]
    assert middle[0].top > plan.boxes["a"].bottom


def test_a_long_middle_is_one_column() -> None:
    plan = plan_diagram(*SUBJECTS["middle of 9"])
    middle = [plan.boxes[f"mid.{number}"] for number in range(9)]
    assert len({box.x for box in middle}) == 1
    assert is_rising([box.y for box in middle])


def test_a_model_without_a_decoder_is_one_column() -> None:
    run = Sketch()
    h = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    h = run.call("down", conv((1, 8, 4, 4)), h)
    plan = plan_diagram(run.trace(run.call("b", conv(), h)), ())
    assert len({box.x for box in plan.boxes.values()}) == 1


def test_a_level_is_labeled_with_its_sizes_and_their_ratio_to_the_input() -> None:
    trace, skips = SUBJECTS["toy"]
    plan = plan_diagram(trace, skips)
    assert [level_label(found) for found in plan.placement.resolutions] == [
        r"16x16\n1/1",
        r"8x8\n1/2",
    ]


def test_a_level_with_unequal_ratios_lists_each() -> None:
    run = Sketch()
    h = run.call("a", conv((1, 8, 8, 8, 8)), run.input("x", 1, 1, 8, 16, 16))
    plan = plan_diagram(run.trace(h), ())
    assert level_label(plan.placement.resolutions[1]) == r"8x8x8\n1/1 x 1/2 x 1/2"


def test_a_skip_is_labeled_with_the_operations_before_its_join() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 7, 7))
    b = run.call("b", conv((1, 8, 8, 8)), a)
    padded = run.op("pad", a, shape=(1, 8, 8, 8))
    joined = run.op("cat", b, padded, shape=(1, 16, 8, 8))
    skip = SkipLink("a", "c", a, b, joined, "cat", 0, 3, ("pad",), (padded,))
    plan = plan_diagram(run.trace(run.call("c", conv(), joined)), (skip,))
    (flow,) = (flow for flow in plan.graph.flows if flow.skip)
    assert (push_label(flow), join_label(flow)) == ("skip 1: 1x8x7x7, pad", "cat 1x16x8x8")


def test_a_skip_through_a_gate_has_its_shape_before_and_the_join_after_the_gate() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    up = run.call("up", conv((1, 8, 8, 8)), run.call("down", conv((1, 8, 4, 4)), a))
    gated = run.call("gate", lambda run, x, y: run.op("mul", x, y), a, up)
    joined = run.op("cat", gated, up, shape=(1, 16, 8, 8))
    skip = SkipLink("a", "b", a, up, joined, "cat", 0, 4, ("mul",), (gated,))
    plan = plan_diagram(run.trace(run.call("b", conv(), joined)), (skip,))
    words = [(push_label(flow), join_label(flow)) for flow in plan.graph.flows if flow.skip]
    assert words == [("skip 1: 1x8x8x8", ""), ("", "cat 1x16x8x8")]


# ----------------------------------------------------------------------- views: paths, depth, folds


def held(levels: int) -> Subject:
    """A UNet whose encoder and decoder are one block each, with a block for each resolution."""
    run, pushed, skips = Sketch(), [], []
    h = run.input("x", 1, 8, 2**levels, 2**levels)

    def down(run: Sketch, h: Value) -> Value:
        for number in range(levels):
            h = run.call(f"down.{number}", conv((1, 8, 2 ** (levels - number), 1)), h)
            pushed.append((f"down.{number}", h, len(run.steps) - 1))
        return h

    def up(run: Sketch, h: Value) -> Value:
        for number in reversed(range(levels)):
            skips.append(pop(run, h, pushed, f"up.{number}"))
            size = (1, 8, 2 ** (levels - number), 1)
            h = run.call(f"up.{number}", conv(size), skips[-1].result)
        return h

    h = run.call("mid", conv(), run.call("down", down, h))
    return run.trace(run.call("up", up, h)), tuple(skips)


def test_blocks_are_expanded_down_to_the_depth() -> None:
    trace, skips = held(3)
    whole, shallow = (
        plan_diagram(trace, skips),
        plan_diagram(trace, skips, DEFAULT_STYLE, RowSelection(depth=1)),
    )
    assert {"down.0", "up.2"} <= {unit.name for unit in whole.graph.units}
    assert [unit.name for unit in shallow.graph.units if unit.block] == ["down", "mid", "up"]


def test_several_skips_between_two_blocks_are_one_edge_that_numbers_them() -> None:
    trace, skips = held(3)
    plan = plan_diagram(trace, skips, DEFAULT_STYLE, RowSelection(depth=1))
    (edge,) = (edge for edge in edges(plan.graph) if edge[0].skip)
    assert (push_label(*edge), join_label(*edge)) == ("skips 1, 2, 3", "cat")
    assert push_label(edge[0]) == "skip 3: 1x8x2x1"


def test_selected_units_keep_their_level_and_column() -> None:
    trace, skips = ladder(3, 1)
    whole = plan_diagram(trace, skips)
    part = plan_diagram(trace, skips, DEFAULT_STYLE, RowSelection(paths=("down.1",)))
    blocks = {name: box for name, box in part.boxes.items() if name in whole.boxes}
    assert {"down.1.sample", "down.1.block.0", "up.1.block.0"} <= set(blocks)
    for left, right in (("down.1.block.0", "up.1.block.0"), ("down.1.sample", "up.1.block.1")):
        assert part.boxes[left].y == part.boxes[right].y
        assert part.boxes[left].x < part.boxes[right].x
    clusters = {cluster.level: cluster.units for cluster in part.layout.clusters}
    assert set(clusters[1]) >= {"down.1.sample", "down.1.block.0", "up.1.block.0"}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_folded_diagram_is_not_larger(name: str) -> None:
    whole = plan_diagram(*SUBJECTS[name])
    folded = plan_diagram(*SUBJECTS[name], DEFAULT_STYLE, RowSelection(fold=True))
    assert len(folded.boxes) <= len(whole.boxes)
    assert max(box.bottom for box in folded.boxes.values()) <= max(
        box.bottom for box in whole.boxes.values()
    )


def test_a_long_middle_folds() -> None:
    plan = plan_diagram(*middle_of(9), DEFAULT_STYLE, RowSelection(fold=True))
    assert "mid.1-8 (x 8)" in [unit.label for unit in plan.graph.units]
