"""Sizes as formulas: polynomials in the sizes of the inputs, such as ``H/4`` or ``H*W/64 + 77``.

A formula is exact: its coefficients are fractions, so ``H/4`` of a legal H is a whole number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from tracer.errors import shortened
from tracer.record import Dim

Monomial = tuple[tuple[str, int], ...]
"""A product of powers, sorted by name: H²·W is ``(("H", 2), ("W", 1))``; 1 is ``()``."""

TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|\*\*|[-+*/()])")
MAX_FORMULA_LENGTH: Final = 20_000
"""Characters of the longest text that is parsed."""
MAX_FORMULA_NESTING: Final = 32
"""Parentheses inside each other."""
MAX_FORMULA_DIGITS: Final = 50
MAX_DEGREE: Final = 64
MAX_FORMULA_TERMS: Final = 2_000
MAX_COEFFICIENT_BITS: Final = 2_048


class FormulaError(ValueError):
    """A text is no formula, or a formula is larger than any size of a model."""


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
        factor = Formula.of(other)
        if len(self.terms) * len(factor.terms) > MAX_FORMULA_TERMS:
            raise FormulaError(f"A formula has at most {MAX_FORMULA_TERMS:,} terms.")
        terms: dict[Monomial, Fraction] = {}
        for one, a in self.terms:
            for two, b in factor.terms:
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
            product = 1  # whole numbers are multiplied faster than fractions
            for name, power in monomial:
                product *= sizes[name] ** power
            total += coefficient * product
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
    """A dimension as a formula. Raises FormulaError if it is a text, but no formula."""
    return Formula.of(dim) if isinstance(dim, int) else parse(dim)


def as_dim(formula: Formula) -> Dim:
    """A formula as a dimension of a shape: an int if it is a whole number, else its text."""
    whole = formula.is_number and formula.number.denominator == 1
    return int(formula.number) if whole else str(formula)


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """Parse a formula of names, whole numbers, ``+ - * / **`` and parentheses.

    The time is proportional to the length of the text: what would take longer, such as
    ``(B + H)**1000``, is refused before it is computed.

    Raises:
        FormulaError: The text is no formula, or its terms, degree, digits or parentheses are more
            than any size of a model has.

    >>> str(parse("2*(H + 1) - H"))
    'H + 2'
    """
    if len(text) > MAX_FORMULA_LENGTH:
        raise _error(text, f"it is longer than {MAX_FORMULA_LENGTH:,} characters")
    reader = _Reader(text)
    result = reader.sum()
    reader.end()
    return result


def _error(text: str, reason: str) -> FormulaError:
    return FormulaError(f"{shortened(text)!r} is not a formula: {reason}.")


def _degree_of(formula: Formula) -> int:
    return max((_degree(monomial) for monomial, _ in formula.terms), default=0)


def _bits_of(formula: Formula) -> int:
    """The bits of the longest numerator or denominator."""
    numbers = (part for _, one in formula.terms for part in (one.numerator, one.denominator))
    return max((number.bit_length() for number in numbers), default=0)


class _Reader:
    """A recursive descent parser: sums of products of powers of atoms.

    What a product costs is known from its factors, so it is refused before it is computed.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text))
        self._at = 0
        self._depth = 0
        self._products_left = 32 + 4 * len(text)

    def _split(self, text: str) -> Iterator[str]:
        at, end = 0, len(text.rstrip())
        while at < end:
            found = TOKEN.match(text, at)
            if found is None:
                raise self._error(f"{shortened(text[at:].lstrip())!r} is not understood")
            at = found.end()
            yield found[1]

    def _error(self, reason: str) -> FormulaError:
        return _error(self._text, reason)

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._next()
        if token not in wanted:
            return ""
        self._at += 1
        return token

    def end(self) -> None:
        """Raise FormulaError if text is left."""
        if self._next():
            raise self._error(f"{shortened(self._next())!r} is unexpected")

    def sum(self) -> Formula:
        """A sum of products."""
        terms: dict[Monomial, Fraction] = {}
        sign = self._take("-") or "+"
        while sign:
            for monomial, coefficient in self.product().terms:
                signed = coefficient if sign == "+" else -coefficient
                terms[monomial] = terms.get(monomial, Fraction(0)) + signed
            sign = self._take("+", "-")
        return self._bounded(_formula(terms))

    def product(self) -> Formula:
        """A product or quotient of powers."""
        total = self.power()
        while sign := self._take("*", "/"):
            total = self._times(total, self.power() if sign == "*" else self._inverse())
        return total

    def _inverse(self) -> Formula:
        """One divided by the power that follows."""
        divisor = self.power()
        if not divisor.is_number:
            raise self._error("a formula is divided only by a number")
        if not divisor.terms:
            raise self._error("it divides by zero")
        return Formula.of(1 / divisor.number)

    def power(self) -> Formula:
        """An atom, or a whole power of one."""
        base = self.atom()
        if not self._take("**"):
            return base
        exponent = self.atom()
        if not exponent.is_number or exponent.number.denominator != 1:
            raise self._error("an exponent is a whole number")
        if not 0 <= exponent.number <= MAX_DEGREE:
            raise self._error(f"an exponent is at most {MAX_DEGREE}")
        result = Formula.of(1)
        for _ in range(int(exponent.number)):
            result = self._times(result, base)
        return result

    def _times(self, left: Formula, right: Formula) -> Formula:
        products = len(left.terms) * len(right.terms)
        self._products_left -= products if products > 1 else 0  # single terms are bound by degree
        if self._products_left < 0:
            raise self._error("it has too many terms")
        if _degree_of(left) + _degree_of(right) > MAX_DEGREE:
            raise self._error(f"its degree is more than {MAX_DEGREE}")
        return self._bounded(left * right)

    def _bounded(self, formula: Formula) -> Formula:
        """The same formula, if its terms and numbers are few and short enough to go on with."""
        if len(formula.terms) > MAX_FORMULA_TERMS:
            raise self._error(f"it has more than {MAX_FORMULA_TERMS:,} terms")
        if _bits_of(formula) > MAX_COEFFICIENT_BITS:
            raise self._error("it has a number that is too large")
        return formula

    def atom(self) -> Formula:
        """A name, a number, or a sum in parentheses."""
        token = self._next()
        self._at += 1
        if token == "(":
            return self._in_parentheses()
        if token.isdecimal():
            if len(token) > MAX_FORMULA_DIGITS:
                raise self._error(f"a number has more than {MAX_FORMULA_DIGITS} digits")
            return Formula.of(int(token))
        if token.isidentifier():
            return Formula.symbol(token)
        where = f"before {token!r}" if token else "at the end"
        raise self._error(f"a name or number is missing {where}")

    def _in_parentheses(self) -> Formula:
        self._depth += 1
        if self._depth > MAX_FORMULA_NESTING:
            raise self._error(f"parentheses are nested more than {MAX_FORMULA_NESTING} deep")
        inner = self.sum()
        if not self._take(")"):
            raise self._error("a ')' is missing")
        self._depth -= 1
        return inner
