"""tracer/site/pages/views/size_rules_page.py: the size rules as a page shows them."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.render.laws import CAUSE, HEIGHT, LAW, WIDTH
from tests.site.toy_site import toy_results
from tracer.analysis.size_rules import Cause, Rule, SizeAdaptation, SizeRules
from tracer.analysis.value_origin import StepLocation as At
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.size_rules_page import (
    SizeRulesView,
    rule_rows,
    size_rules_view,
)
from tracer.site.pages.words import EN


def view(content: SiteContent, law: SizeRules = LAW) -> SizeRulesView:
    found = replace(toy_results(), rules=law)
    return size_rules_view(found, "toy", Addresses(content, "shapes/toy"), EN)


def test_sizes_with_the_same_rule_and_trials_share_a_row() -> None:
    batch, image = rule_rows(LAW, EN)
    assert (batch.names, batch.text, batch.failed) == ("B", "any size", "")
    assert (image.names, image.text) == ("H, W", "multiples of 2, at least 2")
    assert (image.worked, image.failed) == ("2, 16", "15")
    other = replace(LAW, rules=(HEIGHT, replace(WIDTH, trials=())))
    assert [row.names for row in rule_rows(other, EN)] == ["H", "W"]


def column(text: str, title: str) -> list[str]:
    """What stands in the cells of a column."""
    found = re.findall(rf'<td[^>]* data-label="{title}"[^>]*>(.*?)</td>', text)
    return [re.sub("<[^>]+>", "", cell) for cell in found]


def test_an_obstacle_names_the_skip_the_join_and_where_the_sizes_part(content: SiteContent) -> None:
    text = view(content).tables[1]
    assert ">H, W = 15</th>" in text
    assert column(text, "shape") == ["1×8×15×16"]
    assert column(text, EN.meet) == ["15 ≠ 14"]
    assert column(text, EN.size_before_and_after) == ["15 → 7"]
    assert '<a href="#down.0.block">down.0.block</a>' in text
    assert '<a href="#up.0.block.0">up.0.block.0</a>' in text
    assert (column(text, EN.rounded_in), column(text, EN.rounded_at)) == (
        ["down.0.downsample"],
        ["blocks.py:75"],
    )
    assert (column(text, "pushed at"), column(text, "joined at")) == (
        ["unet.py:74"],
        ["unet.py:83"],
    )


def test_a_block_that_the_table_does_not_have_is_no_link(content: SiteContent) -> None:
    mismatch = CAUSE.mismatch
    assert mismatch
    elsewhere = replace(mismatch, pushed=At("gone", None, None), rounding=None)
    law = replace(LAW, rules=(replace(HEIGHT, causes=(replace(CAUSE, mismatch=elsewhere),)),))
    text = view(content, law).tables[1]
    assert column(text, EN.the_skip) == ["gone"]
    assert column(text, "pushed at") == [""]
    assert ">gone</a>" not in text
    assert column(text, EN.size_before_and_after) == []


def test_an_obstacle_that_is_no_skip_has_a_table_of_its_own(content: SiteContent) -> None:
    cause = Cause(4, "ValueError: too small", None, At("", "models/unet.py", 9))
    law = SizeRules("M", {}, (Rule("H", 16, 1, 6, causes=(cause,)),), notes=("a note",))
    found = view(content, law)
    (_, text) = found.tables
    assert ">H = 4</th>" in text
    assert column(text, "operation") == ["the model&#x27;s own code"]
    assert column(text, "block") == ["the model itself"]
    assert column(text, "line") == ["unet.py:9"]
    assert column(text, "error") == ["ValueError: too small"]
    assert found.notes == ("a note",)


def test_a_size_that_works_in_another_way_is_told(content: SiteContent) -> None:
    adapted = replace(HEIGHT, adaptation=SizeAdaptation("rounds", 30, "15 becomes 14"))
    said = view(content, replace(LAW, rules=(adapted,), notes=())).notes
    assert said == (EN.rounded.format(size="H = 30", told="15 becomes 14"),)
