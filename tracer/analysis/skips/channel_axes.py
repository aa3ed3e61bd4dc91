"""The channel axis and the number of positions of one tensor, and how a step changes them.

(B, C, H, W), (B, H, W, C) and (B, H*W, C) are one resolution, and no shape says which of them it
is. The number of positions includes the batch, because frames and windows are folded into it: only
the ratio of two such numbers means something.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from tracer.analysis.operations import OpTraits, traits
from tracer.analysis.skips.axis_groups import dropped_axes, regrouped_axes
from tracer.record import Step, Value

NumericShape = tuple[int, ...]

EMBEDDING_RANK, TOKENS_RANK = 2, 3


@dataclass(frozen=True, slots=True)
class ChannelLayout:
    """Where the channels of a tensor are, and how many positions it has.

    Attributes:
        positions: B*L, B*H*W or B*D*H*W; B for an embedding.
        axes: The axes that may hold the channels. Empty if the channels are spread over two axes.
        spectrum: The tensor is the spectrum of an image. Its positions are those of the image,
            however few of its frequencies are left: it is not a smaller image.
        batch_axis: The axis of the batch, which a permutation may move (an LSTM takes (L, B, C)).
        repeated: The axes along which `expand` repeats numbers, which are not positions yet.
    """

    positions: Fraction
    axes: frozenset[int] = frozenset()
    spectrum: bool = False
    batch_axis: int = 0
    repeated: frozenset[int] = frozenset()

    @property
    def is_unknown(self) -> bool:
        """Whether it is not known where the channels are."""
        return not self.axes


def numeric_shape(value: Value) -> NumericShape:
    """Return the sizes of a value; a formula counts as 1."""
    return tuple(dim if isinstance(dim, int) else 1 for dim in value.shape)


def layout_with_channels(shape: NumericShape, axis: int = 1) -> ChannelLayout:
    """Return the layout of a tensor whose channel axis is known; a vector has only positions.

    >>> layout_with_channels((2, 64, 8, 8)).positions
    Fraction(128, 1)
    """
    axis %= max(len(shape), 1)
    channels = shape[axis] if len(shape) > 1 else 1
    return ChannelLayout(Fraction(prod(shape), channels or 1), frozenset((axis,)))


def required_layout(step: Step, shape: NumericShape) -> ChannelLayout | None:
    """Return the layout that an operation requires of its first input and of its output.

    None if it works on any layout.
    """
    op = traits(step.op)
    if op.resamples and len(shape) > EMBEDDING_RANK:
        dims = re.search(r"(\d)d$", step.op)
        return layout_with_channels(shape, len(shape) - 1 - int(dims[1]) if dims else 1)
    if op.on_last_axis:
        return layout_with_channels(shape, -1) if len(shape) == TOKENS_RANK else None
    if op.normalizes and len(shape) > EMBEDDING_RANK:
        return layout_with_channels(shape)
    return None


def output_layout(step: Step, source: Value, value: Value, before: ChannelLayout) -> ChannelLayout:
    """Return the layout of an output of a step.

    Args:
        step: The step.
        source: The input whose positions the output has.
        value: The output.
        before: The layout of `source`.
    """
    op = traits(step.op)
    old, new = numeric_shape(source), numeric_shape(value)
    if op.transform:
        return _transformed_layout(op, new, before)
    if before.spectrum:
        return replace(before, axes=before.axes if len(old) == len(new) else frozenset())
    required = required_layout(step, new)
    if len(old) < EMBEDDING_RANK <= len(new):
        required = layout_with_channels(new)  # a vector has no channels: its axis is the batch
    elif not (op.resamples or before.is_unknown):
        required = None
    if required is not None:
        return required
    batch_axis = _batch_axis(op, old, new, before.batch_axis)
    return replace(_inferred_layout(op, old, new, before), batch_axis=batch_axis)


def _batch_axis(op: OpTraits, old: NumericShape, new: NumericShape, axis: int) -> int:
    """Where the batch is after an operation; a permutation is recognized by the sizes."""
    if len(old) != len(new) or axis >= len(old):
        return 0
    if not op.permutes:
        return axis if old[axis] == new[axis] else 0
    return new.index(old[axis]) if old[axis] in new else 0


def _inferred_layout(
    op: OpTraits, old: NumericShape, new: NumericShape, before: ChannelLayout
) -> ChannelLayout:
    """The layout of the output of an operation that works on any."""
    if op.permutes or (old != new and prod(old) == prod(new)):
        axes = _rearranged_axes(op, old, new, before.axes)
        is_plain = op.permutes or not before.repeated
        plain = ChannelLayout(before.positions, axes)
        return plain if is_plain else _reshaped_repeats(old, new, before, axes)
    if op.broadcasts and len(old) == len(new):
        return _expanded_layout(old, new, before)
    if old == new or op.keeps_positions or op.broadcasts:
        axes = before.axes if len(old) == len(new) else frozenset()
        last = axes & {len(new) - 1} if op.on_last_axis else axes
        repeated = before.repeated if op.moves else frozenset()
        return ChannelLayout(before.positions, last or axes, repeated=repeated)
    if len(old) == len(new) and not before.is_unknown:
        return _resized_layout(op, old, new, before)
    if len(new) <= EMBEDDING_RANK:
        return layout_with_channels(new)
    is_reduced = op.reduces and len(before.axes) == 1
    return _reduced_layout(old, new, before) if is_reduced else ChannelLayout(before.positions)


def _expanded_layout(old: NumericShape, new: NumericShape, before: ChannelLayout) -> ChannelLayout:
    """The layout after numbers were repeated along axes, which adds no positions by itself."""
    repeated = {axis for axis, size in enumerate(new) if size != old[axis]}
    return ChannelLayout(before.positions, before.axes, repeated=before.repeated | repeated)


def _reshaped_repeats(
    old: NumericShape, new: NumericShape, before: ChannelLayout, axes: frozenset[int]
) -> ChannelLayout:
    """The layout after a reshape of repeated numbers.

    Where it merges an axis of repeated numbers with one of positions, each position was copied to
    its neighbors: they were upsampled.
    """
    positions, repeated = before.positions, set[int]()
    for group in regrouped_axes(old, new):
        copied = [axis for axis in group.before if axis in before.repeated]
        if before.repeated.issuperset(axis for axis in group.before if old[axis] > 1):
            repeated.update(group.after)
        elif before.axes.isdisjoint(group.before) and axes:
            positions *= prod(old[axis] for axis in copied)
    return ChannelLayout(positions, axes, repeated=frozenset(repeated))


def _reduced_layout(old: NumericShape, new: NumericShape, before: ChannelLayout) -> ChannelLayout:
    """The layout after a reduction dropped axes; the sizes tell which, unless some are equal."""
    (channels,) = before.axes
    found = {
        channels - sum(axis < channels for axis in dropped)
        for dropped in dropped_axes(old, new)
        if channels not in dropped
    }
    if len(found) != 1:
        return ChannelLayout(before.positions)
    positions = before.positions * Fraction(prod(new), prod(old)) if prod(old) else before.positions
    return ChannelLayout(positions, frozenset(found))


def _transformed_layout(op: OpTraits, new: NumericShape, before: ChannelLayout) -> ChannelLayout:
    """The spectrum of an image, or the image of a spectrum, which may have another size."""
    if op.transform == "to_spectrum":
        return replace(before, spectrum=True)
    axes = before.axes
    image = layout_with_channels(new, min(axes)) if axes else ChannelLayout(before.positions)
    return replace(image, axes=axes)


def _rearranged_axes(
    op: OpTraits, old: NumericShape, new: NumericShape, axes: frozenset[int]
) -> frozenset[int]:
    """Where the channels are after a permutation, or after a reshape that splits or merges axes."""
    if op.permutes:
        sizes = {old[axis] for axis in axes}
        return frozenset(axis for axis, size in enumerate(new) if size in sizes)
    around = {(prod(old[:axis]), prod(old[axis + 1 :])) for axis in axes}
    new_around = ((prod(new[:axis]), prod(new[axis + 1 :])) for axis in range(len(new)))
    return frozenset(axis for axis, sizes in enumerate(new_around) if sizes in around)


def _resized_layout(
    op: OpTraits, old: NumericShape, new: NumericShape, before: ChannelLayout
) -> ChannelLayout:
    """After a step between shapes of one rank: a crop changes positions, a cat the channels."""
    concatenates = _concatenates(op)
    axis = min(before.axes, key=lambda axis: ((old[axis] != new[axis]) != concatenates, axis))
    old_count = layout_with_channels(old, axis).positions
    new_count = layout_with_channels(new, axis).positions
    scaled = before.positions * new_count / old_count if old_count else new_count
    return ChannelLayout(scaled, frozenset((axis,)))


def layout_before_permutation(step: Step, after: ChannelLayout) -> ChannelLayout:
    """Return the layout of the input of a permutation by that of its output."""
    old, new = numeric_shape(step.inputs[0]), numeric_shape(step.outputs[0])
    axes = _rearranged_axes(traits(step.op), new, old, after.axes)
    return ChannelLayout(after.positions, axes)


def is_coarser(one: Fraction, other: Fraction) -> bool:
    """Whether one number of positions is a lower resolution than another.

    A convolution without padding loses a margin, which makes no lower resolution: one is coarser if
    it has at most two thirds of the positions of the other.
    """
    # Integers, because this is asked of every step and candidate.
    return 3 * one.numerator * other.denominator <= 2 * other.numerator * one.denominator


def values_sharing_axes(step: Step) -> Iterable[Value]:
    """Return the inputs and outputs of a step that have their channels on one and the same axis.

    These are the values with the shape of the result, and the parts of a concatenation.
    """
    outputs = [value for value in step.outputs if value.shape]
    if not outputs:
        return ()
    shape = outputs[0].shape
    most_differing = 1 if _concatenates(traits(step.op)) else 0
    alike = [value for value in step.inputs if _is_alike(value.shape, shape, most_differing)]
    return (*alike, *(value for value in outputs if value.shape == shape))


def _is_alike(shape: tuple[object, ...], other: tuple[object, ...], most_differing: int) -> bool:
    if len(shape) != len(other):
        return False
    return sum(a != b for a, b in zip(shape, other, strict=True)) <= most_differing


def _concatenates(op: OpTraits) -> bool:
    return op.join is not None and op.join.mode == "concatenate"
