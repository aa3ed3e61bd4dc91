"""tracer/render/formats/html.py: tables and pictures as HTML that stands by itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tests.example import example
from tracer.render.formats.html import (
    diagram_section,
    fragment,
    message_section,
    table_section,
    write,
)
from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.visible_rows import RowSelection

TABLE = Table(
    title="Blocks <of> a model",
    columns=(
        Column("block", ("mid", "mid.attn"), "path", outline=("mid", "└ attn")),
        Column("n", ("1", '<script>"2"</script>'), "number"),
    ),
    summary=("a < b",),
    group_rows=frozenset({0}),
    context_rows=frozenset({1}),
)


class Reader(HTMLParser):
    """The elements of a page in order, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def test_every_element_is_closed_where_it_was_opened() -> None:
    parts = [
        table_section(TABLE, "Blocks"),
        diagram_section("<svg></svg>"),
        message_section("none"),
    ]
    assert Reader(fragment("A model", parts)).open == []


def test_what_is_said_is_not_taken_for_html() -> None:
    page = Reader(fragment("<b>", [table_section(TABLE, "<i>"), message_section("<u>", "<s>")]))
    assert {"script", "b", "i", "u", "s", "of"}.isdisjoint(tag for tag, _ in page.tags)
    assert {"<b>", "<i>", "<u>", "<s>", '<script>"2"</script>', "a < b"} <= set(page.words)


def test_a_name_heads_its_row_and_tells_its_whole_path() -> None:
    page = Reader(table_section(TABLE))
    heads = [marks for tag, marks in page.tags if tag == "th" and marks.get("scope") == "row"]
    assert [marks["title"] for marks in heads] == ["mid", "mid.attn"]
    assert "attn" in page.words


def test_guides_are_not_read_aloud() -> None:
    (guides,) = (marks for tag, marks in Reader(table_section(TABLE)).tags if tag == "span")
    assert guides["aria-hidden"] == "true"


def test_rows_are_marked_as_what_they_are() -> None:
    rows = [marks.get("class") for tag, marks in Reader(table_section(TABLE)).tags if tag == "tr"]
    assert rows == [None, "ut-head", "ut-faint"]


def test_numbers_stand_at_the_right() -> None:
    cells = [marks.get("class") for tag, marks in Reader(table_section(TABLE)).tags if tag == "td"]
    assert cells == ["ut-number", "ut-number"]


def test_the_keyboard_reaches_what_scrolls_and_it_has_a_name() -> None:
    for part in (
        table_section(TABLE),
        table_section(TABLE, "Rows"),
        diagram_section("<svg></svg>", "It"),
    ):
        (box,) = (marks for _, marks in Reader(part).tags if marks.get("role") == "region")
        assert box["tabindex"] == "0"
        assert box["aria-label"]


def test_a_part_below_a_heading_can_be_shut() -> None:
    assert table_section(TABLE, "Rows").startswith("<details open><summary>Rows</summary>")
    assert "<details" not in table_section(TABLE)


def test_a_table_without_rows_says_only_its_sentences() -> None:
    part = table_section(Table("Skips", (Column("from", ()),), ("No skips.",)))
    assert "<table" not in part
    assert "No skips." in part


def test_every_rule_of_the_style_is_about_the_fragment_alone() -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", fragment("A model", []), re.DOTALL)
    rules = [rule.strip() for rule in re.findall(r"([^{}]+)\{[^{}]*\}", style)]
    assert len(rules) > 20
    assert all(".unet-trace" in one for rule in rules for one in _selectors(rule))


def _selectors(rule: str) -> list[str]:
    """The selectors of a rule; commas inside brackets part nothing."""
    return re.split(r",(?![^()]*\))", rule)


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = fragment("A model", [table_section(shape_table(example()), "Blocks")])
    assert not re.search(r"https?:|url\(|@import|<link|<script|src=", page)


def test_no_colour_of_text_is_fixed() -> None:
    """Or it would vanish on the ground of another theme."""
    style = fragment("", [])
    assert "color: inherit" in style
    assert not re.search(r"(?<![-\w])color: *#", style)


def test_a_table_of_shapes_has_a_row_for_each_of_its_rows() -> None:
    table = shape_table(example(), RowSelection(depth=1))
    page = Reader(table_section(table, "Blocks"))
    assert sum(tag == "tr" for tag, _ in page.tags) == len(table.rows) + 1


def test_a_wide_table_is_shortened_and_loses_no_column() -> None:
    long, short = ("1×320×128×128, " * 9,), ("1×320×128×128 +8",)
    columns = (
        Column("block", ("mid",), "path", outline=("mid",)),
        Column("in", long, "shape", short=short),
        Column("class", ("Block",), "kind"),
        Column("parameters", ("1,234",), "number", short=("1.23K",), short_title="params"),
    )
    narrowing = (
        Narrowing("in", "shorten"),
        Narrowing("class", "drop"),
        Narrowing("parameters", "shorten"),
    )
    page = Reader(table_section(Table("Blocks", columns, narrowing=narrowing)))
    assert {"1×320×128×128 +8", "Block", "1,234"} <= set(page.words)
    assert not any(text.startswith("1×320×128×128, ") for text in page.words)


def test_tables_are_a_whole_page_by_themselves() -> None:
    tables = [
        shape_table(example(), RowSelection(depth=1)),
        Table("Others", (Column("n", ("1",)),)),
    ]
    whole = write(tables, [], None)
    assert whole.startswith("<!DOCTYPE html>")
    assert f"<title>{tables[0].title}</title>" in whole
    assert '<meta name="color-scheme" content="light dark" />' in whole
    assert "Others" in Reader(whole).words
    assert whole.count("<style>") == 1


def test_a_title_of_two_lines_is_shown_in_two_lines() -> None:
    table = Table("A: one <b>\nB: two", (Column("n", ("1",), "number"),))
    whole = write([table, table], [], None)
    assert '<p class="ut-title">A: one &lt;b&gt;<br />B: two</p>' in whole
    assert "<title>A: one &lt;b&gt; B: two</title>" in whole
    assert whole.count('aria-label="A: one &lt;b&gt; B: two"') == 3
    assert "\\n" not in whole.partition("</style>")[2]
