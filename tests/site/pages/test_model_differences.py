"""tracer/site/pages/model_differences.py: what differs, and which names are of the same blocks."""

from __future__ import annotations

from tests.example import example
from tests.render.symbolic_costs import symbolic_trace
from tracer.algebra.substitute import resize
from tracer.site.content.name_pairs import compare_traces, shared_blocks
from tracer.site.pages.model_differences import differences_part, pairs_part


def test_one_model_has_no_differences() -> None:
    assert differences_part([("Toy", symbolic_trace())], "en") == ""


def test_each_model_is_compared_with_the_first() -> None:
    trace = symbolic_trace()
    part = differences_part([("A", trace), ("B", trace), ("C", trace)], "en")
    assert [name in part for name in ("A and B", "A and C", "B and C")] == [True, True, False]


def test_names_that_are_the_same_are_not_listed() -> None:
    part = pairs_part(shared_blocks(example(), example()).names, ("A", "B"), "en")
    assert "Blocks that are the same have the same names." in part


def test_formulas_are_compared_with_numbers_as_numbers() -> None:
    assert compare_traces(symbolic_trace(), resize(symbolic_trace())).differences == ()
