"""The expected size of one axis: a number, a name, or arithmetic on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import add, mul, sub
from typing import Literal

from tracer.algebra.polynomial import Formula

Operator = Literal["+", "-", "*", "/"]


def exact_quotient(left: Formula, right: Formula) -> Formula:
    """Divide two formulas; the divisor is a number or a single product of sizes.

    Raises:
        ValueError: The quotient is not a polynomial.
        ZeroDivisionError: The divisor is zero.
    """
    if right.is_number or len(right.terms) > 1:
        return left / right
    (divisor, coefficient), total = right.terms[0], Formula.of(0)
    for monomial, factor in left.terms:
        powers = dict(monomial)
        for name, power in divisor:
            powers[name] = powers.get(name, 0) - power
        if min(powers.values(), default=0) < 0:
            raise ValueError(f"{left} cannot be divided by {right}.")
        total = total + Formula.monomial(factor / coefficient, powers)
    return total


ARITHMETIC: dict[Operator, Callable[[Formula, Formula], Formula]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": exact_quotient,
}
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
"""Of each operator; higher is evaluated first."""


@dataclass(frozen=True, slots=True)
class SizeNumber:
    """A number."""

    value: int


@dataclass(frozen=True, slots=True)
class SizeName:
    """A size by its name. A name that begins with an underscore is a wildcard: any size."""

    name: str

    @property
    def binds(self) -> bool:
        """Whether the name has the same value everywhere, so it is not a wildcard."""
        return not self.name.startswith("_")


@dataclass(frozen=True, slots=True)
class SizeOperation:
    """A sum, difference, product or exact quotient."""

    operator: Operator
    left: Term
    right: Term


Term = SizeNumber | SizeName | SizeOperation


def names_in(term: Term) -> Iterator[SizeName]:
    """Yield the names in a term, from left to right, each as often as it occurs."""
    if isinstance(term, SizeName):
        yield term
    elif isinstance(term, SizeOperation):
        yield from names_in(term.left)
        yield from names_in(term.right)


def value_of(term: Term, sizes: Mapping[str, Formula]) -> Formula | None:
    """Evaluate a term.

    Args:
        term: The term.
        sizes: The values of names.

    Returns:
        The size, or None if a name in the term has no value.

    Raises:
        ArithmeticError, ValueError: A quotient in the term is not a size.

    >>> term = SizeOperation("/", SizeName("h"), SizeNumber(2))
    >>> str(value_of(term, {"h": Formula.symbol("H")}))
    'H/2'
    """
    if isinstance(term, SizeNumber):
        return Formula.of(term.value)
    if isinstance(term, SizeName):
        return sizes.get(term.name)
    left, right = value_of(term.left, sizes), value_of(term.right, sizes)
    if left is None or right is None:
        return None
    return ARITHMETIC[term.operator](left, right)


def summands(term: Term) -> list[Term]:
    """Return the parts of a sum; a term that is not a sum is its only part."""
    if isinstance(term, SizeOperation) and term.operator == "+":
        return [*summands(term.left), term.right]
    return [term]


def term_text(term: Term) -> str:
    """Return a term in the notation, with parentheses only where they are needed.

    >>> from tracer.notation import parse_shape
    >>> term_text(parse_shape("((4*c)+(1))*2").axes[0])
    '(4*c+1)*2'
    """
    return _text(term, 0)


def _text(term: Term, outer_precedence: int) -> str:
    if isinstance(term, SizeNumber):
        return str(term.value)
    if isinstance(term, SizeName):
        return term.name
    precedence = PRECEDENCE[term.operator]
    text = f"{_text(term.left, precedence)}{term.operator}{_text(term.right, precedence + 1)}"
    return f"({text})" if precedence < outer_precedence else text
