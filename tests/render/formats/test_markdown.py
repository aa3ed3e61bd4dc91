"""tracer/render/formats/markdown.py: a table in Markdown."""

from __future__ import annotations

import pytest

from tracer.render.formats.markdown import to_markdown
from tracer.render.formats.table import Column, ColumnRole, Table


def cell(text: str, role: ColumnRole = "text") -> str:
    """A cell as it is written."""
    row = to_markdown(Table("", (Column("x", (text,), role),))).splitlines()[-1]
    return row.removeprefix("| ").removesuffix(" |")


def test_names_are_code_and_numbers_stand_at_the_right() -> None:
    table = Table(
        "Blocks of a_net",
        (
            Column("block", ("mid.attn_1",), "path", outline=("└ attn_1",)),
            Column("class", ("",), "kind"),
            Column("parameters", ("1,088",), "number"),
        ),
        ("1 block", "see __init__"),
    )
    assert to_markdown(table) == (
        "**Blocks of a\\_net**\n"
        "\n"
        "| block | class | parameters |\n"
        "| --- | --- | ---: |\n"
        "| `mid.attn_1` |  | 1,088 |\n"
        "\n"
        "- 1 block\n"
        "- see \\_\\_init\\_\\_\n"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", "a\\|b"),
        ("4*c*h", "4\\*c\\*h"),
        ("a_b", "a\\_b"),
        ("[0]", "\\[0\\]"),
        ("<b>", "&lt;b>"),
        ("a`b", "a\\`b"),
        ("a\\b", "a\\\\b"),
        ("two\nlines", "two\\\\nlines"),
        ("16×128×8×8", "16×128×8×8"),
    ],
)
def test_text_is_never_read_as_markdown(text: str, written: str) -> None:
    assert cell(text) == written


def test_in_code_only_the_bar_is_special() -> None:
    assert cell("a|b_c", "path") == "`a\\|b_c`"


def test_a_name_with_a_back_tick_is_no_code() -> None:
    assert cell("a`b", "path") == "a\\`b"


def test_a_table_without_rows_is_its_title_and_its_sentences() -> None:
    table = Table("Skips", (Column("from", ()),), ("No skips.",))
    assert to_markdown(table) == "**Skips**\n\n- No skips.\n"


def test_a_cell_that_leads_somewhere_is_a_link() -> None:
    column = Column("block", ("mid_1", "up"), "text", links=("shapes.html#mid_1", None))
    assert to_markdown(Table("", (column,))).splitlines()[2:] == [
        "| [mid\\_1](<shapes.html#mid_1>) |",
        "| up |",
    ]
