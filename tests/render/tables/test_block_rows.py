"""tracer/render/tables/block_rows.py: what the shape table says, row by row."""

from __future__ import annotations

from tests.example import example
from tracer.record import Block, Trace, Value
from tracer.render.tables.block_rows import BlockRow, rows


def block(call: str, *children: Block, size: int = 0) -> Block:
    path = call.partition("@")[0]
    put_out = (Value(f"out of {call}", (1, 2), "float32"),)
    took_in = (Value(f"into {call}", (1, 3), "float32"),)
    return Block(call, path, "Conv2d", took_in, put_out, size, size, 0, 0, children)


def listed(*children: Block, depth: int | None = None) -> list[str]:
    """The rows below a model, indented, groups with a colon."""
    trace = Trace("Net", (), (), (), block("", *children))
    return [
        "  " * (row.level - 1) + row.name + ("" if row.call else ":")
        for row in rows(trace, depth)
        if row.level
    ]


def row_of(name: str, *children: Block) -> BlockRow:
    trace = Trace("Net", (), (), (), block("", *children))
    return next(row for row in rows(trace) if row.name == name)


# ------------------------------------------------------------------------------------- groups


def test_blocks_stand_below_the_beginning_of_the_path_that_they_share() -> None:
    blocks = ("down.0.block.0", "down.0.block.1", "down.0.downsample", "down.1.block.0")
    assert listed(*map(block, blocks)) == [
        "down.0:",
        "  block.0",
        "  block.1",
        "  downsample",
        "down.1:",
        "  block.0",
    ]


def test_the_order_of_the_calls_is_kept() -> None:
    blocks = ("up.1.block.0", "up.1.attn.0", "up.1.block.1", "up.1.attn.1")
    assert listed(*map(block, blocks)) == ["up.1:", *(f"  {name[5:]}" for name in blocks)]


def test_a_number_belongs_to_the_name_before_it() -> None:
    assert listed(block("layers.0"), block("layers.1")) == ["layers.0", "layers.1"]


def test_a_list_of_lists_groups_by_the_outer_one() -> None:
    blocks = ("downs.0.0", "downs.0.1", "downs.1.0")
    assert listed(*map(block, blocks)) == ["downs.0:", "  0", "  1", "downs.1:", "  0"]


def test_groups_lie_within_groups() -> None:
    assert listed(block("unet.down.0.conv"), block("unet.down.0.norm")) == [
        "unet:",
        "  down.0:",
        "    conv",
        "    norm",
    ]


def test_a_block_that_was_called_is_no_group() -> None:
    assert listed(block("down.0", block("down.0.conv"), block("down.0.norm"))) == [
        "down.0",
        "  conv",
        "  norm",
    ]


def test_blocks_of_a_group_that_ran_apart_stand_alone() -> None:
    assert listed(block("temb.0"), block("heads.a"), block("tails.a"), block("heads.b")) == [
        "temb.0",
        "heads.a",
        "tails:",
        "  a",
        "heads.b",
    ]


def test_a_group_that_ran_twice_is_there_twice() -> None:
    once = ("enc.0.conv", "enc.0.norm")
    again = ("enc.0.conv@1", "enc.0.norm@1")
    assert listed(*map(block, (*once, "mid", *again))) == [
        "enc.0:",
        "  conv",
        "  norm",
        "mid",
        "enc.0:",
        "  conv@1",
        "  norm@1",
    ]


def test_a_block_from_elsewhere_has_its_whole_path() -> None:
    assert listed(block("up.0", block("shared.conv"))) == ["up.0", "  shared.conv"]


def test_a_second_call_has_its_number() -> None:
    assert listed(block("mid.block"), block("mid.block@1")) == ["mid:", "  block", "  block@1"]


# -------------------------------------------------------------------------------------- depth


def test_depth_counts_the_levels_of_the_printed_tree() -> None:
    blocks = (block("conv_in"), block("down.0.block.0", block("down.0.block.0.conv")))
    assert listed(*blocks, depth=0) == []
    assert listed(*blocks, depth=1) == ["conv_in", "down.0:"]
    assert listed(*blocks, depth=2) == ["conv_in", "down.0:", "  block.0"]
    assert listed(*blocks, depth=3) == listed(*blocks)


def test_the_model_is_the_first_row() -> None:
    first = rows(example(), depth=0)
    assert [(row.name, row.path, row.call, row.level, row.kind) for row in first] == [
        ("ToyUNet", "", "", 0, "ToyUNet")
    ]


# -------------------------------------------------------------------------------- what rows say


def test_a_group_sums_the_parameters_of_its_blocks() -> None:
    group = row_of("down.0", block("down.0.conv", size=5), block("down.0.norm", size=7))
    assert (group.parameters, group.counted, group.kind) == (12, False, "")


def test_a_module_that_is_called_twice_is_summed_once() -> None:
    called = (block("mid.block", size=5), block("mid.attn", size=1), block("mid.block@1", size=5))
    assert row_of("mid", *called).parameters == 6


def test_the_parameters_of_a_second_call_are_counted_before() -> None:
    called = (block("mid.block", size=5), block("mid.block@1", size=5))
    assert not row_of("block", *called).counted
    assert row_of("block@1", *called).counted


def test_a_group_of_second_calls_is_counted_before() -> None:
    once = (block("enc.0.conv", size=5), block("mid"))
    again = (block("enc.0.conv@1", size=5), block("enc.0.norm@1", size=1))
    trace = Trace("Net", (), (), (), block("", *once, *again))
    found = [row for row in rows(trace) if row.name == "enc.0"]
    assert [(row.parameters, row.counted) for row in found] == [(6, True)]


def test_a_group_takes_in_what_its_first_block_does_and_puts_out_what_its_last_does() -> None:
    group = row_of("down.0", block("down.0.conv"), block("down.0.norm"))
    assert [value.name for value in group.inputs] == ["into down.0.conv"]
    assert [value.name for value in group.outputs] == ["out of down.0.norm"]


def test_every_block_is_a_row_once() -> None:
    calls = [row.call for row in rows(example()) if row.call is not None]
    assert calls == [block.call for block in example().root.walk()]
