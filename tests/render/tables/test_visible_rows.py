"""tracer/render/tables/visible_rows.py: the rows that a reader asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example
from tests.sketch import Forward, Sketch, conv, series
from tracer.errors import TraceError
from tracer.record import Trace, Value
from tracer.render.tables.block_rows import rows
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, VisibleRow, select_rows


def chain(length: int, forward: Forward) -> Trace:
    """A model that hands its input from one member of a list to the next."""
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    for number in range(length):
        h = run.call(f"blocks.{number}", forward, h)
    return run.trace(run.call("last", conv(), h))


def shown(trace: Trace, view: RowSelection = ALL_ROWS) -> list[str]:
    """The rows below the model, indented; in brackets what only leads to others."""
    return [
        "  " * (one.row.level - 1) + (one.name if one.is_match else f"({one.name})")
        for one in select_rows(trace, view)
        if one.row.level
    ]


def one(trace: Trace, view: RowSelection, name: str) -> VisibleRow:
    return next(one for one in select_rows(trace, view) if one.name == name)


# -------------------------------------------------------------------------------- all, and depth


def test_without_a_view_there_is_every_row() -> None:
    found = select_rows(example())
    assert tuple(one.row for one in found) == rows(example())
    assert all(one.is_match and one.times == one.members == 1 for one in found)


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 9])
def test_depth_counts_the_levels_below_the_model(depth: int) -> None:
    assert [one.row for one in select_rows(example(), RowSelection(depth))] == list(
        rows(example(), depth)
    )


# ----------------------------------------------------------------------------------------- paths


def test_a_path_leaves_its_blocks_what_is_in_them_and_what_leads_there() -> None:
    assert shown(example(), RowSelection(paths=("mid.attn",))) == [
        "(mid)",
        "  attn",
        "    qkv",
        "    proj",
    ]


def test_a_path_may_be_that_of_a_group() -> None:
    assert shown(example(), RowSelection(paths=("down",))) == [
        "down.0",
        "  block",
        "    conv",
        "    temb_proj",
        "  downsample",
    ]


def test_several_paths_leave_all_that_one_of_them_means() -> None:
    view = RowSelection(depth=1, paths=("mid", "conv_*"))
    assert shown(example(), view) == ["conv_in", "mid", "conv_out"]


def test_blocks_that_are_all_too_deep_are_an_error_that_says_how_deep() -> None:
    for view in (RowSelection(1, ("mid.attn", "up.0.block.*")), RowSelection(0, ("**.qkv",))):
        with pytest.raises(TraceError, match=f"Nothing that matches is within depth {view.depth}"):
            select_rows(example(), view)
    with pytest.raises(TraceError, match=r"mid\.attn\.qkv is at depth 3\. Give that depth or more"):
        select_rows(example(), RowSelection(depth=0, paths=("**.qkv",)))
    assert "mid" in shown(example(), RowSelection(depth=1, paths=("mid", "**.qkv")))


def test_a_call_by_itself_has_its_own_blocks() -> None:
    assert shown(example(), RowSelection(paths=("mid.block@1",))) == [
        "(mid)",
        "  block@1",
        "    conv@1",
        "    temb_proj@1",
    ]


def test_what_leads_there_can_be_left_out() -> None:
    found = select_rows(example(), RowSelection(paths=("mid.attn",), context=False))
    assert [one.path for one in found] == ["mid.attn", "mid.attn.qkv", "mid.attn.proj"]


def test_a_path_that_no_block_fits_is_an_error() -> None:
    with pytest.raises(TraceError, match='No block of ToyUNet matches "mide"'):
        select_rows(example(), RowSelection(paths=("mide",)))


# --------------------------------------------------------------------------------------- folding


def test_blocks_that_are_alike_are_one_row_with_their_range() -> None:
    assert shown(chain(10, conv()), RowSelection(fold=True)) == ["blocks.0–9 × 10", "last"]


def test_what_is_below_is_shown_of_the_first() -> None:
    trace = chain(3, series(conv(), conv((1, 8, 4, 4))))
    found = one(trace, RowSelection(fold=True), "blocks.0–2 × 3")
    assert (found.path, found.row.call, len(found.rows)) == ("blocks.0–2 × 3", "blocks.0", 3)
    below = one(trace, RowSelection(fold=True), "0–1 × 2")
    assert below.path == "blocks.0.0–1 × 2"


def test_rows_inside_a_row_count_as_often_as_both_fold() -> None:
    trace = chain(3, series(conv(), conv()))
    assert [
        (one.name, one.times, one.modules) for one in select_rows(trace, RowSelection(fold=True))
    ] == [
        ("Sketch", 1, 1),
        ("blocks.0–2 × 3", 3, 3),
        ("0–1 × 2", 6, 6),
        ("last", 1, 1),
    ]


def test_the_calls_of_one_module_fold_and_are_one_module() -> None:
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    trace = run.trace(run.call("act", conv(), run.call("act", conv(), h)))
    again = replace(trace.root.children[1], call="act@1")
    twice = replace(trace, root=replace(trace.root, children=(trace.root.children[0], again)))
    found = one(twice, RowSelection(fold=True), "act × 2")
    assert (found.times, found.members, found.modules) == (2, 1, 1)


def test_groups_fold_as_blocks_do() -> None:
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    for number in range(3):
        h = run.call(f"layers.{number}.attn", conv(), h)
        h = run.call(f"layers.{number}.ff", conv(), h)
    assert shown(run.trace(h), RowSelection(fold=True)) == ["layers.0–2 × 3", "  attn", "  ff"]


def test_blocks_of_which_different_rows_are_shown_do_not_fold() -> None:
    trace = chain(2, series(conv(), conv()))
    view = RowSelection(paths=("blocks.0.0", "blocks.1.1"), fold=True)
    assert shown(trace, view) == ["(blocks.0)", "  0", "(blocks.1)", "  1"]


def test_blocks_of_which_the_same_rows_are_shown_fold() -> None:
    trace = chain(2, series(conv(), conv()))
    view = RowSelection(paths=("blocks.*.0",), fold=True)
    assert shown(trace, view) == ["(blocks.0–1 × 2)", "  0"]


def test_blocks_that_a_path_chose_fold_among_themselves() -> None:
    view = RowSelection(paths=("blocks.[1-3]",), fold=True)
    assert shown(chain(5, conv()), view) == ["blocks.1–3 × 3"]


def test_a_shape_that_changes_ends_a_run() -> None:
    def halved(run: Sketch, x: Value) -> Value:
        return run.op("conv2d", x, shape=(1, x.shape[1] * 2, 4, 4))

    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    for number, forward in enumerate((conv(), conv(), halved, conv(), conv())):
        h = run.call(f"blocks.{number}", forward, h)
    assert shown(run.trace(h), RowSelection(fold=True)) == [
        "blocks.0–1 × 2",
        "blocks.2",
        "blocks.3–4 × 2",
    ]


def test_nothing_is_lost_when_blocks_fold() -> None:
    trace = chain(4, series(conv(), conv(), conv((1, 4, 4, 4))))
    assert sum(one.times for one in select_rows(trace, RowSelection(fold=True))) == len(rows(trace))
