"""The shape that a tensor is expected to have, and which of its terms belongs to which axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tracer.notation.dtypes import dtypes_text
from tracer.notation.terms import Term
from tracer.record import Dim


@dataclass(frozen=True, slots=True)
class VariadicAxes:
    """Any number of axes, including none. With a name, the same axes wherever the name occurs."""

    name: str = ""

    @property
    def text(self) -> str:
        """The axes in the notation: ``...`` or ``*name``."""
        return f"*{self.name}" if self.name else "..."


@dataclass(frozen=True, slots=True)
class ShapePattern:
    """The expected shape of one tensor.

    `axes` holds one term per axis, at most one of them variadic. `dtypes` are the dtypes that are
    allowed, empty if all are. `text` is the pattern as the user wrote it.
    """

    axes: tuple[Term | VariadicAxes, ...]
    dtypes: frozenset[str]
    text: str

    @property
    def rank(self) -> int:
        """The number of axes without the variadic ones."""
        return sum(not isinstance(axis, VariadicAxes) for axis in self.axes)

    @property
    def variadic(self) -> bool:
        """Whether a tensor may have more axes than `rank`."""
        return self.rank < len(self.axes)

    def allows_rank(self, rank: int) -> bool:
        """Whether a tensor with that number of axes can match."""
        return rank >= self.rank if self.variadic else rank == self.rank


@dataclass(frozen=True, slots=True)
class Signature:
    """The shapes of the outputs and, if an arrow precedes them, of the inputs."""

    outputs: tuple[ShapePattern, ...]
    inputs: tuple[ShapePattern, ...] | None = None


class MatchedAxis(NamedTuple):
    """A term of a pattern, the number of the tensor's axis that it describes, and its size."""

    term: Term
    axis: int
    size: Dim


@dataclass(frozen=True, slots=True)
class AxisMatch:
    """The axes that terms describe, and the sizes that a named `VariadicAxes` covers."""

    axes: tuple[MatchedAxis, ...]
    variadic: tuple[str, tuple[Dim, ...]] | None = None


def dtype_and_rank_mismatches(
    shape: ShapePattern, sizes: tuple[Dim, ...], dtype: str
) -> Iterator[str]:
    """Yield what is wrong with the dtype and the number of axes of a tensor.

    >>> from tracer.notation import parse_shape
    >>> list(dtype_and_rank_mismatches(parse_shape("i64[b]"), (1, 8), "float32"))
    ['dtype: int64 expected, float32 found', 'axes: 1 expected, 2 found']
    """
    if shape.dtypes and dtype not in shape.dtypes:
        yield f"dtype: {dtypes_text(shape.dtypes)} expected, {dtype} found"
    if not shape.allows_rank(len(sizes)):
        least = "at least " if shape.variadic else ""
        yield f"axes: {least}{shape.rank} expected, {len(sizes)} found"


def match_axes(shape: ShapePattern, sizes: tuple[Dim, ...]) -> AxisMatch | None:
    """Assign the terms of a pattern to the axes of a tensor.

    Args:
        shape: The pattern.
        sizes: The sizes of the tensor, one per axis.

    Returns:
        The assignment, or None if the number of axes does not fit.

    >>> from tracer.notation import parse_shape
    >>> match = match_axes(parse_shape("*batch c"), (2, 5, 8))
    >>> match.axes
    (MatchedAxis(term=SizeName(name='c'), axis=2, size=8),)
    >>> match.variadic
    ('batch', (2, 5))
    """
    if not shape.allows_rank(len(sizes)):
        return None
    axes: list[MatchedAxis] = []
    variadic = None
    number = 0
    for axis in shape.axes:
        if isinstance(axis, VariadicAxes):
            end = number + len(sizes) - shape.rank
            variadic = (axis.name, sizes[number:end]) if axis.name else None
            number = end
        else:
            axes.append(MatchedAxis(axis, number, sizes[number]))
            number += 1
    return AxisMatch(tuple(axes), variadic)
