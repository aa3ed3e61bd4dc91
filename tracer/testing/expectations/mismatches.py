"""What does not agree with the expectations: found all at once, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.notation import (
    Binding,
    Contradiction,
    Equation,
    Origin,
    SizeName,
    laid_out,
    solve,
)
from tracer.notation.dtypes import FAMILIES
from tracer.notation.shapes import AxisPattern
from tracer.record import Symbol, Trace
from tracer.testing.expectations.match_tensors import (
    Expected,
    ExpectedTensor,
    MissingTensor,
    paired,
)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A tensor that is not as expected, the reasons, and the names that these speak of."""

    pair: ExpectedTensor
    reasons: tuple[str, ...]
    bound: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeVerdict:
    """What does not agree, in the order of the expectations, and how many tensors were compared.

    `bindings` are all names, in the order in which they were bound.
    """

    troubles: tuple[Mismatch | MissingTensor, ...]
    compared: int
    bindings: tuple[Binding, ...]


def verdict_on(trace: Trace, expected: Expected) -> ShapeVerdict:
    """Compare a trace with what is expected of it.

    Raises NotationError for a text that is no shape.
    """
    items = list(paired(trace, expected))
    equations = {
        id(item): list(_equations(item)) for item in items if isinstance(item, ExpectedTensor)
    }
    given = (one for item in items for one in equations.get(id(item), ()))
    solution = solve(given, {symbol.name: _legal(symbol) for symbol in trace.symbols})
    refuted = {id(one.equation): one for one in solution.contradictions}
    troubles: list[Mismatch | MissingTensor] = []
    for item in items:
        if isinstance(item, MissingTensor):
            troubles.append(item)
        else:
            against = [refuted[id(one)] for one in equations[id(item)] if id(one) in refuted]
            troubles += _mismatch(item, against)
    return ShapeVerdict(tuple(troubles), len(items), solution.bindings)


def _legal(symbol: Symbol) -> tuple[int, ...]:
    """A few sizes at which the formulas of a trace hold."""
    if symbol.multiple == 0:
        return (symbol.size,)
    return tuple(symbol.multiple * times for times in (1, 2, 3, 5, 7))


def _equations(pair: ExpectedTensor) -> Iterator[Equation]:
    """What the shape says of each axis, where it has as many axes as the tensor."""
    layout = laid_out(pair.shape, pair.value.shape)
    if layout is None:
        return
    for term, axis, size in layout.cells:
        yield Equation(term, size, Origin(pair.label, axis))
    if layout.many is not None:
        yield from _many(pair, layout)


def _many(pair: ExpectedTensor, layout: AxisPattern) -> Iterator[Equation]:
    """The axes that a ``*name`` covers, as names of their own, and how many there are."""
    name, sizes = layout.many or ("", ())
    yield Equation(SizeName(f"len(*{name})"), len(sizes), Origin(pair.label, None))
    for number, size in enumerate(sizes):
        yield Equation(SizeName(f"*{name}[{number}]"), size, Origin(pair.label, None))


def _mismatch(pair: ExpectedTensor, against: list[Contradiction]) -> Iterator[Mismatch]:
    reasons = [*_outer_reasons(pair), *map(_reason, against)]
    if reasons:
        bound = dict.fromkeys(one for contradiction in against for one in contradiction.bound)
        yield Mismatch(pair, tuple(reasons), tuple(bound))


def _outer_reasons(pair: ExpectedTensor) -> Iterator[str]:
    """What is wrong before sizes are looked at."""
    shape, value = pair.shape, pair.value
    if shape.dtypes and value.dtype not in shape.dtypes:
        yield f"dtype: {_dtypes_text(shape.dtypes)} expected, {value.dtype} found"
    if laid_out(shape, value.shape) is None:
        least = "at least " if shape.open else ""
        yield f"axes: {least}{shape.rank} expected, {len(value.shape)} found"


def _dtypes_text(dtypes: frozenset[str]) -> str:
    """One dtype, or the name of their family."""
    family = next((name for name, members in FAMILIES.items() if members == dtypes), None)
    return family or " or ".join(sorted(dtypes))


def _reason(contradiction: Contradiction) -> str:
    axis = contradiction.equation.origin.axis
    where = "" if axis is None else f"axis {axis}: "
    return f"{where}{contradiction.reason}"
