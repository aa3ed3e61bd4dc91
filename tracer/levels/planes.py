"""Spatial sizes: which dimensions of a tensor are height, width and the like, and how two compare.

The first two dimensions are the batch and the channels. Whether the rest is a plane follows from
the model's own input: where that is an image or a volume, a tensor of rank 3 inside is a row of
tokens and has no plane; where that is a signal, rank 3 is what a plane has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from tracer.record import Dim, Step, Trace, Value

Plane = tuple[Dim, ...]
"""The spatial sizes of a tensor: `(32, 32)`, `("H/2", "W/2")`, `(4096,)` of a signal."""

FORMULA = re.compile(r"(?:(\d+)[*·])?([^\W\d]\w*)(?:/(\d+))?")
RESAMPLED = Fraction(4, 3)
"""A plane that grew or shrank by more was resampled; by less, it was padded or cropped."""
CUTS = frozenset({"getitem", "pad", "narrow", "select", "split", "chunk", "unbind"})
"""Operations that may change the sizes of a plane, but not its resolution."""
TURNS = frozenset({"transpose", "permute", "movedim", "moveaxis", "swapaxes", "swapdims", "mT"})
"""Operations that may set the channels last, or second again."""


@dataclass(frozen=True, slots=True)
class Planes:
    """Finds the planes of tensors in a model whose input has `dims` spatial dimensions.

    `turned` are the names of the tensors whose channels are not second, as when a signal has been
    turned into a row of tokens.
    """

    dims: int
    turned: frozenset[str] = frozenset()

    def of(self, value: Value) -> Plane | None:
        """The spatial sizes of a tensor; None for tokens, embeddings and numbers."""
        sizes = value.shape[2:]
        spatial = len(sizes) > 1 if self.dims > 1 else len(sizes) == self.dims == 1
        return sizes if spatial and value.name not in self.turned else None

    def first(self, values: Iterable[Value]) -> Plane | None:
        """The plane of the first of some tensors that has one."""
        return next((plane for plane in map(self.of, values) if plane), None)

    def is_resampled_by(self, step: Step) -> bool:
        """Whether an operation puts out another resolution than it takes."""
        before, after = self.first(step.inputs), self.first(step.outputs)
        return step.op not in CUTS and is_resampled(before, after)


def planes(trace: Trace) -> Planes:
    """How planes are found in this trace."""
    dims = max((len(value.shape) for value in trace.inputs), default=0) - 2
    return Planes(dims, _turned(trace.steps))


def _turned(steps: Iterable[Step]) -> frozenset[str]:
    """The tensors between an operation that sets the channels last and one that sets them back.

    An operation keeps the order of what it takes; where it takes both orders (a residual), and
    where it convolves, the channels are second.
    """
    turned: set[str] = set()
    for step in steps:
        shaped = [value for value in step.inputs if len(value.shape) > len("BC")]
        last = bool(shaped) and turned.issuperset(value.name for value in shaped)
        if step.op in TURNS and shaped and step.outputs[0].shape != shaped[0].shape:
            last = not last
        if last and not step.op.startswith("conv"):
            turned |= {value.name for value in step.outputs}
    return frozenset(turned)


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
