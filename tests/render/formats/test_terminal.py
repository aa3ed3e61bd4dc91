"""tracer/render/formats/terminal.py: a table on a terminal."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console
from rich.measure import Measurement

from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.formats.terminal import TableLines, fit, table_width, to_rich, to_text

TABLE = Table(
    title="Blocks",
    columns=(
        Column("block", ("mid", "mid.attn"), "path", outline=("mid", "└ attn")),
        Column("class", ("", "AttentionBlock"), "kind"),
        Column("out", ("16×1024×8×8", "16×1024×8×8"), "shape"),
        Column("parameters", ("12", "1,234,567"), "number", short=("12", "1.23M"), short_title="p"),
    ),
    summary=("2 blocks", "1,234,567 parameters"),
    narrowing=(Narrowing("parameters", "shorten"), Narrowing("class", "drop")),
    group_rows=frozenset({0}),
)


def printed(table: Table, width: int, *, colours: bool = False) -> str:
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        color_system="truecolor" if colours else None,
        force_terminal=colours,
    )
    console.print(to_rich(table, width))
    return out.getvalue()


def test_columns_are_aligned_below_their_titles_and_lines_end_without_blanks() -> None:
    assert printed(TABLE, 80) == (
        "Blocks\n"
        "\n"
        "block   class           out          parameters\n"
        "───────────────────────────────────────────────\n"
        "mid                     16×1024×8×8          12\n"
        "└ attn  AttentionBlock  16×1024×8×8   1,234,567\n"
        "\n"
        "2 blocks\n"
        "1,234,567 parameters\n"
    )


def test_a_narrow_terminal_gives_up_what_the_table_says_in_that_order() -> None:
    assert [column.title for column in fit(TABLE, 45).columns] == ["block", "class", "out", "p"]
    assert [column.title for column in fit(TABLE, 40).columns] == ["block", "out", "p"]


@pytest.mark.parametrize("width", [*range(23, 60)])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = printed(TABLE, width).splitlines()
    assert max(map(len, lines)) <= width
    assert sum("attn" in line for line in lines) == 1


def test_the_widest_words_are_cut_in_the_end_and_numbers_never() -> None:
    assert printed(TABLE, 24).splitlines()[2:6] == [
        "block   out            p",
        "─" * 24,
        "mid     16×1024×…     12",
        "└ attn  16×1024×…  1.23M",
    ]


def test_wide_characters_count_twice() -> None:
    table = Table("", (Column("블록", ("합성곱",), "path"), Column("n", ("1",), "number")))
    assert table_width(table) == 6 + 2 + 1
    assert printed(table, 80).splitlines() == ["블록    n", "─" * 9, "합성곱  1"]


def test_a_table_without_rows_says_only_its_title_and_sentences() -> None:
    assert printed(Table("Skips", (Column("from", ()),), ("No skips.",)), 80) == (
        "Skips\n\nNo skips.\n"
    )


def test_brackets_are_not_taken_for_markup() -> None:
    table = Table("", (Column("op", ("[red]x[/red]", ":cat:")),))
    assert printed(table, 80).splitlines()[2:] == ["[red]x[/red]", ":cat:"]


def test_only_colours_of_the_theme_are_used() -> None:
    text = printed(TABLE, 80, colours=True)
    codes = {code for part in text.split("\x1b[")[1:] for code in part.partition("m")[0].split(";")}
    assert codes <= {"0", "1", "2", "32", "36"}
    assert {"1", "2", "32", "36"} <= codes


def test_what_heads_other_rows_stands_out_and_guides_stand_back() -> None:
    text = printed(TABLE, 80, colours=True)
    assert "\x1b[1mmid\x1b[0m" in text
    assert "\x1b[2m└ \x1b[0mattn" in text


def test_a_layout_learns_how_wide_the_table_is() -> None:
    console = Console(file=StringIO(), width=80)
    assert Measurement.get(console, console.options, TableLines(TABLE)).maximum == table_width(
        TABLE
    )


def test_what_only_leads_to_others_stands_back() -> None:
    text = printed(replace(TABLE, context_rows=frozenset({0})), 80, colours=True)
    assert "\x1b[2mmid\x1b[0m" in text
    assert "\x1b[2m16×1024×8×8\x1b[0m" in text
    assert text.count("\x1b[32m16×1024×8×8\x1b[0m") == 1


def test_a_table_can_be_had_as_text() -> None:
    assert to_text(TABLE, 80) == printed(TABLE, 80)
