"""How one tensor is read: how many places in space it has, and which of its axes holds channels.

(B, C, H, W), (B, H, W, C) and (B, H*W, C) are one resolution, and no shape tells which of them it
is. The batch counts as places, too, for frames and windows are folded into it: only the ratio of
two numbers says something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from tracer.record import Step, Value

Shape = tuple[int, ...]

RESAMPLE = frozenset(
    (
        *(f"{kind}{n}d" for kind in ("conv", "conv_transpose") for n in (1, 2, 3)),
        *(f"{kind}_pool{n}d" for kind in ("max", "avg", "lp") for n in (1, 2, 3)),
        *(f"adaptive_{kind}_pool{n}d" for kind in ("max", "avg") for n in (1, 2, 3)),
        *("interpolate", "upsample", "pixel_shuffle", "pixel_unshuffle", "convolution"),
        *("grid_sample", "max_unpool2d", "max_unpool3d"),
    )
)
"""Operations that take (B, C, ...), and put out any number of places."""

NORMALISE = frozenset(("batch_norm", "group_norm", "instance_norm"))
"""Operations that take (B, C, ...) and put out the same."""

ON_THE_LAST_AXIS = frozenset(("linear", "layer_norm", "rms_norm"))
"""Operations on the last axis, which is that of the channels in (B, L, C)."""

KEEP_PLACES = ON_THE_LAST_AXIS | {"scaled_dot_product_attention", "embedding"}
"""Operations that work on channels, or on places by all others, and leave their number alone."""

SPREAD = frozenset(("expand", "expand_as", "broadcast_to"))
"""Operations that say a number again in many places: those are not its own."""

NEW = frozenset(
    (
        *(
            f"{kind}_like"
            for kind in ("zeros", "ones", "empty", "full", "rand", "randn", "randint")
        ),
        *(f"new_{kind}" for kind in ("zeros", "ones", "empty", "full", "tensor")),
    )
)
"""Operations that take the shape of a tensor, and none of its numbers."""

TURN = frozenset(("permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims", "T", "mT"))
"""Operations that change the order of the axes."""

CONCATENATE = frozenset(("cat", "concat", "concatenate", "hstack"))

EMBEDDING_RANK, TOKENS_RANK = 2, 3


@dataclass(frozen=True, slots=True)
class Reading:
    """B*L, B*H*W, B*D*H*W places; B for an embedding.

    `axes` are those that may hold the channels; none when the reading was lost, as it is where the
    channels are spread over two axes. The places of a `spectrum` are those of what it is one of: it
    is no smaller image, however few of its frequencies are kept.
    """

    places: Fraction
    axes: frozenset[int] = frozenset()
    spectrum: bool = False

    @property
    def lost(self) -> bool:
        return not self.axes


def numbers(value: Value) -> Shape:
    """The sizes of a value; a formula counts as one place."""
    return tuple(dim if isinstance(dim, int) else 1 for dim in value.shape)


def along(shape: Shape, axis: int = 1) -> Reading:
    """A tensor with its channels on a known axis; a vector is all places."""
    axis %= max(len(shape), 1)
    channels = shape[axis] if len(shape) > 1 else 1
    return Reading(Fraction(prod(shape), channels or 1), frozenset((axis,)))


def asked(step: Step, shape: Shape) -> Reading | None:
    """How an operation reads a tensor that it takes or puts out, if it leaves no choice."""
    if step.op in RESAMPLE and len(shape) > EMBEDDING_RANK:
        dims = re.search(r"(\d)d$", step.op)
        return along(shape, len(shape) - 1 - int(dims[1]) if dims else 1)
    if step.op in NORMALISE and len(shape) > EMBEDDING_RANK:
        return along(shape)
    if step.op in ON_THE_LAST_AXIS and len(shape) == TOKENS_RANK:
        return along(shape, -1)
    return None


def following(step: Step, source: Value, value: Value, before: Reading) -> Reading:
    """How the result of a step is read, from the reading of what it took in."""
    old, new = numbers(source), numbers(value)
    if step.op.startswith("fft_") and "shift" not in step.op:
        return _transformed(step, new, before)
    if before.spectrum:
        return replace(before, axes=before.axes if len(old) == len(new) else frozenset())
    wanted = asked(step, new)
    if wanted is not None and (step.op in RESAMPLE or before.lost):
        return wanted
    return _kept(step, old, new, before)


def _kept(step: Step, old: Shape, new: Shape, before: Reading) -> Reading:
    """How the result is read where the step does not say: as what was taken in was."""
    if step.op in TURN or (old != new and prod(old) == prod(new)):
        return Reading(before.places, _moved(step, old, new, before.axes))
    if old == new or step.op in KEEP_PLACES or step.op in SPREAD:
        axes = before.axes if len(old) == len(new) else frozenset()
        last = axes & {len(new) - 1} if step.op in ON_THE_LAST_AXIS else axes
        return Reading(before.places, last or axes)
    if len(old) == len(new) and not before.lost:
        return _resized(step, old, new, before)
    return Reading(before.places) if len(new) > EMBEDDING_RANK else along(new)


def _transformed(step: Step, new: Shape, before: Reading) -> Reading:
    """The spectrum of an image, or the image of a spectrum, which may have another size."""
    if not step.op.startswith(("fft_i", "fft_hfft")):
        return replace(before, spectrum=True)
    known = along(new, min(before.axes)) if before.axes else Reading(before.places)
    return replace(known, axes=before.axes)


def _moved(step: Step, old: Shape, new: Shape, axes: frozenset[int]) -> frozenset[int]:
    """Where the channels are after the axes were turned, or split and merged in their order."""
    if step.op in TURN:
        sizes = {old[axis] for axis in axes}
        return frozenset(axis for axis, size in enumerate(new) if size in sizes)
    kept = {(prod(old[:axis]), prod(old[axis + 1 :])) for axis in axes}
    ends = ((prod(new[:axis]), prod(new[axis + 1 :])) for axis in range(len(new)))
    return frozenset(axis for axis, around in enumerate(ends) if around in kept)


def _resized(step: Step, old: Shape, new: Shape, before: Reading) -> Reading:
    """The places after a step between shapes of one rank: places are cut, channels are joined."""
    joined = step.op in CONCATENATE
    axis = min(before.axes, key=lambda axis: ((old[axis] != new[axis]) != joined, axis))
    was, now = along(old, axis).places, along(new, axis).places
    return Reading(before.places * now / was if was else now, frozenset((axis,)))


def is_coarser(one: Fraction, other: Fraction) -> bool:
    """Whether one resolution is really lower: a convolution without padding only loses a rim."""
    # of whole numbers, for this is asked of every step and candidate
    return 3 * one.numerator * other.denominator <= 2 * other.numerator * one.denominator


def of_one_layout(step: Step) -> Iterable[Value]:
    """What a step took in and put out that has its channels on one and the same axis.

    That is what has the shape of the result, and the parts of a concatenation.
    """
    whole = [value for value in step.outputs if value.shape]
    if not whole:
        return ()
    shape = whole[0].shape
    joined = step.op in CONCATENATE
    alike = [value for value in step.inputs if _fits(value.shape, shape, joined)]
    return (*alike, *(value for value in whole if value.shape == shape))


def _fits(shape: tuple[object, ...], whole: tuple[object, ...], joined: bool) -> bool:
    differing = [a != b for a, b in zip(shape, whole, strict=False)]
    return len(shape) == len(whole) and sum(differing) <= joined
