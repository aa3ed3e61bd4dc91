"""tracer/site/pages/views/skip_stack.py: the ledger as a page shows it."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example
from tests.site.toy_site import toy_results
from tracer.analysis.stack import Ledger, ledger
from tracer.site.content.dual_text import DualText
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.skip_stack import StackView, stack_view
from tracer.site.pages.words import EN, KO


def view(content: SiteContent, found: Ledger | None = None) -> StackView:
    to = Addresses(content, "stack")
    return stack_view(findings(found), ("toy", "The toy"), to, EN)


def findings(found: Ledger | None = None) -> ModelResults:
    """What was found of the toy, or that with another ledger."""
    toy = toy_results()
    if found is not None:
        vars(toy)["ledger"] = found
    return toy


def test_a_row_has_both_lines_and_both_blocks(content: SiteContent) -> None:
    row = view(content).rows[0]
    assert row.shape == DualText("1×8×16×16", "B × 8 × H × W")
    assert row.held == DualText("8.0 KiB", "32·B·H·W")
    assert (row.depth, row.sum) == (1, DualText("8 + 8 = 16", "8 + 8 = 16"))
    assert row.pushed_at.text == "toy_unet.py:72"
    assert row.pushed_at.address == "walk/forward.html#L72"
    assert row.source.address == "shapes/toy.html#conv_in"
    assert row.target.text == "up.0.block.1"


def test_bars_are_parts_of_the_peak(content: SiteContent) -> None:
    shares = [row.share for row in view(content).rows]
    assert shares[-1] == 100
    assert shares == sorted(shares)


def test_the_summary_when_all_is_well(content: SiteContent) -> None:
    said = view(content).summary
    assert said[:3] == (
        "Pushes: 3. Pops: 3.",
        "Last in, first out.",
        "No tensor is left on the list.",
    )
    assert said[3] == "The stack holds at most 20.0 KiB, after push 3."
    assert said[4].startswith("Both results agree: the 3 skips")


def test_the_summary_when_the_results_disagree(content: SiteContent) -> None:
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
    assert "Not last in, first out." in said
    assert said[-1] == (
        "The two results disagree. Popped, but not joined in the data flow: "
        "1 (conv_in). In the data flow, but on no list: 2 (down.0.block)."
    )


def test_tensors_left_on_the_list_are_named(content: SiteContent) -> None:
    whole = ledger(example())
    left = replace(whole, entries=(replace(whole.entries[0], popped=None), *whole.entries[1:]))
    assert "Left on the list: 1 (conv_in)." in view(content, left).summary
    assert view(content, left).rows[0].popped_at.text == ""


def test_numbers_are_the_same_in_korean(content: SiteContent) -> None:
    to = Addresses(content, "stack")
    korean = stack_view(findings(), ("toy", "장난감"), to, KO)
    assert korean.rows == view(content).rows
    assert korean.summary[0] == "push 3회, pop 3회입니다."
