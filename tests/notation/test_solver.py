"""Names are bound once, and everything else has to agree with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.notation import Equation, Origin, Solution, parse_shape, solve
from tracer.record import Dim


def solved(*seen: tuple[str, Dim]) -> Solution:
    """The solution of terms that were seen to be sizes, each on an axis of its own."""
    return solve(
        Equation(parse_shape(term).axes[0], size, Origin("x", axis))  # type: ignore[arg-type]
        for axis, (term, size) in enumerate(seen)
    )


def bound(solution: Solution) -> dict[str, str]:
    assert solution.contradictions == ()
    return {one.name: one.size for one in solution.bindings}


def reasons(solution: Solution) -> list[str]:
    return [one.reason for one in solution.contradictions]


def test_a_name_is_bound_where_it_is_seen_and_agrees_elsewhere() -> None:
    assert bound(solved(("h", 32), ("h", 32), ("w", 16))) == {"h": "32", "w": "16"}


def test_a_name_that_is_another_size_elsewhere_is_a_contradiction() -> None:
    found = solved(("h", 32), ("h", 16))
    assert reasons(found) == ["h = 32 expected, 16 found"]
    assert str(found.contradictions[0].bindings[0].origin) == "x, axis 0"


@pytest.mark.parametrize(
    ("term", "size", "value"),
    [
        ("h/2", 16, 32),
        ("2*h", 16, 8),
        ("h*2", 16, 8),
        ("64/h", 16, 4),
        ("h+1", 16, 15),
        ("1+h", 16, 15),
        ("h-1", 16, 17),
        ("20-h", 16, 4),
        ("(h+2)*4/2", 16, 6),
    ],
)
def test_arithmetic_is_solved_for_the_name_in_it(term: str, size: int, value: int) -> None:
    assert bound(solved((term, size))) == {"h": str(value)}


@pytest.mark.parametrize("term", ["h/0", "0*h", "h/(2-2)"])
def test_nothing_is_made_of_zero(term: str) -> None:
    assert reasons(solved((term, 16))) == [f"{term} is not a size"]


def test_what_is_solved_for_is_a_whole_number_at_every_size_that_is_legal() -> None:
    def seen(term: str, size: str) -> list[str]:
        equation = Equation(parse_shape(term).axes[0], size, Origin("x", 0))  # type: ignore[arg-type]
        return reasons(solve([equation], {"H": (4, 8, 12), "K": (7,)}))

    assert seen("h/2", "H/4") == seen("h", "H/4") == seen("7*h", "K") == []
    assert seen("2*h", "H/4") == ["no whole number h makes 2*h = H/4 at every size"]
    assert seen("h+2", "H/4") == ["no whole number h makes h+2 = H/4 at every size"]


def test_a_name_that_stands_alone_is_believed_before_arithmetic() -> None:
    found = solved(("h/2", 15), ("h", 32))
    assert reasons(found) == ["h/2 = 16 expected, 15 found"]


def test_what_cannot_be_told_yet_waits_for_other_names() -> None:
    assert bound(solved(("a+b", 12), ("b*c", 20), ("c/2", 2))) == {"c": "4", "b": "5", "a": "7"}


def test_division_is_exact() -> None:
    assert reasons(solved(("h", 33), ("h/2", 16))) == ["h/2 = 33/2 is not a whole number, 16 found"]
    assert reasons(solved(("3*c", 128))) == ["no whole number c makes 3*c = 128"]
    assert reasons(solved(("4*_", 6))) == ["no whole number _ makes 4*_ = 6"]


def test_names_that_nothing_tells_are_a_contradiction() -> None:
    assert reasons(solved(("c1+c2", 256))) == [
        "c1+c2 = 256 does not determine c1 and c2: give each an axis of its own"
    ]
    assert reasons(solved(("h*h", 16))) == [
        "h*h = 16 does not determine h: give it an axis of its own"
    ]


def test_names_that_bind_nothing_may_be_anything() -> None:
    assert bound(solved(("_+_", 256), ("_", 3), ("_", 4), ("4*_", 8))) == {}


def test_what_is_no_size_is_refused() -> None:
    assert reasons(solved(("h", 0), ("16/h", 4))) == ["16/h is not a size"]


def test_a_plain_number_is_compared() -> None:
    assert reasons(solved(("128", 64), ("64", 64))) == ["128 expected, 64 found"]


def test_contradictions_come_in_the_order_of_what_was_seen() -> None:
    found = solved(("h/2", 1), ("3", 4), ("h", 32))
    assert reasons(found) == ["h/2 = 16 expected, 1 found", "3 expected, 4 found"]


def test_formulas_are_compared_after_they_are_worked_out() -> None:
    found = solved(("h", "H"), ("w", "W"), ("h/4", "H/4"), ("(h w)/16", "H*W/16"))
    assert bound(found) == {"h": "H", "w": "W"}


def test_formulas_are_solved_too() -> None:
    assert bound(solved(("h/2", "H/4"), ("(h w)", "H*W"))) == {"h": "H/2", "w": "2*W"}


def test_a_formula_that_is_another_is_a_contradiction() -> None:
    found = solved(("h", "H"), ("h/4", "H/2"), ("32", "H"))
    assert reasons(found) == ["h/4 = H/4 expected, H/2 found", "32 expected, H found"]


@given(st.integers(1, 512), st.integers(1, 64), st.integers(0, 64))
def test_a_solution_makes_its_equation_hold(h: int, factor: int, more: int) -> None:
    assert bound(solved((f"{factor}*h+{more}", factor * h + more))) == {"h": str(h)}
