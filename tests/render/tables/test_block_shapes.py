"""tracer/render/tables/block_shapes.py: the table of shapes."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example, symbolic_example
from tests.sketch import Sketch, conv, series
from tracer.record import Block, Trace
from tracer.render.tables.block_columns import COUNTED_BEFORE
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.memory_totals import total_lines
from tracer.render.tables.visible_rows import RowSelection
from tracer.target_spec import TargetSpec


def test_the_model_and_groups_head_the_others() -> None:
    table = shape_table(example(), RowSelection(depth=1))
    heads = [row[0] for number, row in enumerate(table.rows) if number in table.group_rows]
    assert heads == ["ToyUNet", "down.0", "mid", "up.1", "up.0"]


def test_a_row_says_class_shapes_and_parameters() -> None:
    rows = {row[0]: row[1:] for row in shape_table(example()).rows}
    assert rows["up.0.block.0"] == ("ResBlock", "1×24×16×16, 1×16", "1×8×16×16", "2,072")
    assert rows["up.0"] == ("", "1×24×16×16, 1×16", "1×8×16×16", "3,504")


def test_formulas_are_written_as_they_are() -> None:
    rows = {row[0]: row[1:] for row in shape_table(symbolic_example()).rows}
    assert rows["mid.attn.qkv"][2] == "B × H·W/4 × 48"


def test_what_was_counted_before_stands_in_brackets_and_that_is_explained() -> None:
    table = shape_table(example())
    rows = {row[0]: row[-1] for row in table.rows}
    assert rows["mid.block@1"] == "(2,592)"
    assert COUNTED_BEFORE in table.summary
    assert len(shape_table(example(), RowSelection(depth=1)).summary) == len(table.summary) - 1


def test_no_parameters_are_not_a_zero() -> None:
    root = Block("", "", "Net", (), (), 0, 0, 0, 0)
    column = shape_table(Trace("Net", (), (), (), root)).columns[-1]
    assert (column.cells, column.short, column.exact) == (("",), ("",), ("0",))


def test_below_the_table_stand_inputs_outputs_and_counts() -> None:
    assert shape_table(example(), RowSelection(depth=0)).summary == (
        "in: x 1×3×16×16 float32, t scalar int64",
        "out: 1×3×16×16 float32",
        "33,259 parameters, 31 blocks, 52 of 52 operations",
        *total_lines(example()),
        "In training mode.",
    )


def test_the_mode_is_told_where_it_is_known() -> None:
    evaluated = shape_table(replace(example(), mode="evaluation"))
    assert evaluated.summary[-1] == "In evaluation mode."
    unknown = shape_table(replace(example(), mode=None))
    assert unknown.summary == tuple(line for line in evaluated.summary if "mode." not in line)


def test_what_was_not_captured_is_said() -> None:
    trace = replace(example(), notes=("`mid.attn` was run on real data.",))
    assert shape_table(trace).summary[-1] == "note: `mid.attn` was run on real data."


def test_the_title_names_the_model_and_what_was_asked_for() -> None:
    assert shape_table(example()).title == "ToyUNet (tests/toy_unet.py:ToyUNet)"
    assert shape_table(replace(example(), spec=TargetSpec())).title == "ToyUNet"


def test_a_model_that_failed_put_out_nothing() -> None:
    assert shape_table(replace(example(), outputs=())).summary[1] == "out: nothing"


def test_parameters_of_a_folded_row_are_of_each_module_and_that_is_explained() -> None:
    chain = series(*[conv()] * 3)
    run = Sketch()
    run.call("blocks", chain, run.input("x", 1, 8, 4, 4))
    root = run.trace().root
    children = tuple(replace(one, parameters=1000) for one in root.children[0].children)
    trace = replace(run.trace(), root=replace(root, children=children))
    table = shape_table(trace, RowSelection(fold=True))
    assert table.rows[1][0] == "blocks.0–2 × 3"
    assert table.columns[-1].cells[1] == "3 × 1,000"
    assert table.columns[-1].short[1] == "3 × 1K"
    assert table.summary[-1].startswith("(× n: n blocks in a row are alike")


def test_several_outputs_are_one_and_a_number_on_a_narrow_page() -> None:
    trace = example()
    root = replace(trace.root, outputs=trace.outputs * 3)
    column = shape_table(replace(trace, root=root), RowSelection(depth=0)).columns[3]
    assert column.cells == ("1×3×16×16, 1×3×16×16, 1×3×16×16",)
    assert column.short == ("1×3×16×16 +2",)
