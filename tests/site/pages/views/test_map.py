"""tracer/site/pages/views/map.py: the table with the content of the diagram."""

from __future__ import annotations

from tests.site.toy_site import toy_results
from tracer.site.content.dual_text import DualText
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.map import MapRow, MapView, map_view
from tracer.site.pages.words import EN


def view(content: SiteContent) -> MapView:
    return map_view(toy_results(), ("toy", "The toy"), "<svg/>", Addresses(content, "map"), EN)


def row(content: SiteContent, call: str) -> MapRow:
    return next(row for row in view(content).rows if row.block.text == call)


def test_rows_are_in_execution_order(content: SiteContent) -> None:
    calls = [row.block.text for row in view(content).rows]
    assert calls[:3] == ["conv_in", "down.0.block", "down.0.downsample"]
    assert calls[-1] == "conv_out"


def test_each_end_of_a_skip_names_the_other(content: SiteContent) -> None:
    assert row(content, "down.0.block").skips == ("to up.0.block.0",)
    assert row(content, "up.0.block.0").skips == ("from down.0.block",)
    assert row(content, "mid.attn").skips == ()


def test_part_resolution_and_shape(content: SiteContent) -> None:
    found = row(content, "mid.attn")
    assert (found.part, found.resolution) == ("middle", DualText("8×8", "H/2 × W/2"))
    assert found.output == DualText("1×16×8×8", "B×16×H/2×W/2")
    assert found.block.address == "shapes/toy.html#mid.attn"


def test_the_description_is_one_sentence(content: SiteContent) -> None:
    assert view(content).description == (
        "The toy: 11 blocks at 2 resolutions, with 3 skip connections."
    )
