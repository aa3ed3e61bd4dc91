"""tracer/render/tables/operation_rows.py: the table of operations."""

from __future__ import annotations

from tests.example import example
from tracer.render.tables.operation_rows import step_numbers, step_table
from tracer.render.tables.visible_rows import RowSelection


def test_a_row_says_operation_block_shapes_and_place() -> None:
    rows = step_table(example()).rows
    assert rows[0] == ("0", "embedding", "embed", "scalar", "16", "toy_unet.py:71")
    assert rows[28] == (
        "28",
        "cat",
        "(the model)",
        "1×16×8×8, 1×16×8×8",
        "1×32×8×8",
        "toy_unet.py:83",
    )


def test_every_operation_has_a_row() -> None:
    assert len(step_table(example()).rows) == len(example().steps)


def test_the_title_counts() -> None:
    assert step_table(example()).title == "52 operations of ToyUNet"


def test_the_operations_of_some_blocks_keep_their_numbers() -> None:
    numbers = step_numbers(example(), RowSelection(paths=("mid.attn",)))
    table = step_table(example(), numbers)
    assert [(row[0], row[1]) for row in table.rows[:2]] == [("14", "flatten"), ("15", "transpose")]
    assert {row[2] for row in table.rows} == {"mid.attn", "mid.attn.qkv", "mid.attn.proj"}
    assert table.title == "9 of the 52 operations of ToyUNet"


def test_the_operations_of_a_group_are_those_of_its_blocks() -> None:
    numbers = step_numbers(example(), RowSelection(paths=("down.0",)))
    blocks = {example().steps[number].block for number in numbers}
    assert blocks == {
        "down.0.block",
        "down.0.block.conv",
        "down.0.block.temb_proj",
        "down.0.downsample",
    }


def test_without_a_selection_every_operation_is_meant() -> None:
    assert step_numbers(example(), RowSelection(fold=True)) == tuple(range(52))


def test_a_depth_leaves_out_what_deeper_blocks_run() -> None:
    trace = example()
    numbers = step_numbers(trace, RowSelection(depth=0))
    assert {trace.steps[number].block for number in numbers} == {""}
    assert [trace.steps[number].op for number in numbers] == ["getitem", "cat", "cat", "cat"]
    assert step_numbers(trace, RowSelection(depth=9)) == tuple(range(52))
