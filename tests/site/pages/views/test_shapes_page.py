"""tracer/site/pages/views/shapes_page.py: the table of shapes with its anchors and links."""

from __future__ import annotations

from tests.site.toy_site import toy_results
from tracer.render.formats.table import Table
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.shapes_page import ShapesView, linked_shapes, shapes_view
from tracer.site.pages.words import EN, KO, Words

NODES = {"mid.attn": "n_mid_attn"}


def table(content: SiteContent) -> Table:
    return linked_shapes(toy_results(), "toy", NODES, Addresses(content, "shapes/toy"), EN)


def view(content: SiteContent, words: Words) -> ShapesView:
    return shapes_view(toy_results(), "toy", NODES, Addresses(content, "shapes/toy"), words)


def cells(found: Table, title: str) -> dict[str, str]:
    """The cells of a column by the anchor of their row."""
    return dict(zip(found.anchors, found.column(title).cells, strict=True))


def links(found: Table, title: str) -> dict[str, str | None]:
    return dict(zip(found.anchors, found.column(title).links, strict=True))


def test_a_row_is_found_by_the_call_of_its_block(content: SiteContent) -> None:
    found = table(content)
    assert found.anchors[:4] == ("the-model", "embed", "conv_in", "down.0")
    assert "mid.block@1" in found.anchors
    assert links(found, "block")["mid.block@1"] == "#mid.block@1"


def test_a_row_says_what_the_terminal_says(content: SiteContent) -> None:
    found = table(content)
    row = found.anchors.index("up.0.block.0")
    assert found.rows[row][1:5] == ("ResBlock", "1×24×16×16, 1×16", "1×8×16×16", "2,072")
    assert found.column("out").formulas[row] == "B × 8 × H × W"
    assert cells(found, "parameters")["mid.block@1"] == "(2,592)"


def test_a_class_leads_to_its_walkthrough_and_a_block_to_the_map(content: SiteContent) -> None:
    kinds, boxes = links(table(content), "class"), links(table(content), EN.on_map)
    assert kinds["mid.block"] == "../walk/block.html"
    assert kinds["the-model"] == "../walk/forward.html"
    assert kinds["conv_in"] is None
    assert boxes["mid.attn"] == "../map.html#toy-n_mid_attn"
    assert boxes["conv_in"] is None


def test_a_group_has_no_class_but_an_anchor(content: SiteContent) -> None:
    found = table(content)
    assert found.anchors.index("down.0") in found.group_rows
    assert cells(found, "class")["down.0"] == ""
    assert found.column("block").outline[found.anchors.index("down.0")].endswith("down.0")


def test_the_page_has_the_same_table_in_each_language(content: SiteContent) -> None:
    english, korean = view(content, EN).table, view(content, KO).table
    assert '<span class="ut-n">1×8×16×16</span><span class="ut-f">B × 8 × H × W</span>' in english
    assert 'aria-label="Show on the map"' in english
    assert '<th scope="col" class="ut-mono">클래스</th>' in korean
    assert english.count("<tr") == korean.count("<tr")
