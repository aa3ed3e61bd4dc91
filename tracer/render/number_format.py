"""How numbers and shapes are written, everywhere: `35,746,307`, `16×128×32×32`, `1.5 MiB`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from tracer.algebra.polynomial import Monomial, from_dim
from tracer.record import Dim, Value

KILO, KIBI = 1000, 1024
RAISED = {2: "²", 3: "³"}
LEAST_SHOWN, SMALL_NUMBER = 0.01, 0.1
"""Hundredths below which two digits behind the point, or one, would say nothing."""


def shape_of(value: Value) -> str:
    """`16×128×32×32`, or `B × 128 × H/2 × W/2`; a tensor without dimensions is a `scalar`."""
    return sizes_of(value.shape) or "scalar"


def sizes_of(sizes: Sequence[Dim]) -> str:
    """Sizes with crosses between them, wide where formulas are among them."""
    numbers = all(isinstance(size, int) for size in sizes)
    return ("×" if numbers else " × ").join(map(dim, sizes))


def close_sizes_of(sizes: Sequence[Dim]) -> str:
    """The same in little room: `B×128×H/2×W/2`, `B×(H·W/4)×640`."""
    return "×".join(f"({text})" if "·" in text else text for text in map(dim, sizes))


def dim(size: Dim) -> str:
    """One size: `32`, `8·B`, `H·W/64`; a sum takes brackets, for `×` binds closer."""
    text = formula(size)
    return f"({text})" if re.search(r"(?<!^)[+-]", text) else text


@lru_cache(maxsize=4096)
def formula(text: Dim) -> str:
    """A formula as people write it: `24·B·(H·W)² + 77·B`."""
    return _sum(_term(*term, str) for term in from_dim(text).terms)


def grouped_formula(text: Dim) -> str:
    """A formula with its numbers in full: `11,930,112·B·H·W + 512·B`."""
    return _sum(_term(*term, count) for term in from_dim(text).terms)


def rounded_formula(text: Dim) -> str:
    """A formula with its coefficients in three figures: `11.9 M·B·H·W + 512·B`."""
    return _sum(_rounded_term(*term) for term in from_dim(text).terms)


Signed = tuple[str, str]
"""The sign of a term, and the rest of it."""


def _sum(terms: Iterable[Signed]) -> str:
    text = " ".join(f"{sign} {rest}" for sign, rest in terms)
    return re.sub(r"^- ", "-", text.removeprefix("+ ")) or "0"


def _term(monomial: Monomial, coefficient: Fraction, number: Callable[[int], str]) -> Signed:
    """One term with whole numbers above and below the line: `H·W/64`."""
    top, bottom = abs(coefficient.numerator), coefficient.denominator
    factors = [number(top)] if top != 1 or not monomial else []
    product = "·".join([*factors, *_powers(monomial)])
    return _sign(coefficient), f"{product}/{number(bottom)}" if bottom != 1 else product


def _rounded_term(monomial: Monomial, coefficient: Fraction) -> Signed:
    """One term with a decimal coefficient: `320·B·(H·W)²`."""
    size = _scaled(float(abs(coefficient)), ("", " K", " M", " G", " T", " P"))
    factors = [size] if size != "1" or not monomial else []
    return _sign(coefficient), "·".join([*factors, *_powers(monomial)])


def _sign(coefficient: Fraction) -> str:
    return "-" if coefficient < 0 else "+"


def _powers(monomial: Monomial) -> Iterator[str]:
    """`B`, `(H·W)²`: sizes that have the same power under one."""
    for power, group in groupby(sorted(monomial, key=itemgetter(1)), key=itemgetter(1)):
        names = [name for name, _ in group]
        if power == 1:
            yield from names
        else:
            base = f"({'·'.join(names)})" if len(names) > 1 else names[0]
            yield base + RAISED.get(power, f"^{power}")


def shapes_of(values: Iterable[Value]) -> str:
    """The shapes of several tensors, one after another."""
    return ", ".join(map(shape_of, values))


def first_shape_of(values: tuple[Value, ...]) -> str:
    """The first shape, in little room, and how many more there are: `16×128×32×32 +1`."""
    if not values:
        return ""
    more = f" +{len(values) - 1}" if len(values) > 1 else ""
    return (close_sizes_of(values[0].shape) or shape_of(values[0])) + more


def count(number: int) -> str:
    """`35,746,307`."""
    return f"{number:,}"


def rounded(number: int) -> str:
    """A count in few characters: `999`, `35.7K`, `860M`, `2.57B`."""
    return _scaled(number, ("", "K", "M", "B", "T"))


def operations(number: int) -> str:
    """A number of FLOPs as the field writes it: `999`, `35.7 K`, `803 G`, `1.61 T`."""
    return _scaled(number, ("", " K", " M", " G", " T", " P"))


def _scaled(number: float, units: tuple[str, ...]) -> str:
    size, unit = float(number), 0
    while round(size) >= KILO and unit + 1 < len(units):
        size, unit = size / KILO, unit + 1
    return f"{size:.3g}{units[unit]}"


def memory(number: int) -> str:
    """A number of bytes in binary units: `512 bytes`, `1.5 MiB`."""
    size, units = float(number), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while round(size, 1) >= KIBI and len(units) > 1:
        size, units = size / KIBI, units[1:]
    return f"{size:.1f} {units[0]}" if number >= KIBI else plural(number, "byte")


def plural(number: int, noun: str) -> str:
    """`1 push`, `18 pushes`, `3 blocks`."""
    ending = "es" if noun.endswith(("sh", "ch", "s", "x")) else "s"
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}{ending}"


class CountedNoun(int):
    """A number that a template may write together with its noun.

    >>> "{pushes:push}, {pushes} in all".format(pushes=CountedNoun(1200))
    '1,200 pushes, 1,200 in all'
    """

    def __format__(self, noun: str) -> str:
        return plural(int(self), noun) if noun else count(int(self))


def percent(part: float, whole: float) -> str:
    """A part in hundredths of the whole: `45.7`, `0.02`, `<0.01`, and nothing for nothing."""
    if not part:
        return ""
    share = 100 * part / whole
    if share < LEAST_SHOWN:
        return f"<{LEAST_SHOWN}"
    return f"{share:.1f}" if share >= SMALL_NUMBER else f"{share:.2f}"
