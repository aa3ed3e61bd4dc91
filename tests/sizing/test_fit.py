"""tracer/sizing/fit.py: the formula of a number that was seen at several sizes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.algebra.polynomial import Formula, parse
from tracer.sizing.fit import Fit, products_by_ratios, solution

BASE = {"B": 2, "H": 32, "W": 48}
OTHERS = [
    {"B": 4, "H": 96, "W": 240},
    {"B": 3, "H": 40, "W": 72},
    {"B": 1, "H": 24, "W": 32},
    {"B": 5, "H": 64, "W": 16},
    {"B": 7, "H": 8, "W": 56},
    {"B": 6, "H": 48, "W": 8},
]
SAMPLES = [BASE, *OTHERS]
FIT = Fit(SAMPLES, BASE)


def numbers(formula: Formula | str) -> tuple[int, ...]:
    found = parse(formula) if isinstance(formula, str) else formula
    return tuple(int(found.evaluate(sizes)) for sizes in SAMPLES)


@given(
    coefficient=st.integers(1, 100_000),
    powers=st.fixed_dictionaries({name: st.integers(0, 2) for name in BASE}),
)
def test_a_product_of_powers_is_read_off(coefficient: int, powers: dict[str, int]) -> None:
    formula = Formula.monomial(coefficient, powers)
    assert FIT.formula(numbers(formula)) == formula


@pytest.mark.parametrize(
    "text",
    ["7", "H/8", "B*H*W/64", "H*W + 77", "H - 4", "2*B*H + 6*B", "H*W - 4*H - 4*W + 16", "3*H + 1"],
)
def test_sums_are_solved_for(text: str) -> None:
    assert FIT.formula(numbers(text)) == parse(text)


@given(
    weights=st.tuples(st.integers(1, 99), st.integers(-99, 99)),
    powers=st.fixed_dictionaries({name: st.integers(0, 2) for name in BASE}),
    less=st.fixed_dictionaries({name: st.integers(0, 2) for name in BASE}),
)
def test_sums_of_two_products_are_solved_for(
    weights: tuple[int, int], powers: dict[str, int], less: dict[str, int]
) -> None:
    """Where one of the products is a part of the other."""
    fewer = {name: max(power - less[name], 0) for name, power in powers.items()}
    formula = Formula.monomial(weights[0], powers) + Formula.monomial(weights[1], fewer)
    assert FIT.formula(numbers(formula)) == formula


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("B*(H - 4)*(W - 4)", ("B", "H - 4", "W - 4")),
        ("(H*W/64 + 77)*H*W", ("H*W", "H*W/64 + 77")),
        ("H + W - 5", ("H - 2", "W - 3")),
        ("9*(H + 1)*(W + 1)", ("H + 1", "W + 1", "B")),
        ("6*B*(H + 1)**2*W", ("B", "H + 1", "W")),
    ],
)
def test_what_is_made_of_known_sizes_is_found_with_them(text: str, among: tuple[str, ...]) -> None:
    assert FIT.formula(numbers(text), map(parse, among)) == parse(text)


def test_two_samples_tell_by_how_much_a_size_was_padded() -> None:
    few = Fit(SAMPLES[:2], BASE)
    assert few.formula(numbers("H/4 + 3")[:2], [parse("H/4")]) == parse("H/4 + 3")
    assert few.formula((9, 28), [parse("H/4")]) is None


def test_a_number_that_follows_no_formula_has_none() -> None:
    assert FIT.formula((1, 2, 4, 8, 16, 32, 65)) is None
    assert FIT.formula(tuple(min(sizes["H"], 40) for sizes in SAMPLES)) is None


def test_a_formula_that_fails_in_one_sample_is_none() -> None:
    *good, last = numbers("B*H")
    assert FIT.formula((*good, last + 1)) is None


def test_a_sum_needs_samples_to_spare() -> None:
    few = Fit(SAMPLES[:3], BASE)
    assert few.formula(numbers("H + 1")[:3]) is None


def test_products_are_read_off_samples_that_vary_one_size_each() -> None:
    singles = [{**BASE, name: 2 * size} for name, size in BASE.items()]
    fit = Fit([BASE, *singles, *OTHERS], BASE, first=3)
    formula = parse("5*B*H**2")
    seen = tuple(int(formula.evaluate(sizes)) for sizes in [BASE, *singles, *OTHERS])
    assert fit.formula(seen) == formula


def test_samples_that_do_not_tell_products_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="grow alike"):
        products_by_ratios({"H": 2, "W": 2}, [{"H": 4, "W": 4}], ("H", "W"))


def test_sums_are_solved_for_from_samples_that_vary_one_size_each() -> None:
    singles = [{**BASE, name: times * size} for times in (2, 3, 4) for name, size in BASE.items()]
    samples = [BASE, *singles]
    fit = Fit(samples, BASE, first=3)
    for text in ("W + 768", "B*W + 2*B"):
        seen = tuple(int(parse(text).evaluate(sizes)) for sizes in samples)
        assert fit.formula(seen) == parse(text)


def test_samples_at_which_a_sum_has_the_same_terms_do_not_prove_it() -> None:
    singles = [{**BASE, name: 2 * size} for name, size in BASE.items()]
    batches = [{**BASE, "B": batch} for batch in (5, 6, 7)]
    samples = [BASE, *singles, *batches]
    fit = Fit(samples, BASE, first=3)
    assert fit.formula(tuple(sizes["H"] + 1 for sizes in samples)) is None


def test_equations_are_solved_exactly_or_not_at_all() -> None:
    def rows(*lines: tuple[int, ...]) -> list[list[Fraction]]:
        return [list(map(Fraction, line)) for line in lines]

    assert solution(rows((2, 1, 5), (1, -1, 1)), 2) == [2, 1]
    assert solution(rows((0, 2, 1), (3, 0, 1)), 2) == [Fraction(1, 3), Fraction(1, 2)]
    assert solution(rows((1, 1, 1), (2, 2, 2)), 2) is None


def test_equations_that_follow_from_others_are_passed_over() -> None:
    rows = [list(map(Fraction, line)) for line in ((1, 2, 5), (2, 4, 10), (1, 1, 3), (0, 1, 9))]
    assert solution(rows, 2) == [1, 2]
