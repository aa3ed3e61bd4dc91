"""How numbers and shapes are written, everywhere: `35,746,307`, `16×128×32×32`, `1.5 MiB`."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.record import Dim, Value

KILO, KIBI = 1000, 1024


def shape_of(value: Value) -> str:
    """`16×128×32×32`; a tensor without dimensions is a `scalar`."""
    return "×".join(map(dim, value.shape)) or "scalar"


def dim(size: Dim) -> str:
    """One size; a formula that is a sum takes brackets, for `×` binds closer."""
    text = str(size)
    return f"({text})" if "+" in text or "-" in text else text


def shapes_of(values: Iterable[Value]) -> str:
    """The shapes of several tensors, one after another."""
    return ", ".join(map(shape_of, values))


def first_shape_of(values: tuple[Value, ...]) -> str:
    """The first shape, and how many more there are: `16×128×32×32 +1`."""
    more = f" +{len(values) - 1}" if len(values) > 1 else ""
    return shape_of(values[0]) + more if values else ""


def count(number: int) -> str:
    """`35,746,307`."""
    return f"{number:,}"


def rounded(number: int) -> str:
    """A count in few characters: `999`, `35.7K`, `860M`, `2.57B`."""
    size, units = float(number), ["", "K", "M", "B", "T"]
    while round(size) >= KILO and len(units) > 1:
        size, units = size / KILO, units[1:]
    return f"{size:.3g}{units[0]}"


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
