"""What one axis of a shape is expected to be: a number, a name, or arithmetic on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import add, mul, sub
from typing import Literal

from tracer.algebra.polynomial import Formula

Operator = Literal["+", "-", "*", "/"]


def quotient(left: Formula, right: Formula) -> Formula:
    """An exact quotient. Raises ValueError where it is no formula, ZeroDivisionError for zero."""
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


APPLY: dict[Operator, Callable[[Formula, Formula], Formula]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": quotient,
}
BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
"""How closely an operator binds; an atom binds closest, as 3."""


@dataclass(frozen=True, slots=True)
class SizeNumber:
    """A size that is known."""

    value: int


@dataclass(frozen=True, slots=True)
class SizeName:
    """A size by its name. One that begins with an underscore is any size, and binds nothing."""

    name: str

    @property
    def binds(self) -> bool:
        """Whether the name means the same size wherever it occurs."""
        return not self.name.startswith("_")


@dataclass(frozen=True, slots=True)
class SizeOperation:
    """A sum, difference, product or exact quotient."""

    operator: Operator
    left: Term
    right: Term


Term = SizeNumber | SizeName | SizeOperation


def names(term: Term) -> Iterator[SizeName]:
    """The names in a term, from left to right, as often as they occur."""
    if isinstance(term, SizeName):
        yield term
    elif isinstance(term, SizeOperation):
        yield from names(term.left)
        yield from names(term.right)


def value_of(term: Term, bindings: Mapping[str, Formula]) -> Formula | None:
    """The size that a term is, or None where a name in it is not bound.

    Raises ArithmeticError or ValueError for a quotient that is no size.
    """
    if isinstance(term, SizeNumber):
        return Formula.of(term.value)
    if isinstance(term, SizeName):
        return bindings.get(term.name)
    left, right = value_of(term.left, bindings), value_of(term.right, bindings)
    if left is None or right is None:
        return None
    return APPLY[term.operator](left, right)


def summands(term: Term) -> list[Term]:
    """The parts of a sum; a term that is no sum is its only part."""
    if isinstance(term, SizeOperation) and term.operator == "+":
        return [*summands(term.left), term.right]
    return [term]


def term_text(term: Term) -> str:
    """A term as it is written; brackets only where they are needed."""
    return _text(term, 0)


def _text(term: Term, around: int) -> str:
    if isinstance(term, SizeNumber):
        return str(term.value)
    if isinstance(term, SizeName):
        return term.name
    binds = BINDS[term.operator]
    text = f"{_text(term.left, binds)}{term.operator}{_text(term.right, binds + 1)}"
    return f"({text})" if binds < around else text
