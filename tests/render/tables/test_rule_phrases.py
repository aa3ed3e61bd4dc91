"""What a size has to be is told in each language."""

from __future__ import annotations

import pytest

from tracer.analysis.size_rules import Rule
from tracer.render.tables.rule_phrases import RULE_PHRASES, rule_in_words


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
        (Rule("N", 8, 1, 1, tied_to="M"), "equal to M: any size", "M과 같은 값: 제한 없음"),
    ],
)
def test_a_rule_is_told_in_each_language(rule: Rule, english: str, korean: str) -> None:
    assert [rule_in_words(rule, RULE_PHRASES[lang]) for lang in ("en", "ko")] == [english, korean]
