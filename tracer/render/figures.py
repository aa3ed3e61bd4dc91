"""How numbers and shapes are written, everywhere: `35,746,307`, `16×128×32×32`, `1.5 MiB`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from tracer.formulas import Formula, Monomial, from_dim
from tracer.record import Dim, Value

KILO, KIBI = 1000, 1024
LEAST, SMALL = 0.01, 0.1
"""Hundredths below which two digits behind the point, or one, would say nothing."""


def shape_of(value: Value) -> str:
    """`16×128×32×32`, or `B × 128 × H/2 × W/2`; a tensor without dimensions is a `scalar`."""
    return sizes_of(value.shape) or "scalar"


def sizes_of(sizes: Sequence[Dim]) -> str:
    """Sizes with crosses between them, wide where formulas are among them."""
    numbers = all(isinstance(size, int) for size in sizes)
    return ("×" if numbers else " × ").join(map(dim, sizes))


def dim(size: Dim) -> str:
    """One size: `32`, `8·B`, `H·W/64`; a sum takes brackets, for `×` binds closer."""
    text = formula(size)
    return f"({text})" if re.search(r"(?<!^)[+-]", text) else text


def formula(text: Dim) -> str:
    """A formula as people write it: `24·B·H²·W² + 77·B`."""
    powers = str(text).replace("**2", "²").replace("**3", "³")
    return powers.replace("**", "^").replace("*", "·")


def rounded_formula(text: Dim) -> str:
    """A formula with its coefficients in three figures: `11.9 M·B·H·W + 512·B`."""
    terms = [_rounded_term(*term) for term in from_dim(text).terms] or ["+ 0"]
    return " ".join(terms).removeprefix("+ ")


def _rounded_term(monomial: Monomial, coefficient: Fraction) -> str:
    """One term with its sign in front: `+ 320·B·H²·W²`."""
    size = _scaled(float(abs(coefficient)), ("", " K", " M", " G", " T", " P"))
    product = formula(str(Formula(((monomial, Fraction(1)),))))
    factors = [size] if not monomial else [product] if size == "1" else [size, product]
    return f"{'-' if coefficient < 0 else '+'} {'·'.join(factors)}"


def grouped_formula(text: Dim) -> str:
    """A formula with its numbers in full: `11,930,112·B·H·W + 512·B`."""
    return re.sub(r"\d{4,}", lambda found: count(int(found[0])), formula(text))


def shapes_of(values: Iterable[Value]) -> str:
    """The shapes of several tensors, one after another."""
    return ", ".join(map(shape_of, values))


def first_shape_of(values: tuple[Value, ...]) -> str:
    """The first shape, in little room, and how many more there are: `16×128×32×32 +1`."""
    more = f" +{len(values) - 1}" if len(values) > 1 else ""
    return shape_of(values[0]).replace(" × ", "×") + more if values else ""


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


def percent(part: int, whole: int) -> str:
    """A part in hundredths of the whole: `45.7`, `0.02`, `<0.01`, and nothing for nothing."""
    if not part:
        return ""
    share = 100 * part / whole
    if share < LEAST:
        return f"<{LEAST}"
    return f"{share:.1f}" if share >= SMALL else f"{share:.2f}"
