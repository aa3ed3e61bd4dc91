"""Sizes as formulas: polynomials in the sizes of the inputs, such as ``H/4`` or ``H*W/64 + 77``.

A formula is exact: its coefficients are fractions, so ``H/4`` of a legal H is a whole number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from tracer.record import Dim

Monomial = tuple[tuple[str, int], ...]
"""A product of powers, sorted by name: H²·W is ``(("H", 2), ("W", 1))``; 1 is ``()``."""

TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|\*\*|[-+*/()])")


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of monomials with coefficients. Zero has no terms.

    >>> height, width = Formula.symbol("H"), Formula.symbol("W")
    >>> tokens = height * width / 64 + 77
    >>> str(tokens), int(tokens.evaluate({"H": 32, "W": 32}))
    ('H*W/64 + 77', 93)
    """

    terms: tuple[tuple[Monomial, Fraction], ...]

    @staticmethod
    def of(item: Formula | Fraction | int) -> Formula:
        """A number as a formula; a formula is returned as it is."""
        return item if isinstance(item, Formula) else _formula({(): Fraction(item)})

    @staticmethod
    def symbol(name: str) -> Formula:
        """The formula that consists of one size, by its name."""
        return _formula({((name, 1),): Fraction(1)})

    @staticmethod
    def monomial(coefficient: Fraction | int, powers: Mapping[str, int]) -> Formula:
        """A coefficient times a product of powers."""
        names = tuple(sorted((name, power) for name, power in powers.items() if power))
        return _formula({names: Fraction(coefficient)})

    def __add__(self, other: Formula | Fraction | int) -> Formula:
        terms = dict(self.terms)
        for monomial, coefficient in Formula.of(other).terms:
            terms[monomial] = terms.get(monomial, Fraction(0)) + coefficient
        return _formula(terms)

    __radd__ = __add__

    def __neg__(self) -> Formula:
        return self * -1

    def __sub__(self, other: Formula | Fraction | int) -> Formula:
        return self + -Formula.of(other)

    def __rsub__(self, other: Formula | Fraction | int) -> Formula:
        return Formula.of(other) - self

    def __mul__(self, other: Formula | Fraction | int) -> Formula:
        terms: dict[Monomial, Fraction] = {}
        for one, a in self.terms:
            for two, b in Formula.of(other).terms:
                product = _times(one, two)
                terms[product] = terms.get(product, Fraction(0)) + a * b
        return _formula(terms)

    __rmul__ = __mul__

    def __truediv__(self, other: Formula | Fraction | int) -> Formula:
        """Raise ValueError for a divisor that is not a number."""
        divisor = Formula.of(other)
        if not divisor.is_number:
            raise ValueError(f"{self} cannot be divided by {divisor}: only by a number.")
        return self * (1 / divisor.number)

    @property
    def is_number(self) -> bool:
        """Whether the formula contains no size."""
        return all(not monomial for monomial, _ in self.terms)

    @property
    def number(self) -> Fraction:
        """The value of a formula without sizes. Raises ValueError if it contains one."""
        if not self.is_number:
            raise ValueError(f"{self} is not a number.")
        return self.terms[0][1] if self.terms else Fraction(0)

    @property
    def names(self) -> frozenset[str]:
        """The names of the sizes in the formula."""
        return frozenset(name for monomial, _ in self.terms for name, _ in monomial)

    def evaluate(self, sizes: Mapping[str, int]) -> Fraction:
        """The value of the formula at these sizes. Raises KeyError if a size is missing."""
        total = Fraction(0)
        for monomial, coefficient in self.terms:
            for name, power in monomial:
                coefficient = coefficient * sizes[name] ** power
            total += coefficient
        return total

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        text = "".join(_signed(monomial, coefficient) for monomial, coefficient in self.terms)
        return text.removeprefix(" + ").replace(" - ", "-", 1) if text[1] == "-" else text[3:]


def _formula(terms: dict[Monomial, Fraction]) -> Formula:
    kept = [(monomial, coefficient) for monomial, coefficient in terms.items() if coefficient]
    return Formula(tuple(sorted(kept, key=lambda term: (-_degree(term[0]), term[0]))))


def _degree(monomial: Monomial) -> int:
    return sum(power for _, power in monomial)


def _times(one: Monomial, two: Monomial) -> Monomial:
    powers = dict(one)
    for name, power in two:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted(powers.items()))


def _signed(monomial: Monomial, coefficient: Fraction) -> str:
    """One term with its sign in front: ``" + H*W/64"``, ``" - 3"``."""
    sign = "-" if coefficient < 0 else "+"
    top, bottom = abs(coefficient.numerator), coefficient.denominator
    factors = [f"{name}**{power}" if power > 1 else name for name, power in monomial]
    if top != 1 or not factors:
        factors.insert(0, str(top))
    return f" {sign} {'*'.join(factors)}" + (f"/{bottom}" if bottom != 1 else "")


def from_dim(dim: Dim) -> Formula:
    """A dimension as a formula. Raises ValueError if it is a text, but no formula."""
    return Formula.of(dim) if isinstance(dim, int) else parse(dim)


def as_dim(formula: Formula) -> Dim:
    """A formula as a dimension of a shape: an int if it is a whole number, else its text."""
    whole = formula.is_number and formula.number.denominator == 1
    return int(formula.number) if whole else str(formula)


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """Parse a formula of names, whole numbers, ``+ - * / **`` and parentheses.

    Raises ValueError for any other text.

    >>> str(parse("2*(H + 1) - H"))
    'H + 2'
    """
    reader = _Reader(text)
    result = reader.sum()
    reader.end()
    return result


class _Reader:
    """A recursive descent parser: sums of products of powers of atoms."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._at = 0

    def _split(self, text: str) -> Iterator[str]:
        at = 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            if found is None:
                raise ValueError(
                    f"{text!r} is not a formula: {text[at:].strip()!r} is not understood."
                )
            at = found.end()
            yield found[1]

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._next()
        if token not in wanted:
            return ""
        self._at += 1
        return token

    def end(self) -> None:
        """Raise ValueError if text is left."""
        if self._next():
            raise ValueError(f"{self._text!r} is not a formula: {self._next()!r} is unexpected.")

    def sum(self) -> Formula:
        """A sum of products."""
        total = -self.product() if self._take("-") else self.product()
        while sign := self._take("+", "-"):
            total = total + self.product() if sign == "+" else total - self.product()
        return total

    def product(self) -> Formula:
        """A product or quotient of powers."""
        total = self.power()
        while sign := self._take("*", "/"):
            total = total * self.power() if sign == "*" else total / self.power()
        return total

    def power(self) -> Formula:
        """An atom, or a whole power of one."""
        base = self.atom()
        if not self._take("**"):
            return base
        exponent = self.atom()
        result = Formula.of(1)
        for _ in range(int(exponent.number)):
            result = result * base
        return result

    def atom(self) -> Formula:
        """A name, a number, or a sum in parentheses."""
        token = self._next()
        self._at += 1
        if token == "(":
            inner = self.sum()
            if not self._take(")"):
                raise ValueError(f"{self._text!r} is not a formula: a ')' is missing.")
            return inner
        if token.isdigit():
            return Formula.of(int(token))
        if token.isidentifier():
            return Formula.symbol(token)
        where = f"before {token!r}" if token else "at the end"
        raise ValueError(f"{self._text!r} is not a formula: a name or number is missing {where}.")
