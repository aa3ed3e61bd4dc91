"""Finds all tensors whose shape is not as expected, each with the reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.notation import (
    Binding,
    Contradiction,
    dtype_and_rank_mismatches,
    equations_of,
    solve,
)
from tracer.record import Symbol, Trace
from tracer.testing.expectations.match_tensors import (
    Expected,
    ExpectedTensor,
    MissingTensor,
    expected_tensors,
)

SAMPLE_MULTIPLES = (1, 2, 3, 5, 7)
"""At which multiples of a symbol's step a size has to be a whole number."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A tensor whose shape is not as expected, the reasons, and the names used in them."""

    tensor: ExpectedTensor
    reasons: tuple[str, ...]
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeCheck:
    """The failures in the order of the expectations, and how many tensors were compared.

    `bindings` are the values of all names, in the order in which they were found.
    """

    failures: tuple[Mismatch | MissingTensor, ...]
    compared: int
    bindings: tuple[Binding, ...]


def check_shapes(trace: Trace, expected: Expected) -> ShapeCheck:
    """Compare the tensors of a trace with their expected shapes.

    Args:
        trace: The trace, with numbers or formulas as sizes.
        expected: The shape of each tensor, by a key that selects it.

    Returns:
        Every failure, and the values that the names have.

    Raises:
        NotationError: A shape does not follow the notation.
    """
    tensors = list(expected_tensors(trace, expected))
    equations = {
        id(one): equations_of(one.shape, one.value.shape, one.label)
        for one in tensors
        if isinstance(one, ExpectedTensor)
    }
    given = (equation for one in tensors for equation in equations.get(id(one), ()))
    solution = solve(given, {symbol.name: _sample_sizes(symbol) for symbol in trace.symbols})
    contradictions = {id(one.equation): one for one in solution.contradictions}
    failures: list[Mismatch | MissingTensor] = []
    for one in tensors:
        if isinstance(one, MissingTensor):
            failures.append(one)
        else:
            own = [contradictions[id(e)] for e in equations[id(one)] if id(e) in contradictions]
            failures += _mismatch(one, own)
    return ShapeCheck(tuple(failures), len(tensors), solution.bindings)


def _sample_sizes(symbol: Symbol) -> tuple[int, ...]:
    """A few sizes at which the formulas of a trace hold."""
    if symbol.multiple == 0:
        return (symbol.size,)
    return tuple(symbol.multiple * times for times in SAMPLE_MULTIPLES)


def _mismatch(tensor: ExpectedTensor, contradictions: list[Contradiction]) -> Iterator[Mismatch]:
    value = tensor.value
    outer = dtype_and_rank_mismatches(tensor.shape, value.shape, value.dtype)
    reasons = [*outer, *(one.text for one in contradictions)]
    if reasons:
        used = dict.fromkeys(
            one for contradiction in contradictions for one in contradiction.bindings
        )
        yield Mismatch(tensor, tuple(reasons), tuple(used))
