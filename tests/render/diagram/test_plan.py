"""tracer/render/diagram/plan.py: where the boxes stand, and that all has room."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from tests.example import example, links, symbolic_example
from tests.render.ladders import ladder, pop
from tests.sketch import Sketch, conv
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value
from tracer.render.diagram import labels
from tracer.render.diagram.layout import HEIGHT, Box
from tracer.render.diagram.node_style import EDGE_SIZE, PLAIN_NODE
from tracer.render.diagram.plan import Sheet, join_label, level_label, rung_label, sheet, ways
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
    """What was pushed first is popped first: the skips cross, and one alone is a rung."""
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
def plan(request: pytest.FixtureRequest) -> Sheet:
    return sheet(*SUBJECTS[request.param])


def overlap(a: Box, b: Box) -> bool:
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < HEIGHT


def test_no_box_stands_on_another(plan: Sheet) -> None:
    assert not [pair for pair in combinations(plan.boxes.values(), 2) if overlap(*pair)]


def test_every_box_is_wide_enough_for_its_words(plan: Sheet) -> None:
    for unit in plan.graph.units:
        assert plan.boxes[unit.name].width > labels.room(labels.lines(unit), 10)


def test_bands_hold_their_boxes_and_keep_apart(plan: Sheet) -> None:
    for band in plan.layout.bands:
        for box in (plan.boxes[name] for name in band.units):
            assert band.left + plan.layout.gutter < box.left
            assert box.right < band.right
            assert band.top < box.top < box.bottom < band.bottom
    assert all(above.bottom < below.top for above, below in pairwise(plan.layout.bands))


def test_the_words_on_a_rung_have_room_between_the_boxes(plan: Sheet) -> None:
    for flow in plan.graph.flows:
        if flow.skip:
            a, b = plan.boxes[flow.source], plan.boxes[flow.target]
            words = (rung_label(flow), join_label(flow))
            assert sum(labels.room((text,), EDGE_SIZE) for text in words) < abs(b.left - a.right)


def test_the_strip_stands_above_the_ladder(plan: Sheet) -> None:
    assert all(plan.boxes[name].bottom < plan.layout.top for name in plan.strip.cells)


def test_the_encoder_goes_down_on_the_left_and_the_decoder_up_on_the_right() -> None:
    plan = sheet(*SUBJECTS["toy"])
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


def test_a_short_middle_stands_abreast_below_the_columns() -> None:
    plan = sheet(*SUBJECTS["middle of 3"])
    middle = [plan.boxes[f"mid.{number}"] for number in range(3)]
    assert len({box.y for box in middle}) == 1
    assert [middle[0].x, middle[2].x] == [plan.boxes["a"].x, plan.boxes["b"].x]
    assert middle[0].top > plan.boxes["a"].bottom


def test_a_long_middle_stands_in_a_column() -> None:
    plan = sheet(*SUBJECTS["middle of 9"])
    middle = [plan.boxes[f"mid.{number}"] for number in range(9)]
    assert len({box.x for box in middle}) == 1
    assert is_rising([box.y for box in middle])


def test_a_model_that_never_comes_up_stands_in_one_column() -> None:
    run = Sketch()
    h = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    h = run.call("down", conv((1, 8, 4, 4)), h)
    plan = sheet(run.trace(run.call("b", conv(), h)), ())
    assert len({box.x for box in plan.boxes.values()}) == 1


def test_a_level_says_its_sizes_and_their_ratio_to_the_input() -> None:
    trace, skips = SUBJECTS["toy"]
    plan = sheet(trace, skips)
    assert [level_label(found) for found in plan.placed.resolutions] == [
        r"16x16\n1/1",
        r"8x8\n1/2",
    ]


def test_a_level_that_keeps_its_depth_has_a_ratio_for_each_size() -> None:
    run = Sketch()
    h = run.call("a", conv((1, 8, 8, 8, 8)), run.input("x", 1, 1, 8, 16, 16))
    plan = sheet(run.trace(h), ())
    assert level_label(plan.placed.resolutions[1]) == r"8x8x8\n1/1 x 1/2 x 1/2"


def test_a_skip_says_what_was_done_to_it_on_its_way() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 7, 7))
    b = run.call("b", conv((1, 8, 8, 8)), a)
    padded = run.op("pad", a, shape=(1, 8, 8, 8))
    joined = run.op("cat", b, padded, shape=(1, 16, 8, 8))
    skip = SkipLink("a", "c", a, b, joined, "cat", 0, 3, ("pad",), (padded,))
    plan = sheet(run.trace(run.call("c", conv(), joined)), (skip,))
    (flow,) = (flow for flow in plan.graph.flows if flow.skip)
    assert (rung_label(flow), join_label(flow)) == ("skip 1: 1x8x7x7, pad", "cat 1x16x8x8")


def test_a_skip_through_a_gate_says_its_shape_before_it_and_the_join_after_it() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    up = run.call("up", conv((1, 8, 8, 8)), run.call("down", conv((1, 8, 4, 4)), a))
    gated = run.call("gate", lambda run, x, y: run.op("mul", x, y), a, up)
    joined = run.op("cat", gated, up, shape=(1, 16, 8, 8))
    skip = SkipLink("a", "b", a, up, joined, "cat", 0, 4, ("mul",), (gated,))
    plan = sheet(run.trace(run.call("b", conv(), joined)), (skip,))
    words = [(rung_label(flow), join_label(flow)) for flow in plan.graph.flows if flow.skip]
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


def test_blocks_are_looked_into_to_some_depth() -> None:
    trace, skips = held(3)
    whole, shallow = sheet(trace, skips), sheet(trace, skips, PLAIN_NODE, RowSelection(depth=1))
    assert {"down.0", "up.2"} <= {unit.name for unit in whole.graph.units}
    assert [unit.name for unit in shallow.graph.units if unit.block] == ["down", "mid", "up"]


def test_several_skips_between_two_blocks_are_one_rung_that_numbers_them() -> None:
    trace, skips = held(3)
    plan = sheet(trace, skips, PLAIN_NODE, RowSelection(depth=1))
    (rung,) = (way for way in ways(plan.graph) if way[0].skip)
    assert (rung_label(*rung), join_label(*rung)) == ("skips 1, 2, 3", "cat")
    assert rung_label(rung[0]) == "skip 3: 1x8x2x1"


def test_a_focus_keeps_each_unit_at_its_resolution_and_in_its_column() -> None:
    trace, skips = ladder(3, 1)
    whole = sheet(trace, skips)
    part = sheet(trace, skips, PLAIN_NODE, RowSelection(paths=("down.1",)))
    blocks = {name: box for name, box in part.boxes.items() if name in whole.boxes}
    assert {"down.1.sample", "down.1.block.0", "up.1.block.0"} <= set(blocks)
    for left, right in (("down.1.block.0", "up.1.block.0"), ("down.1.sample", "up.1.block.1")):
        assert part.boxes[left].y == part.boxes[right].y
        assert part.boxes[left].x < part.boxes[right].x
    bands = {band.level: band.units for band in part.layout.bands}
    assert set(bands[1]) >= {"down.1.sample", "down.1.block.0", "up.1.block.0"}


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_folds_takes_no_more_room(name: str) -> None:
    whole = sheet(*SUBJECTS[name])
    folded = sheet(*SUBJECTS[name], PLAIN_NODE, RowSelection(fold=True))
    assert len(folded.boxes) <= len(whole.boxes)
    assert max(box.bottom for box in folded.boxes.values()) <= max(
        box.bottom for box in whole.boxes.values()
    )


def test_a_long_middle_folds() -> None:
    plan = sheet(*middle_of(9), PLAIN_NODE, RowSelection(fold=True))
    assert "mid.1-8 (x 8)" in [unit.label for unit in plan.graph.units]
