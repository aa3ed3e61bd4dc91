"""Equations between terms and observed sizes, and the values that names get from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.notation.shape_pattern import AxisMatch, ShapePattern, match_axes
from tracer.notation.terms import SizeName, Term
from tracer.record import Dim


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a size was observed: the tensor, as the user named it, and the axis."""

    where: str
    axis: int | None

    def __str__(self) -> str:
        return self.where if self.axis is None else f"{self.where}, axis {self.axis}"


@dataclass(frozen=True, slots=True)
class Equation:
    """A term, and the size that was observed for it."""

    term: Term
    size: Dim
    origin: Origin


@dataclass(frozen=True, slots=True)
class Binding:
    """The value of a name, the term that determined it, and where that term was observed."""

    name: str
    size: str
    origin: Origin
    term: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An equation that does not hold, and why; `bindings` are those of the names in its term."""

    equation: Equation
    reason: str
    bindings: tuple[Binding, ...] = ()

    @property
    def text(self) -> str:
        """The reason, after the number of the axis."""
        axis = self.equation.origin.axis
        return self.reason if axis is None else f"axis {axis}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Solution:
    """The bindings in the order in which they were found, and what contradicts them."""

    bindings: tuple[Binding, ...]
    contradictions: tuple[Contradiction, ...]


def equations_of(shape: ShapePattern, sizes: tuple[Dim, ...], where: str) -> tuple[Equation, ...]:
    """Return what a pattern claims about the sizes of one tensor.

    Args:
        shape: The expected shape.
        sizes: The sizes of the tensor, one per axis.
        where: The name of the tensor, for messages.

    Returns:
        One equation per axis. A named `VariadicAxes` becomes one name per axis that it covers, and
        one for their number. Nothing if the number of axes does not fit.

    >>> from tracer.notation.parser import parse_shape
    >>> for equation in equations_of(parse_shape("b ... w/2"), (1, 8, 4, 16), "x"):
    ...     print(equation.origin, equation.size)
    x, axis 0 1
    x, axis 3 16
    """
    match = match_axes(shape, sizes)
    return () if match is None else tuple(_equations(match, where))


def _equations(match: AxisMatch, where: str) -> Iterator[Equation]:
    for term, axis, size in match.axes:
        yield Equation(term, size, Origin(where, axis))
    if match.variadic is not None:
        name, covered = match.variadic
        yield Equation(SizeName(f"len(*{name})"), len(covered), Origin(where, None))
        for number, size in enumerate(covered):
            yield Equation(SizeName(f"*{name}[{number}]"), size, Origin(where, None))
