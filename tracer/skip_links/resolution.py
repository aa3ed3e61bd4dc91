"""How many places in space each value has: its resolution, wherever its channels stand.

(B, C, H, W), (B, H, W, C) and (B, H*W, C) are one resolution, and no shape tells which of them it
is. So the number is followed from the inputs of the model through every step. What is folded into
the batch on the way, frames or windows, still counts: only the ratio of two values says something.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

from tracer.record import Step, Trace, Value

Shape = tuple[int, ...]

LAYOUTS: tuple[Callable[[Shape], Shape], ...] = (
    lambda shape: shape[2:],  # (B, C, H, W)
    lambda shape: shape[1:-1],  # (B, H, W, C)
)
"""Which axes of a feature map are space, with channels first and with channels last."""

CHANNELS_FIRST = frozenset(
    (
        *(f"{kind}{n}d" for kind in ("conv", "conv_transpose") for n in (1, 2, 3)),
        *(f"{kind}_pool{n}d" for kind in ("max", "avg", "lp") for n in (1, 2, 3)),
        *(f"adaptive_{kind}_pool{n}d" for kind in ("max", "avg") for n in (1, 2, 3)),
        *("interpolate", "upsample", "pixel_shuffle", "pixel_unshuffle", "convolution"),
        *("grid_sample", "max_unpool2d", "max_unpool3d"),
    )
)
"""Operations that take (B, C, ...) and nothing else, so that their axes of space are known."""

KEEP_PLACES = frozenset(("linear", "scaled_dot_product_attention", "embedding"))
"""Operations that work on channels, or on places by all others, and leave their number alone."""

EMBEDDING_RANK = 2


def resolutions(trace: Trace) -> dict[str, Fraction]:
    """By the name of each value, its number of places: L, H*W, D*H*W; 1 for an embedding."""
    known = {value.name: Fraction(_places(numbers(value))) for value in trace.inputs}
    for step in trace.steps:
        source = _source(step, known)
        for value in step.outputs:
            known[value.name] = (
                Fraction(_places(numbers(value)))
                if source is None
                else _following(step, source, value, known[source.name])
            )
    return known


def is_coarser(one: Fraction, other: Fraction) -> bool:
    """Whether one resolution is really lower: a convolution without padding only loses a rim."""
    return 3 * one <= 2 * other


def numbers(value: Value) -> Shape:
    """The sizes of a value; a formula counts as one place."""
    return tuple(dim if isinstance(dim, int) else 1 for dim in value.shape)


def _places(shape: Shape) -> int:
    return prod(shape[2:])


def _source(step: Step, known: dict[str, Fraction]) -> Value | None:
    """The input that the result has the places of: the first, or where none leads, the finest."""
    inputs = [value for value in step.inputs if value.name in known]
    if step.op in CHANNELS_FIRST or step.op in KEEP_PLACES:
        return next(iter(inputs), None)
    return max(inputs, key=lambda value: known[value.name], default=None)


def _following(step: Step, source: Value, value: Value, places: Fraction) -> Fraction:
    """The places of what a step put out, from those of what it took in."""
    before, after = numbers(source), numbers(value)
    if step.op in CHANNELS_FIRST and len(before) == len(after):
        return places * Fraction(_places(after), _places(before) or 1)
    if before == after or prod(before) == prod(after) or step.op in KEEP_PLACES:
        return places
    if step.op.startswith("fft_"):
        return places  # a spectrum is not a smaller image
    if len(before) != len(after):
        return places if len(after) > EMBEDDING_RANK else Fraction(1)
    for space in LAYOUTS:
        if prod(space(before)) == places:
            return Fraction(prod(space(after)))
    return places
