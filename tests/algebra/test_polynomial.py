"""tracer/algebra/polynomial.py: exact polynomials in sizes, and their texts in a record."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.algebra.polynomial import Formula, FormulaError, as_dim, from_dim, parse

NAMES = ("B", "H", "W", "ch")
H, W = Formula.symbol("H"), Formula.symbol("W")

fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=64)
monomials = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), max_size=3)
formulas = st.lists(st.tuples(fractions, monomials), max_size=4).map(
    lambda terms: sum((Formula.monomial(*term) for term in terms), start=Formula.of(0))
)
sizes = st.fixed_dictionaries({name: st.integers(0, 50) for name in NAMES})


@given(formulas, formulas, sizes)
def test_sums_differences_and_products_have_the_values_that_numbers_have(
    one: Formula, two: Formula, at: dict[str, int]
) -> None:
    a, b = one.evaluate(at), two.evaluate(at)
    assert (one + two).evaluate(at) == a + b
    assert (one - two).evaluate(at) == a - b
    assert (one * two).evaluate(at) == a * b


@given(formulas, formulas, formulas)
def test_what_is_equal_by_the_laws_of_arithmetic_is_the_same_formula(
    one: Formula, two: Formula, three: Formula
) -> None:
    assert one + two == two + one
    assert (one + two) * three == one * three + two * three
    assert one - one == Formula.of(0)


@given(formulas)
def test_a_formula_is_read_from_its_own_text(formula: Formula) -> None:
    assert parse(str(formula)) == formula


@given(formulas, st.integers(1, 64))
def test_what_is_divided_and_multiplied_again_is_the_same(formula: Formula, by: int) -> None:
    assert formula / by * by == formula


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (H / 4, "H/4"),
        (H * W / 64 + 77, "H*W/64 + 77"),
        (3 * H * H, "3*H**2"),
        (1 - H, "-H + 1"),
        (H * Fraction(3, 2) - Fraction(1, 2), "3*H/2 - 1/2"),
        (Formula.of(0), "0"),
        (Formula.of(-5), "-5"),
    ],
)
def test_the_text_has_the_highest_powers_first(formula: Formula, text: str) -> None:
    assert str(formula) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [("W*H", "H*W"), ("(H + 1)*2", "2*H+2"), (" H /2", "H/2"), ("-(H-1)", "1-H"), ("H*H", "H**2")],
)
def test_a_text_may_be_written_in_other_ways(text: str, same: str) -> None:
    assert parse(text) == parse(same)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("H%2", "'%2' is not understood"),
        ("H +", "a name or number is missing at the end"),
        ("(H", "a ')' is missing"),
        ("H W", "'W' is unexpected"),
        ("2/H", "only by a number"),
        ("", "a name or number is missing at the end"),
    ],
)
def test_what_is_no_formula_is_said_to_be_none(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse(text)
    assert says in str(caught.value)


def test_a_size_that_is_not_given_is_missed_by_its_name() -> None:
    with pytest.raises(KeyError, match="W"):
        (H * W).evaluate({"H": 1})


def test_a_number_is_one_and_anything_else_is_none() -> None:
    assert Formula.of(7).is_number
    assert (H - H).number == 0
    with pytest.raises(ValueError, match="H is not a number"):
        _ = H.number


@given(formulas)
def test_a_record_holds_whole_numbers_as_such_and_the_rest_as_texts(formula: Formula) -> None:
    dim = as_dim(formula)
    assert from_dim(dim) == formula
    assert isinstance(dim, int) == (formula.is_number and formula.number.denominator == 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("H**99999999", "an exponent is at most 64"),
        ("(B+H+W)**40", "it has too many terms"),
        ("H**(1/2)", "an exponent is a whole number"),
        ("H**40*H**40", "its degree is more than 64"),
        ("9" * 51, "more than 50 digits"),
        (f"{'9' * 50}**64", "a number that is too large"),
        ("H/0", "it divides by zero"),
        ("(" * 33 + "H" + ")" * 33, "nested more than 32 deep"),
        ("H+" * 10_000 + "H", "longer than 20,000 characters"),
        ("+".join(f"a{number}" for number in range(2_001)), "more than 2,000 terms"),
    ],
)
def test_a_formula_that_no_size_of_a_model_has_is_refused_before_it_is_computed(
    text: str, says: str
) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 200


def test_products_of_many_terms_are_refused() -> None:
    many = parse("+".join(f"a{number}" for number in range(50)))
    with pytest.raises(FormulaError, match="at most 2,000 terms"):
        _ = many * many
