"""tracer/site/pages/views/stack_page.py: the skip stack as a page shows it."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example
from tests.site.toy_site import toy_results
from tracer.analysis.skip_stack import Ledger, ledger
from tracer.render.formats.table import Table
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.stack_page import StackView, linked_stack, stack_view
from tracer.site.pages.words import EN, KO


def view(content: SiteContent, found: Ledger | None = None) -> StackView:
    to = Addresses(content, "stack")
    return stack_view(findings(found), ("toy", "The toy"), to, EN)


def table(content: SiteContent, found: Ledger | None = None) -> Table:
    return linked_stack(findings(found), "toy", Addresses(content, "stack"), EN)


def findings(found: Ledger | None = None) -> ModelResults:
    """What was found of the toy, or that with another ledger."""
    toy = toy_results()
    if found is not None:
        vars(toy)["ledger"] = found
    return toy


def test_a_row_has_both_lines_and_both_blocks(content: SiteContent) -> None:
    found = table(content)
    row = {column.title: column.cells[0] for column in found.columns}
    assert (row["shape"], found.column("shape").formulas[0]) == ("1×8×16×16", "B × 8 × H × W")
    assert found.column("bytes held").cells[0] == "8.0 KiB"
    assert found.column("bytes held").formulas[0] == "32·B·H·W"
    assert (row["skip"], row["h + skip = cat"]) == ("1 · hs[0]", "8 + 8 = 16")
    assert found.column("h + skip = cat").formulas == ()
    assert row["pushed at"] == "toy_unet.py:72"
    assert found.column("pushed at").link(0) == "walk/forward.html#L72"
    assert found.column("pushed by").link(0) == "shapes/toy.html#conv_in"
    assert row["popped by"] == "up.0.block.1"


def test_bars_are_parts_of_the_peak(content: SiteContent) -> None:
    shares = table(content).column("bytes held").bars
    assert shares[-1] == 100
    assert list(shares) == sorted(shares)


def test_the_summary_when_all_is_well(content: SiteContent) -> None:
    said = view(content).summary
    assert said[0] == "hs: 3 pushes, 3 pops. Last in, first out. Nothing is left over."
    assert said[1].endswith(", after 3 (down.0.downsample).")
    assert said[2] == "The data flow agrees: 3 skips, between the same blocks."


def test_the_summary_when_the_two_ways_differ(content: SiteContent) -> None:
    whole = ledger(example())
    first, second, third = whole.entries
    said = view(
        content,
        replace(
            whole,
            entries=(replace(first, joins=()), replace(second, stack=""), third),
            last_in_first_out=False,
        ),
    ).summary
    assert "Not last in, first out." in said[0]
    assert said[-2:] == (
        "Popped, but in no skip: 1 (conv_in).",
        "A skip in the data flow, but on no list: 2 (down.0.block).",
    )


def test_what_is_left_over_is_named(content: SiteContent) -> None:
    whole = ledger(example())
    left = replace(whole, entries=(replace(whole.entries[0], popped=None), *whole.entries[1:]))
    assert "Left over: 1 (conv_in)." in view(content, left).summary[0]
    assert table(content, left).column("popped at").cells[0] == ""
    assert "left over" in view(content, left).table


def test_numbers_are_the_same_in_korean(content: SiteContent) -> None:
    to = Addresses(content, "stack")
    korean = stack_view(findings(), ("toy", "장난감"), to, KO)
    assert linked_stack(findings(), "toy", to, KO).rows == table(content).rows
    assert korean.summary[0].startswith("hs: 텐서를 3개 넣고 3개 꺼냈습니다.")
    assert '<th scope="col" class="ut-mono">push한 줄</th>' in korean.table


def test_each_table_has_a_name_of_its_own_for_a_screen_reader(content: SiteContent) -> None:
    to = Addresses(content, "stack")
    for title in ("The toy", "Another"):
        shown = stack_view(findings(), ("toy", title), to, EN).table
        assert f'aria-label="{title}: Observed on the list hs.' in shown
