"""tracer/render/formats/table.py: a table of strings, and how it gets narrower."""

from __future__ import annotations

import pytest

from tracer.render.formats.table import (
    Column,
    Narrowing,
    Table,
    outlined,
    translated,
    with_formulas,
)

TABLE = Table(
    title="Blocks",
    columns=(
        Column("block", ("mid.attn", "up.0"), "path", outline=("└ attn", "up.0")),
        Column(
            "parameters", ("1,088", "3,504"), "number", short=("1.09K", "3.5K"), short_title="p"
        ),
        Column("at", ("net.py:1", "net.py:2"), "place"),
    ),
)


def titles(table: Table) -> list[str]:
    return [column.title for column in table.columns]


def test_rows_are_read_across_the_columns() -> None:
    assert TABLE.rows == (("mid.attn", "1,088", "net.py:1"), ("up.0", "3,504", "net.py:2"))


def test_an_outline_takes_the_place_of_the_cells() -> None:
    assert outlined(TABLE).columns[0].cells == ("└ attn", "up.0")
    assert outlined(TABLE).columns[1:] == TABLE.columns[1:]


def test_a_column_is_shortened_with_its_title() -> None:
    column = TABLE.narrowed(Narrowing("parameters", "shorten")).columns[1]
    assert (column.title, column.cells) == ("p", ("1.09K", "3.5K"))


def test_a_column_without_short_cells_stays() -> None:
    assert TABLE.narrowed(Narrowing("at", "shorten")) == TABLE


def test_a_column_is_dropped() -> None:
    assert titles(TABLE.narrowed(Narrowing("at", "drop"))) == ["block", "parameters"]


def test_a_shortened_column_goes_by_its_short_title() -> None:
    short = TABLE.narrowed(Narrowing("parameters", "shorten"))
    assert titles(short.narrowed(Narrowing("parameters", "drop"))) == ["block", "p", "at"]
    assert titles(short.narrowed(Narrowing("p", "drop"))) == ["block", "at"]


def test_only_numbers_stand_at_the_right() -> None:
    assert [column.right for column in TABLE.columns] == [False, True, False]


def test_formulas_are_those_of_the_column_of_the_same_title() -> None:
    symbolic = Table("", (Column("parameters", ("4·ch", "3,504"), "number"),))
    found = with_formulas(TABLE, symbolic)
    assert found.column("parameters").formulas == ("4·ch", "3,504")
    assert found.column("at").formulas == ()


def test_a_table_is_translated_where_there_are_words_for_it() -> None:
    found = translated(TABLE, {"block": "블록", "parameters": "파라미터"}, {"up.0": "위"})
    assert titles(found) == ["블록", "파라미터", "at"]
    assert found.columns[0].cells == ("mid.attn", "위")


def test_a_column_is_found_and_changed_by_its_title() -> None:
    found = TABLE.with_fields("at", links=("a", None)).column("at")
    assert (found.link(0), found.link(1), TABLE.column("at").link(0)) == ("a", None, None)
    assert TABLE.with_fields("nowhere", links=()) == TABLE
    with pytest.raises(KeyError):
        TABLE.column("nowhere")
