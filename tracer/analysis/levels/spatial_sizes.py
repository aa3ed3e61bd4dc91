"""The spatial sizes of a tensor (height, width and the like), and how two of them compare.

One dimension is the batch, one that of the channels: the second, or the last where the data flow
says so. Whether the rest are spatial follows from the model's input. If that is an image or a
volume, a tensor of rank 3 inside is a sequence of tokens and has no spatial size; if it is a
signal, rank 3 is what a feature map has. What a reshape made of a feature map, such as the heads of
an attention, has none, nor has what a permutation made of it for an LSTM, or a mean over its axes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from tracer.algebra.substitute import resize
from tracer.analysis.operations import traits
from tracer.analysis.skips.resolution import resolutions
from tracer.record import Dim, Step, Trace, Value, once_per_trace

SpatialSize = tuple[Dim, ...]
"""The spatial sizes of a tensor: `(32, 32)`, `("H/2", "W/2")`, `(4096,)` for a signal."""

PROPORTIONAL_DIM = re.compile(r"(?:(\d+)[*·])?([^\W\d]\w*)(?:/(\d+))?")
MAX_MARGIN_RATIO = Fraction(4, 3)
"""Sizes that grew or shrank by more were resampled; by less, padded or cropped."""
SPATIAL_RANKS = {1: (1, 1), 2: (2, 3), 3: (2, 3)}
"""The fewest and the most spatial dimensions of a tensor, by those of the model's input.

A video may be processed frame by frame, and an image as a video of one frame.
"""


@dataclass(frozen=True, slots=True)
class SpatialSizes:
    """Finds the spatial sizes of the tensors of one model.

    Attributes:
        dims: The spatial dimensions of the model's input.
        channels_last: The names of the tensors whose channels are on the last axis.
        without_size: The names of those that are no feature maps: their channels are on no single
            axis, their batch is not on the first, or they are broadcast along an axis.
    """

    dims: int
    channels_last: frozenset[str] = frozenset()
    without_size: frozenset[str] = frozenset()

    def of(self, value: Value) -> SpatialSize | None:
        """Return the spatial size of a tensor; None for tokens, embeddings and numbers.

        >>> SpatialSizes(dims=2).of(Value("h", (1, 64, 32, 16), "float32"))
        (32, 16)
        """
        sizes = value.shape[1:-1] if value.name in self.channels_last else value.shape[2:]
        fewest, most = SPATIAL_RANKS.get(self.dims, (1, 0))
        is_known = value.name not in self.without_size
        return sizes if fewest <= len(sizes) <= most and is_known else None

    def first(self, values: Iterable[Value]) -> SpatialSize | None:
        """Return the spatial size of the first tensor that has one."""
        return next((size for size in map(self.of, values) if size), None)

    def is_resampled_by(self, step: Step) -> bool:
        """Return whether an operation puts out another resolution than it takes in."""
        before, after = self.first(step.inputs), self.first(step.outputs)
        return is_resampled(before, after) and not traits(step.op).crops


@once_per_trace
def find_spatial_sizes(trace: Trace) -> SpatialSizes:
    """Return the object that finds the spatial sizes of the tensors of a trace."""
    dims = max((len(value.shape) for value in trace.inputs), default=0) - 2
    values = [*trace.inputs, *(value for step in trace.steps for value in step.outputs)]
    known = resolutions(resize(trace) if trace.symbols else trace)
    layouts = known.layouts
    last = (v.name for v in values if layouts[v.name].axes == {len(v.shape) - 1} != {1})
    unknown = (v.name for v in values if layouts[v.name].is_unknown or layouts[v.name].batch_axis)
    return SpatialSizes(dims, frozenset(last), known.statistics.union(unknown))


def scale_factors(before: SpatialSize, after: SpatialSize) -> tuple[Fraction | None, ...]:
    """Return by how much each size was multiplied; None where two formulas do not compare.

    Where the ranks differ (a video and its frames), the last sizes are compared.

    >>> scale_factors((64, "W"), (32, "W/2"))
    (Fraction(1, 2), Fraction(1, 2))
    """
    shared = min(len(before), len(after))
    pairs = zip(before[-shared:], after[-shared:], strict=True)
    return tuple(_scale_factor(first, second) for first, second in pairs)


def is_resampled(before: SpatialSize | None, after: SpatialSize | None) -> bool:
    """Return whether two sizes are two resolutions, and not one that was padded or cropped."""
    if before is None or after is None or before == after:
        return False
    return any(
        factor is None or not 1 / MAX_MARGIN_RATIO <= factor <= MAX_MARGIN_RATIO
        for factor in scale_factors(before, after)
    )


def is_smaller(before: SpatialSize, after: SpatialSize) -> bool:
    """Return whether a feature map has fewer positions afterwards."""
    return prod(factor for factor in scale_factors(before, after) if factor) < 1


def _scale_factor(before: Dim, after: Dim) -> Fraction | None:
    symbol, size = _symbol_and_coefficient(before)
    other, result = _symbol_and_coefficient(after)
    if before == after:
        return Fraction(1)
    return result / size if symbol == other and size and result else None


def _symbol_and_coefficient(dim: Dim) -> tuple[str, Fraction]:
    """`"H/2"` is H and 1/2; 32 is no symbol and 32."""
    if isinstance(dim, int):
        return "", Fraction(dim)
    found = PROPORTIONAL_DIM.fullmatch(dim)
    if not found:
        return dim, Fraction(1)
    factor, symbol, divisor = found.groups(default="1")
    return symbol, Fraction(int(factor), int(divisor))
