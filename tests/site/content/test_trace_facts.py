"""tracer/site/content/trace_facts.py: facts of a trace in a text."""

from __future__ import annotations

import pytest

from tests.site.toy_site import toy_results
from tracer.errors import SiteError
from tracer.site.content.trace_facts import FACTS, with_facts

TOY = toy_results()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{output conv_in}", "1×8×16×16"),
        ("{input conv_in} and {channels conv_in}", "1×3×16×16 and 3"),
        ("{pushes} pushes", f"{len(TOY.ledger.entries)} pushes"),
        ("{parameters conv_in}", f"{TOY.trace.blocks['conv_in'].parameters:,}"),
        ("no fact: {}", "no fact: {}"),
    ],
)
def test_a_fact_is_filled_in(text: str, expected: str) -> None:
    assert with_facts(text, TOY) == expected


def test_the_facts_of_the_stack_are_those_of_the_ledger() -> None:
    for number, entry in enumerate(TOY.ledger.entries, 1):
        assert entry.popped is not None
        call = entry.popped.block
        told = with_facts(f"{{push {call}}} {{pushed_by {call}}}", TOY)
        assert told == f"{number} {entry.pushed.block}"
        assert with_facts(f"{{depth {entry.pushed.block}}}", TOY) == str(entry.depth)
        assert with_facts(f"{{join {call}}}", TOY).count(" = ") == 1


def test_a_size_is_checked_by_the_rules() -> None:
    rule = TOY.size_rules.rule("H")
    works, fails = ([n for n in range(8, 40) if rule.allows(n) is said] for said in (True, False))
    assert with_facts(f"{{works H {works[0]}}}", TOY) == str(works[0])
    assert with_facts(f"{{fails H {fails[0]}}}", TOY) == str(fails[0])
    for text in (f"{{works H {fails[0]}}}", f"{{fails H {works[0]}}}"):
        with pytest.raises(SiteError, match=rf"does not know \{text[:-1]}"):
            with_facts(text, TOY)


@pytest.mark.parametrize(
    "text",
    ["{output nowhere}", "{calls Nothing}", "{step nothing conv_in}", "{output}", "{works H x}"],
)
def test_what_the_trace_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(SiteError, match="The trace does not know"):
        with_facts(text, TOY)


def test_an_unknown_fact_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SiteError, match=f"no fact 'size'.*{', '.join(FACTS)}"):
        with_facts("{size conv_in}", TOY)
