"""tracer/site/pages/views/costs.py: what a forward costs, as a page shows it."""

from __future__ import annotations

from dataclasses import replace

from tests.site.toy_site import toy_results
from tracer.site.content.dual_text import DualText
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.costs import CostsView, costs_view
from tracer.site.pages.words import EN, KO


def view(content: SiteContent, findings: ModelResults | None = None) -> CostsView:
    to = Addresses(content, "shapes/toy")
    return costs_view(findings or toy_results(), "toy", to, EN)


def test_the_whole_comes_first_then_what_costs_most(content: SiteContent) -> None:
    rows = view(content).rows
    assert [row.name for row in rows] == [
        "total",
        "scaled_dot_product_attention",
        "conv2d",
        "linear",
    ]
    assert rows[2].flops == DualText("239,616", "936·B·H·W")
    assert [row.share for row in rows] == ["100.0", "52.2", "47.7", "0.03"]


def test_bytes_are_told_as_memory_and_as_a_formula(content: SiteContent) -> None:
    linear = view(content).rows[-1]
    assert linear.bytes.numbers.endswith("KiB")
    assert linear.bytes.formulas.endswith("·B·H·W + 288")


def test_attention_is_said_to_grow_and_from_when_on_it_is_the_most(content: SiteContent) -> None:
    assert view(content).growth == (
        "The cost of attention grows with (H·W)²: "
        "4·B·(H·W)² FLOPs of scaled_dot_product_attention.",
        "At B = 1, H = W = 16 that is 52.2% of all FLOPs.",
        "From H = W = 16 on, it exceeds conv2d.",
    )


def test_it_is_said_in_korean_too(content: SiteContent) -> None:
    to = Addresses(content, "shapes/toy")
    said = costs_view(toy_results(), "toy", to, KO).growth
    assert said[0].startswith("어텐션의 비용은 (H·W)²에 비례해 늘어납니다.")


def test_blocks_that_cost_the_same_share_a_row(content: SiteContent) -> None:
    (row,) = view(content).fast
    assert [(block.text, block.address) for block in row.blocks] == [("mid.attn", "#mid.attn")]
    assert row.flops == DualText("262,144", "4·B·(H·W)²")


def test_shares_change_with_the_size(content: SiteContent) -> None:
    found = view(content)
    assert found.kinds == ("scaled_dot_product_attention", "conv2d")
    assert [(row.sizes, *row.shares) for row in found.sizes] == [
        ("H = W = 16", "52.2", "47.7"),
        ("H = W = 32", "81.4", "18.6"),
        ("H = W = 64", "94.6", "5.4"),
        ("H = W = 128", "98.6", "1.4"),
    ]


def test_where_nothing_grows_fast_nothing_is_said_of_it(content: SiteContent) -> None:
    found = toy_results()
    steps = tuple(replace(step, flops=8) for step in found.formulas.steps)
    flat = view(content, replace(found, formulas=replace(found.formulas, steps=steps)))
    assert (flat.growth, flat.fast, flat.kinds, flat.sizes) == ((), (), (), ())
