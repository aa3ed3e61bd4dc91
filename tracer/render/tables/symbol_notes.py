"""A sentence that says what the names in formulas stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracer.record import Symbol


def symbols_text(symbols: Iterable[Symbol]) -> Iterator[str]:
    """`sizes: B = 1, H = W = 256 in this run; the formulas hold for H and W in steps of 32`."""
    free = [symbol for symbol in symbols if symbol.multiple]
    if not free:
        return
    steps: dict[int, list[str]] = {}
    for symbol in free:
        steps.setdefault(symbol.multiple, []).append(symbol.name)
    any_size = steps.pop(1, [])
    held = [f"{word_list(names)} in steps of {step}" for step, names in steps.items()]
    held = ([f"any {word_list(any_size)}"] if any_size else []) + held
    run = equal_sizes({symbol.name: symbol.size for symbol in free})
    yield f"sizes: {run} in this run; the formulas hold for {', and '.join(held)}"


def word_list(words: Iterable[str], last: str = "and") -> str:
    """`B`, `H and W`, `D, H and W`."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def equal_sizes(sizes: Mapping[str, int]) -> str:
    """`B = 1, H = W = 256`."""
    names: dict[int, list[str]] = {}
    for name, size in sizes.items():
        names.setdefault(size, []).append(name)
    return ", ".join(" = ".join([*same, str(size)]) for size, same in names.items())
