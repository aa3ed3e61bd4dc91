"""The formula of a number, from its values at several sizes.

Three kinds are tried. A product of powers of the sizes shows its exponents in the ratio of samples,
which are chosen so that no two products have the same ratios. A product, sum or difference of sizes
that are already known is tried where an operation made one size from others. What is left may be a
sum over all products of some sizes, as convolutions without padding make them; its coefficients
solve a system of linear equations. Every formula that is returned holds in every sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain, combinations, pairwise, product
from math import prod
from operator import mul

from tracer.algebra.polynomial import Formula
from tracer.sizing.axes import AxisSizes

HIGHEST = 2
"""The highest power of a size: attention costs (H*W)**2."""

MOST_FACTORS = 6
"""At most so many known sizes are multiplied with each other."""

SPARE = 2
"""So many samples more than a sum is solved from have to confirm it."""

TWO_TERMS = 2
"""Sums of two terms are tried first, and by far the most often."""

Number = Fraction | int


class Fit:
    """Finds formulas over samples.

    >>> fit = Fit([{"H": 8}, {"H": 24}, {"H": 16}, {"H": 40}], ["H"])
    >>> str(fit.formula((2, 6, 4, 10))), str(fit.formula((10, 26, 18, 42)))
    ('H/4', 'H + 2')
    """

    def __init__(self, samples: Sequence[AxisSizes], names: Iterable[str], first: int = 1) -> None:
        """Prepare to fit formulas.

        Args:
            samples: The sizes of each sample by name, those of the base first.
            names: The sizes that vary.
            first: How many samples behind the base tell all products of powers apart.

        Raises:
            ValueError: They do not tell all products apart.
        """
        self._samples = samples
        self._names = tuple(names)
        self._first = first
        self._products = products_by_ratios(samples[0], samples[1 : first + 1], self._names)
        self._known: dict[tuple[Formula, ...], list[tuple[Number, ...]]] = {}
        self._columns: dict[Formula, tuple[Number, ...]] = {}
        self._found: dict[tuple[int, ...], Formula] = {}
        self._failed: set[tuple[tuple[int, ...], tuple[Formula, ...]]] = set()

    def formula(self, numbers: tuple[int, ...], among: Iterable[Formula] = ()) -> Formula | None:
        """The formula whose values at the samples are `numbers`, or None.

        Args:
            numbers: One number per sample.
            among: Formulas of other numbers that it may be a product, sum or difference of.
        """
        found = self._found.get(numbers) or self._simple(numbers)
        if found is None:
            parts = tuple(dict.fromkeys(part for part in among if not part.is_number))[
                :MOST_FACTORS
            ]
            if (numbers, parts) not in self._failed:
                found = self._made_of(parts, numbers) or self._sum(numbers)
            if found is None:
                self._failed.add((numbers, parts))
                return None
        self._found[numbers] = found
        return found

    def _simple(self, numbers: tuple[int, ...]) -> Formula | None:
        """A number, or a product of powers of the sizes."""
        if len(set(numbers)) == 1:
            return Formula.of(numbers[0])
        if numbers[0] == 0:
            return None
        ratios = tuple(Fraction(one, numbers[0]) for one in numbers[1 : self._first + 1])
        powers = self._products.get(ratios)
        return None if powers is None else self._scaled(Formula.monomial(1, powers), numbers)

    def _scaled(self, shape: Formula, numbers: tuple[int, ...]) -> Formula | None:
        """A multiple of a formula, if the numbers are that."""
        base = shape.evaluate(self._samples[0])
        found = shape * (Fraction(numbers[0]) / base) if base else shape
        return found if self._holds(found, numbers) else None

    def _made_of(self, parts: Sequence[Formula], numbers: tuple[int, ...]) -> Formula | None:
        """A product, sum or difference of some of the parts, or a multiple of one and a number."""
        values = self._values(tuple(parts))
        for some in _some(len(parts)):
            if numbers[0] and _in_proportion(numbers, [_at(row, some) for row in values]):
                return self._scaled(_product(parts[part] for part in some), numbers)
        for total in chain(_totals(parts), self._shifted(parts, numbers)):
            if self._holds(total, numbers):
                return total
        solved = (self._solved((part, Formula.of(1)), numbers) for part in parts)
        return next((one for one in solved if one is not None), None)

    def _shifted(self, parts: Sequence[Formula], numbers: tuple[int, ...]) -> Iterator[Formula]:
        """Each part and a number more or less, as padding makes it."""
        for part in parts:
            yield part + (numbers[0] - part.evaluate(self._samples[0]))

    def _sum(self, numbers: tuple[int, ...]) -> Formula | None:
        solved = (self._solved(basis, numbers) for basis in self._bases)
        return next((one for one in solved if one is not None), None)

    @cached_property
    def _bases(self) -> tuple[tuple[Formula, ...], ...]:
        """Sums of two products, and sums over all products of two sizes, also times a third."""
        return (*self._pairs(), *self._planes())

    def _pairs(self) -> Iterator[tuple[Formula, ...]]:
        products = [Formula.monomial(1, powers) for powers in self._products.values()]
        for one, two in combinations(sorted(products, key=_degree), 2):
            if _divides(one, two):
                yield one, two

    def _planes(self) -> Iterator[tuple[Formula, ...]]:
        names = [Formula.symbol(name) for name in self._names]
        for first, second in combinations(names, 2):
            both = (first * second, first, second, Formula.of(1))
            yield both
            for times in names:
                if times not in (first, second):
                    yield tuple(times * term for term in both)

    def _solved(self, basis: tuple[Formula, ...], numbers: tuple[int, ...]) -> Formula | None:
        """The sum over `basis` that as many samples give as tell its terms apart, if all agree."""
        left = self._values(basis)
        if len(basis) + SPARE > len(set(left)):
            return None
        if len(basis) == TWO_TERMS and not _may_be_sums(numbers, left):
            return None
        pairs = zip(left, numbers, strict=True)
        rows = [(*map(Fraction, terms), Fraction(one)) for terms, one in pairs]
        weights = solution(rows, len(basis))
        if weights is None or not all(_is_sum(row, weights) for row in rows):
            return None
        terms = (term * weight for term, weight in zip(basis, weights, strict=True))
        return sum(terms, start=Formula.of(0))

    def _values(self, formulas: tuple[Formula, ...]) -> list[tuple[Number, ...]]:
        """The values of some formulas, sample by sample."""
        found = self._known.get(formulas)
        if found is None:
            columns = [self._column(one) for one in formulas]
            found = [tuple(one[row] for one in columns) for row in range(len(self._samples))]
            self._known[formulas] = found
        return found

    def _column(self, formula: Formula) -> tuple[Number, ...]:
        """The values of one formula, which is in the bases of many sums."""
        found = self._columns.get(formula)
        if found is None:
            found = tuple(_value(formula, sizes) for sizes in self._samples)
            self._columns[formula] = found
        return found

    def _holds(self, formula: Formula, numbers: tuple[int, ...]) -> bool:
        pairs = zip(self._samples, numbers, strict=True)
        return all(formula.evaluate(sizes) == number for sizes, number in pairs)


def products_by_ratios(
    base: AxisSizes, others: Sequence[AxisSizes], names: Sequence[str]
) -> dict[tuple[Fraction, ...], dict[str, int]]:
    """The exponents of every product of sizes, by its ratios between `others` and `base`.

    Raises ValueError if two products have the same ratios, which would identify neither.

    >>> products_by_ratios({"H": 8}, [{"H": 16}], ["H"])[(Fraction(4),)]
    {'H': 2}
    """
    found: dict[tuple[Fraction, ...], dict[str, int]] = {}
    for exponents in product(range(HIGHEST + 1), repeat=len(names)):
        powers = dict(zip(names, exponents, strict=True))
        ratios = tuple(_ratio(base, other, powers) for other in others)
        if ratios in found:
            raise ValueError(f"{powers} and {found[ratios]} grow alike from {base} to {others}.")
        found[ratios] = powers
    return found


def _ratio(base: AxisSizes, other: AxisSizes, powers: Mapping[str, int]) -> Fraction:
    ratio = Fraction(1)
    for name, power in powers.items():
        ratio *= Fraction(other[name], base[name]) ** power
    return ratio


def _degree(formula: Formula) -> int:
    return sum(power for monomial, _ in formula.terms for _, power in monomial)


def _divides(one: Formula, two: Formula) -> bool:
    """Whether one product of sizes is a part of another."""
    powers = dict(two.terms[0][0])
    return all(power <= powers.get(name, 0) for name, power in one.terms[0][0])


def _some(parts: int) -> Iterator[tuple[int, ...]]:
    """All choices of parts, then those with one of them twice, as attention to itself has it."""
    choices = [some for count in range(parts) for some in combinations(range(parts), count + 1)]
    yield from choices
    yield from ((part, *some) for some in choices for part in some)


def _value(formula: Formula, sizes: AxisSizes) -> Number:
    """The value of a formula; an int if it is whole, for Python multiplies those faster."""
    found = formula.evaluate(sizes)
    return found.numerator if found.denominator == 1 else found


def _may_be_sums(numbers: Sequence[int], terms: Sequence[Sequence[Number]]) -> bool:
    """Whether numbers may be sums of two terms with the same two weights in all samples.

    Where they are, every three samples of the terms and the number have a determinant of zero.
    """
    (a, b), number = terms[0], numbers[0]
    rows = [(*row, one) for row, one in zip(terms, numbers, strict=True)]
    return not any(
        a * (d * three - f * two) - b * (c * three - e * two) + number * (c * f - e * d)
        for (c, d, two), (e, f, three) in pairwise(rows[1:])
    )


def _is_sum(row: Sequence[Fraction], weights: Sequence[Fraction]) -> bool:
    """Whether the last number of a row is the sum of those before it, weighted."""
    return sum(map(mul, row, weights), start=Fraction(0)) == row[-1]


def _at(values: Sequence[Number], some: Iterable[int]) -> Fraction:
    return Fraction(prod(values[part] for part in some))


def _in_proportion(numbers: Sequence[int], products: Sequence[Number]) -> bool:
    """Whether numbers are the same multiple of products in all samples."""
    pairs = zip(numbers, products, strict=True)
    return all(one * products[0] == numbers[0] * two for one, two in pairs)


def _totals(parts: Sequence[Formula]) -> Iterator[Formula]:
    for one, two in combinations(parts, 2):
        yield from (one + two, one - two, two - one)


def _product(parts: Iterable[Formula]) -> Formula:
    result = Formula.of(1)
    for part in parts:
        result = result * part
    return result


def solution(rows: Iterable[Sequence[Fraction]], size: int) -> list[Fraction] | None:
    """Solve linear equations for `size` unknowns by Gauss-Jordan elimination, exactly.

    Args:
        rows: One equation per row: the coefficients, then the right side. Rows that follow from
            those before them are skipped, and those behind the last one needed are not read.
        size: The number of unknowns.

    Returns:
        The unknowns; None if the equations do not determine them.

    >>> rows = [[Fraction(number) for number in row] for row in ((1, 1, 5), (1, -1, 1))]
    >>> [str(one) for one in solution(rows, 2)]
    ['3', '2']
    """
    solved: list[tuple[int, list[Fraction]]] = []
    for row in rows:
        rest = list(row)
        for column, known in solved:
            rest = _without(rest, column, known)
        pivot = next((column for column in range(size) if rest[column]), None)
        if pivot is None:
            continue
        scaled = [item / rest[pivot] for item in rest]
        solved = [(column, _without(known, pivot, scaled)) for column, known in solved]
        solved.append((pivot, scaled))
        if len(solved) == size:
            return [known[-1] for _, known in sorted(solved)]
    return None


def _without(row: list[Fraction], column: int, by: Sequence[Fraction]) -> list[Fraction]:
    """A row minus the multiple of another that clears a column. The other has 1 there."""
    factor = row[column]
    return [a - factor * b for a, b in zip(row, by, strict=True)] if factor else row
