"""No name can break out of a format: nothing is hidden in it, and it is whole where programs read.

A new format is tested with the others, because they are those of the registry.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.robustness.odd_names import ODD_NAMES
from tracer.escapes import HIDDEN, LONG_WORD, visible
from tracer.render.formats.csv_text import to_csv
from tracer.render.formats.registry import FORMATS
from tracer.render.formats.table import WHOLE_ROLES, Column, Table, outlined

ROLES = ("path", "kind", "shape", "number", "place", "text")
FOR_PEOPLE = [name for name, form in FORMATS.items() if not form.for_programs]


def table_of(text: str) -> Table:
    """A table that holds a text wherever it can hold one."""
    columns = [
        Column(text, (text,), role, (text,), (text,), text, (), (text,), (None,), text)
        for role in ROLES
    ]
    return Table(text, tuple(columns), (text,))


def records_of(text: str) -> list[dict[str, str]]:
    return [{text: text}]


def written(form: str, text: str, width: int | None = 100) -> str:
    return FORMATS[form].write([table_of(text), table_of(text)], records_of(text), width)


def hidden(text: str) -> set[str]:
    return {one for one in text if HIDDEN.match(one)} - {"\n"}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_in_a_name_is_hidden(form: str, name: str) -> None:
    assert not hidden(written(form, name))
    assert not hidden(written(form, name, 40))
    written(form, name).encode()


@given(st.text(st.characters(codec=None)))
@examples(20)
def test_nothing_in_any_text_is_hidden(text: str) -> None:
    for form in FORMATS:
        assert not hidden(written(form, text)), form
        written(form, text).encode()


@pytest.mark.parametrize("form", FOR_PEOPLE)
def test_a_long_name_is_shortened_where_people_read(form: str) -> None:
    name = "n" * 10_000
    columns = [Column("t", (name,), role) for role in ROLES if role not in WHOLE_ROLES]
    text = FORMATS[form].write([Table(name, tuple(columns), (name,))], [], 1_000)
    assert max(map(len, re.findall("n+", text))) == LONG_WORD // 2


def test_a_long_name_is_whole_where_programs_read() -> None:
    name = "n" * 10_000
    rows = list(csv.reader(io.StringIO(to_csv(table_of(name)))))
    assert rows[1] == [name] * len(ROLES)
    assert name in written("json", name)


@given(st.text(st.characters(codec="utf-8")))
@examples(20)
def test_records_are_the_same_after_json(text: str) -> None:
    assert json.loads(written("json", text)) == records_of(text)


def test_a_long_name_in_an_outline_leaves_the_cell_of_a_program_whole() -> None:
    name = "n" * 10_000
    table = outlined(Table("", (Column("block", (name,), "path", outline=(f"└ {name}",)),)))
    assert name in to_csv(table)
    assert len(table.columns[0].cells[0]) < LONG_WORD + 10
    again = replace(table, title="again")
    assert again == replace(table, title="again")


class Elements(HTMLParser):
    """The names of the elements of a page, and the attributes with an address or a script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.found.update(name for name, _ in attrs if name.startswith("on"))


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_no_name_adds_an_element_to_a_page(name: str) -> None:
    page, plain_page = Elements(), Elements()
    page.feed(written("html", name))
    plain_page.feed(written("html", "plain"))
    assert page.found <= plain_page.found | {"span", "br"}  # br: a title may have two lines


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_no_name_adds_a_row_to_a_table_in_markdown(name: str) -> None:
    assert len(written("markdown", name).splitlines()) == len(
        written("markdown", "plain").splitlines()
    )


# ------------------------------------------------------------------------------------- spreadsheets

CELLS = {
    "=SUM(A1)": r"\x3dSUM(A1)",
    "@SUM(A1)": r"\x40SUM(A1)",
    "+1+2": r"\x2b1+2",
    "-1+2": r"\x2d1+2",
    "-x": r"\x2dx",
    "-": r"\x2d",
    "=": r"\x3d",
    "＝SUM(A1)": r"\uff1dSUM(A1)",
    "\t=1": r"\t=1",
    "\r=1": r"\r=1",
    "-1": "-1",
    "+1": "+1",
    "-1,234.5": "-1,234.5",
    "-1e-5": "-1e-5",
    "-12%": "-12%",
    "1=2": "1=2",
    "a-b": "a-b",
    "": "",
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("cell", "expected"), CELLS.items())
def test_no_cell_is_a_formula_and_numbers_stay_numbers(cell: str, expected: str, role: str) -> None:
    column = Column("title", (cell, "end"), role)  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(to_csv(Table("", (column, column))))))
    assert rows[1] == [expected, expected]


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_no_cell_of_an_odd_name_is_a_formula(name: str) -> None:
    rows = csv.reader(io.StringIO(written("csv", name)))
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]


def test_sentences_are_no_formulas_either() -> None:
    assert to_csv(Table("=1+1", (), ("=2",))).splitlines() == ["text", r"\x3d1+1", r"\x3d2"]


def test_a_table_holds_what_was_put_into_it_made_visible() -> None:
    table = Table("a\x1b\nb", (Column("t", ("c\x1b",), "path"),), ("s\x1b",))
    assert table.title == "a\\x1b\nb"
    assert table.columns[0].cells == (visible("c\x1b"),)
    assert table.summary == (r"s\x1b",)
