"""The shape that a tensor is expected to have, and how its axes lie on those of a tensor."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.notation.terms import Term
from tracer.record import Dim


@dataclass(frozen=True, slots=True)
class Many:
    """Any number of axes, none included. With a name they are the same wherever it occurs."""

    name: str = ""

    @property
    def text(self) -> str:
        """As it is written."""
        return f"*{self.name}" if self.name else "..."


@dataclass(frozen=True, slots=True)
class ShapePattern:
    """One tensor: its axes, of which at most one is `Many`, and the dtypes that it may have.

    `dtypes` is empty where any will do; `text` is what was written.
    """

    axes: tuple[Term | Many, ...]
    dtypes: frozenset[str]
    text: str

    @property
    def rank(self) -> int:
        """How many axes it has, `Many` left out."""
        return sum(not isinstance(axis, Many) for axis in self.axes)

    @property
    def open(self) -> bool:
        """Whether there may be more axes than `rank`."""
        return self.rank < len(self.axes)

    @property
    def anything(self) -> bool:
        """Whether every tensor has this shape."""
        return self.axes == (Many(),) and not self.dtypes


@dataclass(frozen=True, slots=True)
class Signature:
    """The shapes of what comes out and, where an arrow stands before them, of what goes in."""

    outputs: tuple[ShapePattern, ...]
    inputs: tuple[ShapePattern, ...] | None = None


AxisCell = tuple[Term, int, Dim]
"""A term, the number of the axis that it lies on, and the size of that axis."""


@dataclass(frozen=True, slots=True)
class AxisPattern:
    """Each term on its axis, and the axes that a named `Many` covers."""

    cells: tuple[AxisCell, ...]
    many: tuple[str, tuple[Dim, ...]] | None = None


def laid_out(shape: ShapePattern, sizes: tuple[Dim, ...]) -> AxisPattern | None:
    """How the axes of a shape lie on those of a tensor; None where their number does not fit."""
    if len(sizes) < shape.rank or (len(sizes) > shape.rank and not shape.open):
        return None
    cells: list[AxisCell] = []
    many = None
    at = 0
    for axis in shape.axes:
        if isinstance(axis, Many):
            end = at + len(sizes) - shape.rank
            many = (axis.name, sizes[at:end]) if axis.name else None
            at = end
        else:
            cells.append((axis, at, sizes[at]))
            at += 1
    return AxisPattern(tuple(cells), many)
