"""The names that the axes of a model's inputs may have: those that a user gives, or the usual ones.

The input with the most likely layout names the others: an axis of the same size at the same
position shares its name. Several namings may fit, so candidates are ordered from the most likely
on, and runs decide between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tracer.algebra.polynomial import Formula, parse
from tracer.errors import TraceError, suggestion
from tracer.record import Value
from tracer.sizing.axes import BATCH, Axes, AxisFormulas, int_shape, is_name, tensors_of
from tracer.sizing.runner import InputTensors
from tracer.target_spec import Dims

LAYOUTS = {
    1: ("B",),
    2: ("B L", "B C"),
    3: ("B C L", "B N C", "C H W"),
    4: ("B C H W", "B H W C"),
    5: ("B C D H W", "B T C H W", "B D H W C"),
}
"""The usual names of the axes of the main input, by its rank; C, the channels, does not vary."""

CHANNEL_AXIS = "C"
IMAGE_RANK = 3
"""The lowest rank of an image: an input of this rank or more is the main one."""

FRAME_AXES = ("D", "T")
"""Axes that a model may fold into the batch."""

SAME_MULTIPLE_OR_PART, SAME_SIZE, MAIN_ONLY = 0, 1, 2
"""Which axes of other inputs share the names of the main one, from the most names to the fewest:
those of its size, twice and half of it; those of its size; none."""


def propose_axes(
    inputs: InputTensors, dims: Dims | None = None, settings: Mapping[str, int] | None = None
) -> list[Axes]:
    """The ways to name the axes of the inputs, the most likely first.

    Args:
        inputs: The tensors of each argument of the model.
        dims: Names that the user gives, ``{"x": ("B", 3, "H", "W")}``; every candidate has them.
        settings: Numbers that the model is built with, which vary by their own names.

    Returns:
        At least one candidate. One without any names is returned if no tensor has an axis.

    Raises:
        TraceError: `dims` do not fit the inputs.

    >>> image, step = Value("x", (2, 3, 8, 8), "float32"), Value("t", (2,), "int64")
    >>> propose_axes({"x": (image,), "t": (step,)})[0].by_input()
    {'x': ('B', '3', 'H', 'W'), 't': ('B',)}
    """
    given = dict(_given_formulas(inputs, dims or {}))
    only_given = Axes.of(inputs, given)
    tensors = [tensor for tensor in tensors_of(inputs) if tensor.shape]
    found: list[Axes] = []
    for main, layout in _main_layouts(tensors, given):
        for strictness in (SAME_MULTIPLE_OR_PART, SAME_SIZE, MAIN_ONLY):
            guessed = LayoutGuess(main, layout, strictness).formulas(tensors)
            axes = _fitting(inputs, {**guessed, **given}, must_fit=not given)
            if axes is not None and axes not in found:
                found.append(axes)
    return [axes.with_settings(settings or {}) for axes in found or [only_given]]


def fit_inputs_to_main(axes: Axes, *, same_size: bool) -> Axes:
    """Axes of inputs that fit the main one, the tensor of the highest rank.

    Other tensors of that rank get its batch, and in space the size of its that is the nearest
    multiple or part or, with `same_size`, exactly its size.
    """
    tensors = [one for one in tensors_of(axes.inputs) if one.shape]
    main = int_shape(max(tensors, key=lambda one: len(one.shape))) if tensors else ()
    shapes = {
        one.name: (
            *main[:1],
            *int_shape(one)[1:2],
            *(
                size if same_size else _nearest_multiple_or_part(own, size)
                for own, size in zip(int_shape(one)[2:], main[2:], strict=True)
            ),
        )
        for one in tensors
        if len(one.shape) == len(main)
    }
    return propose_axes(axes.inputs_at(shapes))[0]


def _nearest_multiple_or_part(size: int, main: int) -> int:
    if not (size and main):
        return main
    return main // round(main / size) if size < main else main * round(size / main)


def _fitting(inputs: InputTensors, formulas: AxisFormulas, *, must_fit: bool) -> Axes | None:
    """Axes with these formulas; None if guesses contradict names that the user gave."""
    try:
        return Axes.of(inputs, formulas)
    except TraceError:
        if must_fit:
            raise
        return None


def _main_layouts(
    tensors: list[Value], given: AxisFormulas
) -> Iterator[tuple[Value, tuple[str, ...]]]:
    """The input that others are named after, with each list of names its axes may have."""
    images = [one for one in tensors if len(one.shape) >= IMAGE_RANK]
    batch = next((axes[0] for axes in given.values() if axes and is_name(axes[0])), BATCH)
    for main in (images or tensors)[:1]:
        if main.name in given:
            axes = given[main.name]
            yield main, tuple(str(axis) if is_name(axis) else CHANNEL_AXIS for axis in axes)
            continue
        for layout in _usual_layouts(main):
            yield main, tuple(str(batch) if name == BATCH else name for name in layout)


def _usual_layouts(main: Value) -> Iterator[list[str]]:
    shape, rank = int_shape(main), len(main.shape)
    if rank == IMAGE_RANK and "float" not in main.dtype:
        yield [BATCH, "H", "W"]  # an image of token indices has no channels
    for layout in map(str.split, LAYOUTS.get(rank, (BATCH,))):
        channels_last = layout[-1] == CHANNEL_AXIS and rank > IMAGE_RANK
        if not channels_last or shape[-1] < min(shape[1:-1]):
            yield layout


def _given_formulas(inputs: InputTensors, dims: Dims) -> Iterator[tuple[str, tuple[Formula, ...]]]:
    """The formulas that the user gives, by the name of the tensor."""
    for argument, axes in dims.items():
        if argument not in inputs:
            known = suggestion(argument, inputs)
            raise TraceError(f'The model has no input "{argument}" to name the axes of. {known}')
        tensor = next(iter(inputs[argument]), None)
        if tensor is None or len(tensor.shape) != len(axes):
            rank = "no tensor" if tensor is None else f"{len(tensor.shape)} axes"
            raise TraceError(f'"{argument}" has {rank}, but {len(axes)} are named.')
        yield tensor.name, tuple(map(_formula, axes))


def _formula(axis: str | int) -> Formula:
    try:
        return parse(str(axis))
    except ValueError as error:
        raise TraceError(f"An axis is a name, a number or a formula such as B*T: {error}") from None


@dataclass(frozen=True, slots=True)
class LayoutGuess:
    """Names for the axes of all inputs, if those of the main one are called `layout`.

    `strictness` says which axes of other inputs share these names.
    """

    main: Value
    layout: tuple[str, ...]
    strictness: int

    def formulas(self, tensors: Iterable[Value]) -> AxisFormulas:
        """The formulas of the axes of every tensor that the guess covers."""
        covered = (
            one for one in tensors if one.name == self.main.name or self.strictness < MAIN_ONLY
        )
        return {one.name: self._axes(one) for one in covered}

    def _axes(self, tensor: Value) -> tuple[Formula, ...]:
        shape = int_shape(tensor)
        if len(shape) == len(self.main.shape):
            return tuple(self._axis(position, size) for position, size in enumerate(shape))
        return (self._batch(shape[0]), *map(Formula.of, shape[1:]))

    def _axis(self, position: int, size: int) -> Formula:
        """A size as that of the main input on this axis, or as a multiple or a part of it."""
        name = self.layout[position] if position < len(self.layout) else CHANNEL_AXIS
        if name == CHANNEL_AXIS:
            return Formula.of(size)
        if position == 0:
            return self._batch(size)
        main = int_shape(self.main)[position]
        divides = size and main and (size % main == 0 or main % size == 0)
        if size == main or (divides and self.strictness == SAME_MULTIPLE_OR_PART):
            return Formula.symbol(name) * Fraction(size, main or 1)
        return Formula.of(size)

    def _batch(self, size: int) -> Formula:
        """The batch, or the batch times frames where those are folded into it."""
        name, batch = self.layout[0], int_shape(self.main)[0]
        if name == CHANNEL_AXIS:
            return Formula.of(size)
        if size == batch:
            return Formula.symbol(name)
        for position, frames in enumerate(self.layout[1:3], 1):
            folded = size == batch * int_shape(self.main)[position]
            if folded and frames in FRAME_AXES and self.strictness == SAME_MULTIPLE_OR_PART:
                return Formula.symbol(name) * Formula.symbol(frames)
        return Formula.of(size)
