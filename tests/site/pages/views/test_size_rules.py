"""tracer/site/pages/views/size_rules.py: the size rules as a page shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.render.laws import CAUSE, HEIGHT, LAW, WIDTH
from tests.site.toy_site import toy_results
from tracer.analysis.shape_mismatch import StepLocation as At
from tracer.analysis.size_rules import Cause, Rule, SizeRules
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.size_rules import LawView, law_view, rule_rows, rule_text
from tracer.site.pages.words import EN, KO


def view(content: SiteContent, law: SizeRules = LAW) -> LawView:
    found = replace(toy_results(), size_rules=law)
    return law_view(found, "toy", Addresses(content, "shapes/toy"), EN)


@pytest.mark.parametrize(
    ("rule", "english", "korean"),
    [
        (Rule("B", 1, 1, 1), "any size", "제한 없음"),
        (Rule("H", 64, 32, 32), "multiples of 32, at least 32", "32의 배수, 32 이상"),
        (Rule("H", 64, 32, 32, 96), "multiples of 32, 32 to 96", "32의 배수, 32 이상 96 이하"),
        (Rule("H", 9, 8, 9), "multiples of 8 plus 1, at least 9", "8의 배수 + 1, 9 이상"),
        (Rule("H", 16, 1, 6), "at least 6", "6 이상"),
        (Rule("H", 8, 0, 8, 8), "only 8", "8만 가능"),
        (Rule("H", 8, 0, 8, 8, exceptions=(1,)), "only 1, 8", "1, 8만 가능"),
        (Rule("W", 8, 1, 1, tied_to="H"), "equal to H: any size", "H와 같은 값: 제한 없음"),
    ],
)
def test_a_rule_is_told_in_each_language(rule: Rule, english: str, korean: str) -> None:
    assert (rule_text(rule, EN), rule_text(rule, KO)) == (english, korean)


def test_sizes_with_the_same_rule_and_trials_share_a_row() -> None:
    batch, image = rule_rows(LAW, EN)
    assert (batch.names, batch.text, batch.failed) == ("B", "any size", "")
    assert (image.names, image.text) == ("H, W", "multiples of 2, at least 2")
    assert (image.worked, image.failed) == ("2, 16", "15")
    other = replace(LAW, rules=(HEIGHT, replace(WIDTH, trials=())))
    assert [row.names for row in rule_rows(other, EN)] == ["H", "W"]


def test_an_obstacle_names_the_skip_the_join_and_where_the_sizes_part(content: SiteContent) -> None:
    (row,) = view(content).reasons
    assert (row.at, row.shape, row.meet, row.made) == (
        "H, W = 15",
        "1×8×15×16",
        "15 ≠ 14",
        "15 → 7",
    )
    assert (row.skip.text, row.skip.address) == ("down.0.block", "#down.0.block")
    assert (row.target.text, row.target.address) == ("up.0.block.0", "#up.0.block.0")
    assert (row.parted.text, row.parted_at.text) == ("down.0.downsample", "blocks.py:75")
    assert (row.pushed_at.text, row.popped_at.text) == ("unet.py:74", "unet.py:83")


def test_a_block_that_the_table_does_not_have_is_no_link(content: SiteContent) -> None:
    clash = CAUSE.clash
    assert clash
    elsewhere = replace(clash, pushed=At("gone", None, None), rounding=None)
    law = replace(LAW, rules=(replace(HEIGHT, causes=(replace(CAUSE, clash=elsewhere),)),))
    (row,) = view(content, law).reasons
    assert (row.skip.text, row.skip.address) == ("gone", None)
    assert (row.pushed_at.text, row.made) == ("", "")


def test_an_obstacle_that_is_no_skip_is_told_by_itself(content: SiteContent) -> None:
    cause = Cause(4, "ValueError: too small", None, At("", "models/unet.py", 9))
    law = SizeRules("M", {}, (Rule("H", 16, 1, 6, causes=(cause,)),), notes=("a note",))
    found = view(content, law)
    (other,) = found.others
    assert (other.at, other.op, other.error) == (
        "H = 4",
        "the model's own code",
        "ValueError: too small",
    )
    assert (other.block.text, other.line.text) == ("the model itself", "unet.py:9")
    assert (found.reasons, found.notes) == ((), ("a note",))
