"""The formula of a number that was seen at several sizes, proved at further ones.

The first sample multiplies each size by a prime of its own, larger than anything in the model. So a
product of powers of the sizes shows its exponents in its prime factors, and one sample is enough
to read it off; the others are there to prove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product

from tracer.formulas import Formula

Sizes = Mapping[str, int]
PRIMES = (101, 103, 107, 109, 113, 127)


class Fit:
    """Finds formulas over samples. The first is the base, the second the one of primes."""

    def __init__(self, samples: Sequence[Sizes]) -> None:
        self._samples = samples
        self._found: dict[tuple[int, ...], Formula | None] = {}
        self._monomials: dict[Formula, None] = {}

    def formula(self, numbers: tuple[int, ...]) -> Formula | None:
        """The formula whose values at the samples are `numbers`, or None."""
        if numbers not in self._found:
            self._found[numbers] = self._fit(numbers)
        return self._found[numbers]

    def _fit(self, numbers: tuple[int, ...]) -> Formula | None:
        if len(set(numbers)) == 1:
            return Formula.of(numbers[0])
        monomial = self._read_off(numbers)
        if self._holds(monomial, numbers):
            self._monomials[monomial / (numbers[0] or 1)] = None
            return monomial
        return self._sum(numbers)

    def _read_off(self, numbers: tuple[int, ...]) -> Formula:
        """What the prime factors of the second number say, scaled to give the first."""
        base, primes = self._samples[0], self._samples[1]
        powers: dict[str, int] = {}
        coefficient, rest = Fraction(numbers[0]), numbers[1]
        for name, size in base.items():
            prime = primes[name] // size if size else 1
            while prime > 1 and rest and rest % prime == 0:
                rest //= prime
                powers[name] = powers.get(name, 0) + 1
                coefficient /= size
        return Formula.monomial(coefficient, powers)

    def _sum(self, numbers: tuple[int, ...]) -> Formula | None:
        """A number plus a product that other numbers of the model are made of, or a longer sum."""
        for monomial in self._monomials:
            found = self._solved((monomial, Formula.of(1)), numbers)
            if found is not None:
                return found
        for basis in self._bases():
            found = self._solved(basis, numbers)
            if found is not None:
                return found
        return None

    def _bases(self) -> Iterable[tuple[Formula, ...]]:
        """Sums of all products of some of the sizes, as convolutions without padding make them."""
        names = [Formula.symbol(name) for name in self._samples[0]]
        one = Formula.of(1)
        for chosen in ([name] for name in names):
            yield (*chosen, one)
        if len(names) < 2:  # noqa: PLR2004 - a sum over two sizes
            return
        for first, second in product(names, names):
            if str(first) < str(second):
                yield (first * second, first, second, one)

    def _solved(self, basis: tuple[Formula, ...], numbers: tuple[int, ...]) -> Formula | None:
        """The sum over `basis` that the first samples give, if the others prove it."""
        if len(basis) + 2 > len(numbers):
            return None
        rows = [
            [*(term.evaluate(sizes) for term in basis), Fraction(number)]
            for sizes, number in zip(self._samples, numbers, strict=True)
        ]
        weights = _solve(rows[: len(basis)])
        if weights is None:
            return None
        found = sum(
            (term * weight for term, weight in zip(basis, weights, strict=True)),
            start=Formula.of(0),
        )
        return found if self._holds(found, numbers) else None

    def _holds(self, formula: Formula, numbers: tuple[int, ...]) -> bool:
        pairs = zip(self._samples, numbers, strict=True)
        return all(formula.evaluate(sizes) == number for sizes, number in pairs)


def _solve(rows: list[list[Fraction]]) -> list[Fraction] | None:
    """The solution of as many equations as unknowns, each row with its right side last."""
    size = len(rows)
    rows = [list(row) for row in rows]
    for column in range(size):
        pivot = next((row for row in rows[column:] if row[column]), None)
        if pivot is None:
            return None
        rows.remove(pivot)
        rows.insert(column, [item / pivot[column] for item in pivot])
        for index, row in enumerate(rows):
            if index != column and row[column]:
                factor = row[column]
                rows[index] = [a - factor * b for a, b in zip(row, rows[column], strict=True)]
    return [row[-1] for row in rows]
