"""tracer/render/formats/plain.py: a table for pipes."""

from __future__ import annotations

from tests.example import example
from tracer.render.formats.plain import to_plain
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_shapes import shape_table


def test_columns_are_aligned_and_lines_end_without_blanks() -> None:
    table = Table(
        "Blocks",
        (
            Column("block", ("mid", "mid.attn"), "path", outline=("mid", "└ attn")),
            Column("parameters", ("12", "1,234,567"), "number", short=("12", "1.23M")),
            Column("class", ("", "AttentionBlock"), "kind"),
        ),
        ("2 blocks",),
    )
    assert to_plain(table) == (
        "Blocks\n"
        "\n"
        "block     parameters  class\n"
        "--------  ----------  --------------\n"
        "mid               12\n"
        "mid.attn   1,234,567  AttentionBlock\n"
        "\n"
        "2 blocks\n"
    )


def test_a_line_found_by_itself_says_its_whole_path() -> None:
    found = [
        line for line in to_plain(shape_table(example())).splitlines() if "temb_proj@1" in line
    ]
    assert [line.split()[0] for line in found] == ["mid.block.temb_proj@1"]


def test_there_are_no_colours() -> None:
    assert "\x1b" not in to_plain(shape_table(example()))


def test_wide_characters_count_twice() -> None:
    table = Table("", (Column("블록", ("a",), "path"), Column("n", ("1",), "number")))
    assert to_plain(table) == "블록  n\n----  -\na     1\n"


def test_a_table_without_rows_is_its_title_and_its_sentences() -> None:
    assert to_plain(Table("Skips", (Column("from", ()),), ("No skips.",))) == "Skips\n\nNo skips.\n"
