"""tracer/site/pages/views/shapes.py: the table of shapes with its anchors and links."""

from __future__ import annotations

from tests.site.toy_site import toy_results
from tracer.site.content.dual_text import DualText
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.shapes import ShapeRow, shapes_view


def table(content: SiteContent) -> dict[str, ShapeRow]:
    to = Addresses(content, "shapes/toy")
    view = shapes_view(toy_results(), "toy", {"mid.attn": "n_mid_attn"}, to)
    return {row.anchor: row for row in view.rows}


def test_a_row_is_found_by_the_call_of_its_block(content: SiteContent) -> None:
    rows = table(content)
    assert list(rows)[:4] == ["the-model", "embed", "conv_in", "down.0"]
    assert "mid.block@1" in rows


def test_a_row_says_what_the_terminal_says(content: SiteContent) -> None:
    row = table(content)["up.0.block.0"]
    assert row.kind == "ResBlock"
    assert [one.numbers for one in row.taken] == ["1×24×16×16", "1×16"]
    assert row.made == (DualText("1×8×16×16", "B × 8 × H × W"),)
    assert row.parameters == "2,072"
    assert table(content)["mid.block@1"].parameters == "(2,592)"


def test_a_class_leads_to_its_walkthrough_and_a_block_to_the_map(content: SiteContent) -> None:
    rows = table(content)
    assert rows["mid.block"].code == "../walk/block.html"
    assert rows["the-model"].code == "../walk/forward.html"
    assert rows["conv_in"].code is None
    assert rows["mid.attn"].node == "../map.html#toy-n_mid_attn"
    assert rows["conv_in"].node is None


def test_a_group_has_no_class_but_an_anchor(content: SiteContent) -> None:
    row = table(content)["down.0"]
    assert (row.is_group, row.kind, row.name) == (True, "", "down.0")
