"""tracer/site/pages/views/costs_page.py: what a forward pass costs, as a page shows it."""

from __future__ import annotations

from dataclasses import replace

from tests.site.toy_site import toy_results
from tracer.algebra.substitute import resize
from tracer.analysis.costs import cost, superlinear_flops
from tracer.render.formats.table import Column, Table
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.costs_page import (
    CostsView,
    costs_view,
    linked_blocks,
    operations_in_full,
)
from tracer.site.pages.words import EN, KO, Words


def results() -> ModelResults:
    """The toy, whose numbers are here those of its formulas."""
    found = toy_results()
    return replace(found, trace=resize(found.formulas))


def view(content: SiteContent, found: ModelResults | None = None, words: Words = EN) -> CostsView:
    return costs_view(found or results(), "toy", Addresses(content, "shapes/toy"), words)


def operations() -> Table:
    return operations_in_full(results(), "all")


def both(column: Column, row: int) -> tuple[str, str]:
    return column.cells[row], column.formulas[row]


def test_the_whole_comes_first_then_what_costs_most() -> None:
    table = operations()
    names = table.column("operation").cells
    assert names[:4] == ("all", "scaled_dot_product_attention", "conv2d", "linear")
    assert table.group_rows == {0}
    assert both(table.column("FLOPs"), 2) == ("239,616", "936·B·H·W")
    assert table.column("% FLOPs").cells[:4] == ("100.0", "52.2", "47.7", "0.03")


def test_what_has_no_known_cost_is_marked() -> None:
    table = operations()
    assert (
        dict(zip(table.column("operation").cells, table.column("FLOPs").cells, strict=True))[
            "interpolate"
        ]
        == "?"
    )


def test_bytes_are_memory_and_a_formula() -> None:
    number, formula = both(operations().column("bytes written"), 3)
    assert number.endswith("KiB")
    assert formula.endswith("·B·H·W + 288")


def test_attention_is_said_to_grow_and_from_when_on_it_is_the_most(content: SiteContent) -> None:
    assert view(content).growth == (
        "Attention grows with (H·W)²: 4·B·(H·W)² FLOPs of scaled_dot_product_attention.",
        "At B = 1, H = W = 16 this is 52.2% of all FLOPs.",
        "From H = W = 16 on, it exceeds conv2d.",
    )


def test_it_is_said_in_korean_too(content: SiteContent) -> None:
    found = view(content, words=KO)
    assert found.growth[0].startswith("어텐션은 (H·W)²에 비례해 늘어납니다.")
    assert ">연산</th>" in found.operations
    assert "scaled_dot_product_attention 비율(%)" in found.growth_tables[0]


def test_blocks_that_grow_fast_lead_to_their_shapes(content: SiteContent) -> None:
    symbolic = results().formulas
    found = superlinear_flops(symbolic)
    assert found
    table = linked_blocks(found, cost(symbolic), "toy", Addresses(content, "shapes/toy"))
    assert (table.column("block").cells, table.column("block").links) == (
        ("mid.attn",),
        ("#mid.attn",),
    )
    assert both(table.column("FLOPs"), 0) == ("262,144", "4·B·(H·W)²")


def test_shares_change_with_the_size(content: SiteContent) -> None:
    table, blocks = view(content).growth_tables
    for cell in ("% scaled_dot_product_attention", "% conv2d", "H = W = 128", "98.6"):
        assert cell in table
    assert '<a href="#mid.attn">mid.attn</a>' in blocks


def test_where_nothing_grows_fast_nothing_is_said_of_it(content: SiteContent) -> None:
    found = results()
    steps = tuple(replace(step, flops=8) for step in found.formulas.steps)
    flat = view(content, replace(found, formulas=replace(found.formulas, steps=steps)))
    assert (flat.growth, flat.growth_tables) == ((), ())
    assert "conv2d" in flat.operations
