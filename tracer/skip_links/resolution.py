"""How many places in space each value has: its resolution, wherever its channels stand.

(B, C, H, W), (B, H, W, C) and (B, H*W, C) are one resolution, and no shape tells which of them it
is. So the number is followed from the inputs of the model through every step, and read off anew
wherever an operation says which axis is that of the channels. The batch counts as places, too, for
frames and windows are folded into it: only the ratio of two values says something.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

from tracer.record import Step, Trace, Value

Shape = tuple[int, ...]

CHANNEL_AXES = (1, -1)
"""Where channels stand: (B, C, H, W), (B, H, W, C)."""

CHANNELS_FIRST = frozenset(
    (
        *(f"{kind}{n}d" for kind in ("conv", "conv_transpose") for n in (1, 2, 3)),
        *(f"{kind}_pool{n}d" for kind in ("max", "avg", "lp") for n in (1, 2, 3)),
        *(f"adaptive_{kind}_pool{n}d" for kind in ("max", "avg") for n in (1, 2, 3)),
        *("interpolate", "upsample", "pixel_shuffle", "pixel_unshuffle", "convolution"),
        *("grid_sample", "max_unpool2d", "max_unpool3d"),
        *("batch_norm", "group_norm", "instance_norm"),
    )
)
"""Operations that take (B, C, ...) and nothing else."""

KEEP_PLACES = frozenset(("linear", "scaled_dot_product_attention", "embedding"))
"""Operations that work on channels, or on places by all others, and leave their number alone."""

EMBEDDING_RANK = 2


def resolutions(trace: Trace) -> dict[str, Fraction]:
    """By the name of each value, its number of places: B*L, B*H*W, B*D*H*W; B for an embedding."""
    known = {value.name: _places(numbers(value)) for value in trace.inputs}
    for step in trace.steps:
        source = _source(step, known)
        for value in step.outputs:
            known[value.name] = (
                _places(numbers(value))
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


def _places(shape: Shape, axis: int = 1) -> Fraction:
    """All numbers of a tensor, divided by its channels."""
    channels = shape[axis] if len(shape) > 1 else 1
    return Fraction(prod(shape), channels or 1)


def _source(step: Step, known: dict[str, Fraction]) -> Value | None:
    """The input that the result has the places of: the first, one of its shape, or the finest."""
    inputs = [value for value in step.inputs if value.name in known]
    if step.op in CHANNELS_FIRST or step.op in KEEP_PLACES:
        return next(iter(inputs), None)
    whole = {value.shape for value in step.outputs}
    alike = [value for value in inputs if value.shape in whole]  # others are broadcast to them
    return max(alike or inputs, key=lambda value: known[value.name], default=None)


def _following(step: Step, source: Value, value: Value, places: Fraction) -> Fraction:
    """The places of what a step put out, from those of what it took in."""
    before, after = numbers(source), numbers(value)
    if step.op in CHANNELS_FIRST and len(after) > EMBEDDING_RANK:
        return _places(after)
    if before == after or prod(before) == prod(after) or step.op in KEEP_PLACES:
        return places
    if step.op.startswith("fft_"):
        return places  # a spectrum is not a smaller image
    if len(before) != len(after):
        return places if len(after) > EMBEDDING_RANK else _places(after)
    for axis in CHANNEL_AXES:
        if _places(before, axis) == places:
            return _places(after, axis)
    return places
