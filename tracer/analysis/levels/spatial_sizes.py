"""Spatial sizes: which dimensions of a tensor are height, width and the like, and how two compare.

One dimension is the batch, one that of the channels: the second, or the last where the data flow
says so. Whether the rest is a plane follows from the model's own input: where that is an image or a
volume, a tensor of rank 3 inside is a row of tokens and has no plane; where that is a signal, rank
3 is what a plane has. What reshapes made of a plane, the heads of an attention for one, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from tracer.algebra.substitute import at
from tracer.analysis.operations import traits
from tracer.analysis.skips.resolution import resolutions
from tracer.record import Dim, Step, Trace, Value

Plane = tuple[Dim, ...]
"""The spatial sizes of a tensor: `(32, 32)`, `("H/2", "W/2")`, `(4096,)` of a signal."""

FORMULA = re.compile(r"(?:(\d+)[*·])?([^\W\d]\w*)(?:/(\d+))?")
RESAMPLED = Fraction(4, 3)
"""A plane that grew or shrank by more was resampled; by less, it was padded or cropped."""
RANKS = {1: (1, 1), 2: (2, 3), 3: (2, 3)}
"""Of how many to how many sizes a plane is, by the dimensions of the model's input.

A video may be worked on frame by frame, and an image as a video of one frame.
"""


@dataclass(frozen=True, slots=True)
class Planes:
    """Finds the planes of tensors in a model whose input has `dims` spatial dimensions.

    `last` are the names of the tensors whose channels are last, `lost` of those whose channels are
    on no one axis.
    """

    dims: int
    last: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def of(self, value: Value) -> Plane | None:
        """The spatial sizes of a tensor; None for tokens, embeddings and numbers."""
        sizes = value.shape[1:-1] if value.name in self.last else value.shape[2:]
        fewest, most = RANKS.get(self.dims, (1, 0))
        return sizes if fewest <= len(sizes) <= most and value.name not in self.lost else None

    def first(self, values: Iterable[Value]) -> Plane | None:
        """The plane of the first of some tensors that has one."""
        return next((plane for plane in map(self.of, values) if plane), None)

    def is_resampled_by(self, step: Step) -> bool:
        """Whether an operation puts out another resolution than it takes."""
        before, after = self.first(step.inputs), self.first(step.outputs)
        return not traits(step.op).crops and is_resampled(before, after)


def planes(trace: Trace) -> Planes:
    """How planes are found in this trace."""
    dims = max((len(value.shape) for value in trace.inputs), default=0) - 2
    values = [*trace.inputs, *(value for step in trace.steps for value in step.outputs)]
    known = resolutions(at(trace) if trace.symbols else trace).layouts
    last = (v.name for v in values if known[v.name].axes == {len(v.shape) - 1} != {1})
    lost = (v.name for v in values if known[v.name].is_unknown)
    return Planes(dims, frozenset(last), frozenset(lost))


def factors(before: Plane, after: Plane) -> tuple[Fraction | None, ...]:
    """How many times as large each size is afterwards; None where two formulas do not compare.

    Where the ranks differ (a video and its frames), the last sizes are compared.
    """
    shared = min(len(before), len(after))
    pairs = zip(before[-shared:], after[-shared:], strict=True)
    return tuple(_factor(first, second) for first, second in pairs)


def is_resampled(before: Plane | None, after: Plane | None) -> bool:
    """Whether one plane is another resolution than the other, and not merely padded or cropped."""
    if before is None or after is None or before == after:
        return False
    return any(
        factor is None or not 1 / RESAMPLED <= factor <= RESAMPLED
        for factor in factors(before, after)
    )


def is_smaller(before: Plane, after: Plane) -> bool:
    """Whether a plane lost more than it gained."""
    return prod(factor for factor in factors(before, after) if factor) < 1


def _factor(before: Dim, after: Dim) -> Fraction | None:
    symbol, size = _parsed(before)
    other, result = _parsed(after)
    if before == after:
        return Fraction(1)
    return result / size if symbol == other and size and result else None


def _parsed(dim: Dim) -> tuple[str, Fraction]:
    """A size as a symbol and how many times it: `"H/2"` is H and 1/2, 32 is no symbol and 32."""
    if isinstance(dim, int):
        return "", Fraction(dim)
    found = FORMULA.fullmatch(dim)
    if not found:
        return dim, Fraction(1)
    times, symbol, divisor = found.groups(default="1")
    return symbol, Fraction(int(times), int(divisor))
