"""tracer/snapshot/rule_text.py: what a size has to be, in a line of words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.analysis.size_rules import Rule
from tracer.snapshot.rule_text import format_rule, parse_rule


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Rule("B", 1, 1, 1), "any"),
        (Rule("H", 64, 32, 32), "multiples of 32, at least 32"),
        (Rule("H", 64, 32, 32, 128), "multiples of 32, 32 to 128"),
        (Rule("H", 140, 16, 76), "multiples of 16, and 12 more, at least 76"),
        (Rule("H", 16, 4, 3, also=(3,)), "multiples of 4, and 0 or 3 more, at least 3"),
        (Rule("H", 16, 1, 6), "at least 6"),
        (Rule("T", 3, 1, 1, 6), "1 to 6"),
        (Rule("H", 8, 0, 8, 8), "8 only"),
        (Rule("H", 8, 0, 8, 8, exceptions=(1,)), "1 or 8 only"),
        (Rule("W", 8, 1, 1, tied_to="H"), "equal to H, any"),
        (Rule("H", 8, 2, 2, exceptions=(1,)), "multiples of 2, at least 2; also 1"),
        (Rule("B", 3, 0, 3, 3, exceptions=(1, 8), partial=True), "1, 3 or 8, and perhaps others"),
        (
            Rule("B", 8, 4, 4, exceptions=(1, 9), partial=True),
            "multiples of 4, at least 4; also 1 and 9, and perhaps others",
        ),
    ],
)
def test_a_rule_is_told_in_words(rule: Rule, text: str) -> None:
    assert format_rule(rule) == text


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule as a search may find it."""
    given, multiple = draw(st.integers(1, 99)), draw(st.integers(0, 9))
    if multiple == 0:
        least = largest = given
        also = frozenset[int]()
    else:
        also = draw(st.frozensets(st.integers(0, multiple - 1))) - {given % multiple}
        fits = [n for n in range(1, given + 1) if n % multiple in {given % multiple, *also}]
        least = draw(st.sampled_from(fits))
        largest = draw(st.none() | st.integers(given, 2 * given))
    rule = Rule(
        "H", given, multiple, least, largest, also=tuple(sorted(also)),
        tied_to=draw(st.sampled_from([None, "W"])),
    )  # fmt: skip
    others = draw(st.frozensets(st.integers(1, 99), max_size=4))
    exceptions = tuple(sorted(n for n in others if not rule.allows(n)))
    return replace(rule, exceptions=exceptions, partial=bool(exceptions) and draw(st.booleans()))


@given(rules())
def test_a_rule_is_read_as_it_was_written(rule: Rule) -> None:
    read = parse_rule(rule.name, format_rule(rule))
    assert read is not None
    assert format_rule(read) == format_rule(rule)
    assert [read.allows(n) for n in range(1, 200)] == [rule.allows(n) for n in range(1, 200)]
    assert (read.tied_to, read.partial) == (rule.tied_to, rule.partial)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whatever",
        "multiples of 8",
        "multiples of 0, at least 8",
        "multiples of 8, at least 3",
        "multiples of 8, and 1 more, at least 16",
        "at least 1",
        "3 to 3",
        "multiples of 8, at least 8; also",
    ],
)
def test_any_other_text_is_no_rule(text: str) -> None:
    assert parse_rule("H", text) is None
