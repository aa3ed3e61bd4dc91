"""The table of differences: one row for what is alike, the beginnings first, totals below."""

from __future__ import annotations

from dataclasses import replace

from tests.conftest import Golden
from tests.example import example
from tracer.render.formats.markdown import to_markdown
from tracer.render.formats.plain import to_plain
from tracer.render.formats.terminal import fit, table_width
from tracer.render.tables.differences import ColumnTitles, difference_records, difference_table
from tracer.snapshot import Snapshot, snapshot_of
from tracer.snapshot.diff import compare

TOY = snapshot_of(example())


def other() -> Snapshot:
    """The toy with no attention, wider time embeddings, a renamed block and a swapped join."""
    last = replace(TOY.skips[-1], operands=("skip 16", "h 16"))
    blocks = [
        replace(
            block,
            call=block.call.replace("up.1.upsample", "up.1.upscale"),
            parameters=block.parameters * (2 if "temb_proj" in block.call else 1),
        )
        for block in TOY.blocks
        if "mid.attn" not in block.call
    ]
    return replace(
        TOY,
        model=replace(TOY.model, parameters=40_000),
        blocks=tuple(blocks),
        skips=(*TOY.skips[:-1], last),
    )


FOUND = compare(TOY, other())
NAMES = ColumnTitles("locked", "now", "toy against toy.yaml")


def test_differences_as_text_and_markdown(golden: Golden) -> None:
    table = difference_table(FOUND, NAMES)
    golden("toy_unet.differences.txt", to_plain(table))
    golden("toy_unet.differences.md", to_markdown(table))


def test_everything_is_listed_when_it_is_asked_for(golden: Golden) -> None:
    golden("toy_unet.differences_all.txt", to_plain(difference_table(FOUND, NAMES, every=True)))


def test_it_fits_a_terminal_of_80_cells() -> None:
    table = difference_table(FOUND, NAMES)
    narrow = fit(table, 80)
    assert table_width(narrow) <= 80
    assert table_width(table) > 80
    assert narrow.columns[1].cells[0].startswith("down.0.block.temb_")
    assert narrow.columns[2].cells[0] == "params"
    assert narrow.columns[4].cells[3] == "up.1.upscale"


def test_a_program_gets_every_difference() -> None:
    records = difference_records(FOUND)
    assert records["differences"] == FOUND.differences
    assert (records["same"], records["same_shapes"]) == (False, False)


def test_no_difference_is_said_in_words() -> None:
    text = to_plain(difference_table(compare(TOY, TOY), ColumnTitles()))
    assert text == "Nothing differs: the same blocks, shapes, parameters, skips and joins.\n"


def other_code_base() -> Snapshot:
    """The toy under other names."""
    blocks = (replace(block, call=f"my_{block.call}".replace(".", ".my_")) for block in TOY.blocks)
    return replace(TOY, blocks=tuple(blocks), trace=None, skips=())


def test_the_same_model_by_somebody_else_is_said_to_be_the_same() -> None:
    text = to_plain(
        difference_table(compare(other_code_base(), replace(TOY, skips=())), ColumnTitles())
    )
    assert text == (
        "The same structure: all 22 layers and 0 skips.\n"
        "Their shapes, parameters and joins are the same.\n"
        "Only names and the grouping into modules differ.\n"
        "30 blocks have other names; use --all to list them.\n"
    )


def test_what_differs_between_two_code_bases_is_told_by_the_names_of_both() -> None:
    mine = other_code_base()
    narrow = replace(mine.blocks[1], parameters=1)
    blocks = tuple(block for block in mine.blocks[2:] if "my_attn" not in block.call)
    mine = replace(mine, blocks=(mine.blocks[0], narrow, *blocks))
    found = compare(mine, replace(TOY, skips=()))
    assert to_plain(difference_table(found, ColumnTitles("A", "B"))).splitlines()[:8] == [
        "         in A        in B      what        A  B",
        "-------  ----------  --------  ----------  -  -------------------",
        "changed  my_conv_in  conv_in   parameters  1  224",
        "added                mid.attn  block          Attention, 3 blocks",
        "",
        "20 layers of 20 and 22 were paired by structure.",
        "Names and the grouping into modules were not compared.",
        "27 blocks have other names; use --all to list them.",
    ]
