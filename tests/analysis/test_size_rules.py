"""tracer/analysis/size_rules.py: what a rule allows, and which sizes are nearest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.analysis.size_rules import Rule, SizeRules

RULE = Rule("H", given=64, multiple=32, minimum=32)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Rules that allow the size given."""
    multiple, given_size = draw(st.integers(1, 40)), draw(st.integers(1, 300))
    steps = draw(st.integers(0, (given_size - 1) // multiple))
    maximum = draw(st.none() | st.integers(0, 5).map(lambda n: given_size + n * multiple))
    also = draw(st.sets(st.integers(0, multiple - 1), max_size=2))
    exceptions = draw(st.sets(st.integers(1, 700), max_size=2))
    return Rule(
        "H",
        given_size,
        multiple,
        given_size - steps * multiple,
        maximum,
        also=tuple(sorted(also - {given_size % multiple})),
        exceptions=tuple(sorted(exceptions)),
    )


def test_multiples_are_allowed_from_the_least_on() -> None:
    assert [size for size in range(130) if RULE.allows(size)] == [32, 64, 96, 128]


def test_sizes_may_exceed_a_multiple_by_a_remainder() -> None:
    rule = Rule("H", given=140, multiple=16, minimum=76)
    assert rule.remainder == 12
    assert [size for size in range(160) if rule.allows(size)] == [76, 92, 108, 124, 140, 156]


def test_other_remainders_may_work_as_well() -> None:
    rule = Rule("H", given=16, multiple=4, minimum=3, also=(3,))
    assert [size for size in range(13) if rule.allows(size)] == [3, 4, 7, 8, 11, 12]


def test_a_size_may_work_against_the_rule() -> None:
    rule = replace(RULE, exceptions=(1,))
    assert [size for size in range(65) if rule.allows(size)] == [1, 32, 64]
    assert rule.nearest(20) == (1, 32)


def test_there_may_be_a_largest_size() -> None:
    assert [s for s in range(99) if replace(RULE, maximum=64).allows(s)] == [32, 64]


def test_a_size_that_cannot_vary_is_the_only_one() -> None:
    rule = Rule("H", given=64, multiple=0, minimum=64, maximum=64)
    assert [size for size in (32, 64, 128) if rule.allows(size)] == [64]
    assert rule.remainder == 0
    assert rule.nearest(60) == (None, 64)
    assert rule.nearest(70) == (64, None)


@pytest.mark.parametrize(
    ("size", "nearest"),
    [(250, (224, 256)), (256, (224, 288)), (33, (32, 64)), (32, (None, 64)), (5, (None, 32))],
)
def test_the_nearest_sizes_are_below_and_above(
    size: int, nearest: tuple[int | None, int | None]
) -> None:
    assert RULE.nearest(size) == nearest


@given(rules(), st.integers(1, 700))
def test_the_nearest_sizes_are_those_that_a_search_finds(rule: Rule, size: int) -> None:
    allowed = [one for one in range(1, 1500) if rule.allows(one)]
    below = [one for one in allowed if one < size]
    above = [one for one in allowed if one > size]
    assert rule.nearest(size) == (max(below, default=None), min(above, default=None))


def test_a_law_is_about_all_its_sizes() -> None:
    law = SizeRules("UNet", {"x": ("B", "3", "H", "W")}, (Rule("B", 1, 1, 1), RULE))
    assert law.rule("H") is RULE
    assert law.allows({"B": 5, "H": 96})
    assert not law.allows({"B": 5, "H": 97})
    with pytest.raises(KeyError, match="W"):
        law.rule("W")
