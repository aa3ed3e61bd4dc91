"""Which axes of the inputs are free to vary, and what their sizes are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from tracer.algebra.polynomial import Formula, parse
from tracer.errors import TraceError, suggestion
from tracer.from_torch.capture.pytree import map_tensors, tensors_in
from tracer.target_spec import Dims

Axis = str | int
LAYOUTS = {
    1: ("B",),
    2: ("B L", "B C"),
    3: ("B C L", "B N C", "C H W"),
    4: ("B C H W", "B H W C"),
    5: ("B C D H W", "B T C H W", "B D H W C"),
}
"""How the axes of the main input may be called, by their number; C, the channels, does not vary."""

BATCH, CHANNEL_AXIS = "B", "C"
FEATURE_MAP_RANK = 3
TIME = ("D", "T")

CERTAIN = 2
"""How little of other inputs may be guessed: 0 gives names also to axes that are twice or half as
long as one of the main input, 1 to those that are as long, and 2 to none."""


class Axes:
    """The inputs of a model, with names for those of their sizes that may vary.

    `sizes` are the sizes by name as given. Raises TraceError for names that do not fit the inputs.
    """

    def __init__(self, inputs: Mapping[str, Any], names: AxisFormulas) -> None:
        self._inputs = inputs
        self._formulas = dict(names)
        self._fixed: dict[str, int] = {}
        self._tied: dict[str, str] = {}
        self.extra: dict[str, int] = {}
        """Sizes that are those of no axis."""
        self.sizes: dict[str, int] = {}
        for shape in self._shapes():
            for formula, size in shape:
                self._note(formula, size)
        for shape in self._shapes():
            for formula, size in shape:
                self._check(formula, size)

    def _shapes(self) -> Iterator[list[tuple[Formula, int]]]:
        """The formulas of the axes of each tensor that has names, with their sizes."""
        for tensor in tensors_in(tuple(self._inputs.values())):
            if id(tensor) in self._formulas:
                yield list(zip(self._formulas[id(tensor)], map(int, tensor.shape), strict=True))

    def _note(self, formula: Formula, size: int) -> None:
        if _is_name(formula):
            self.sizes.setdefault(str(formula), size)

    def _check(self, formula: Formula, size: int) -> None:
        missing = formula.names - self.sizes.keys()
        if missing:
            name = min(missing)
            raise TraceError(f"{name} is only a part of {formula}: name an axis {name} by itself.")
        if formula.evaluate(self.sizes) != size:
            said = formula.evaluate(self.sizes)
            raise TraceError(
                f"An axis is said to be {formula}, which is {said}, and it is {size}. Give axes of "
                "different sizes different names, or give other inputs."
                if formula.names
                else f"An axis is said to be {said}, and it is {size}. Correct the names."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sizes that may vary."""
        held = self._fixed.keys() | self._tied.keys()
        return tuple(name for name in self.sizes if name not in held)

    def with_more(self, sizes: Mapping[str, int]) -> Axes:
        """The same axes, and beside them sizes of something else, such as of the model.

        One that an axis is named after is one with it. Raises TraceError if that has another size.
        """
        for name in sizes.keys() & self.sizes.keys():
            if sizes[name] != self.sizes[name]:
                raise TraceError(
                    f"{name} is {sizes[name]}, and an axis of the inputs that is named {name} is "
                    f"{self.sizes[name]}. Name that axis otherwise."
                )
        other = copy(self)
        other.extra = dict(sizes)
        other.sizes = {**self.sizes, **sizes}
        return other

    def known(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """All sizes, where some are these, and the others as they follow or as given."""
        found = {**self.sizes, **sizes, **self._fixed}
        return found | {name: found[to] for name, to in self._tied.items()}

    def is_tied(self, name: str) -> bool:
        """Whether a size is always equal to another, and goes by that one's name."""
        return name in self._tied

    def fixed(self, name: str) -> Axes:
        """The same axes, with one size that stays as it was given."""
        other = copy(self)
        other._fixed = {**self._fixed, name: self.sizes[name]}
        return other

    def freed(self) -> Axes:
        """The same axes, with all sizes free to vary by themselves."""
        other = copy(self)
        other._fixed, other._tied = {}, {}
        return other

    def tied(self, name: str, to: str) -> Axes:
        """The same axes, with one size that is always equal to another."""
        other = copy(self)
        other._tied = {**self._tied, name: to}
        return other

    def moved(self, sizes: Mapping[str, int]) -> Axes:
        """The same names for the inputs at other sizes, which are then those that are given."""
        inputs = self.at(sizes)
        tensors = (tuple(tensors_in(tuple(one.values()))) for one in (self._inputs, inputs))
        pairs = zip(*tensors, strict=True)
        known = {id(new): self._formulas.get(id(old)) for old, new in pairs}
        return Axes(inputs, {key: names for key, names in known.items() if names is not None})

    def at(self, sizes: Mapping[str, int]) -> dict[str, Any]:
        """The inputs at these sizes, others as given; what is of another size has no data."""
        known = self.known(sizes)

        def resized(tensor: Tensor) -> Tensor:
            formulas = self._formulas.get(id(tensor))
            shape = [int(one.evaluate(known)) for one in formulas or ()]
            if formulas is None or shape == list(tensor.shape):
                return tensor
            return torch.empty(shape, dtype=tensor.dtype, device="meta")

        return {name: map_tensors(item, resized) for name, item in self._inputs.items()}

    def fitted(self, *, alike: bool = False) -> Axes:
        """The same axes of inputs of which those of as many dimensions as the first fit it.

        What is about half as large becomes half as large; `alike`, everything becomes as large.
        """
        tensors = [one for one in tensors_in(tuple(self._inputs.values())) if one.dim()]
        main = max(tensors, key=lambda one: one.dim(), default=None)

        def fits(tensor: Tensor) -> Tensor:
            if main is None or tensor.dim() != main.dim():
                return tensor
            pairs = zip(tensor.shape[2:], main.shape[2:], strict=True)
            sizes = [of if alike else _likely(size, of) for size, of in pairs]
            return torch.empty(
                (main.shape[0], tensor.shape[1], *sizes), dtype=tensor.dtype, device="meta"
            )

        inputs = {name: map_tensors(item, fits) for name, item in self._inputs.items()}
        return proposed_axes(inputs)[0]

    def written(self) -> dict[str, tuple[str, ...]]:
        """The axes of each input that is a tensor with names, by its name."""
        found = {name: next(tensors_in(item), None) for name, item in self._inputs.items()}
        return {
            name: tuple(map(str, self._formulas[id(tensor)]))
            for name, tensor in found.items()
            if tensor is not None and id(tensor) in self._formulas
        }


def _likely(size: int, of: int) -> int:
    """The whole multiple or part of a size that another is nearest to."""
    return of // round(of / size) if size < of else of * round(size / of)


AxisFormulas = Mapping[int, tuple[Formula, ...]]
"""What the axes of tensors are called, by the id of the tensor."""


def proposed_axes(inputs: Mapping[str, Any], dims: Dims | None = None) -> list[Axes]:
    """Axes with the names that may fit, the best first; those that the user gave are in all.

    Raises TraceError for names that do not fit the inputs.
    """
    given = dict(_named(inputs, dims or {}))
    last = Axes(inputs, given)
    tensors = [one for one in tensors_in(tuple(inputs.values())) if one.dim()]
    found: list[AxisFormulas] = []
    for main, layout in _layouts(tensors, given):
        for certain in range(CERTAIN + 1):
            names = {**LayoutGuess(main, layout, certain).names(tensors), **given}
            if names not in found and (not given or _fit(inputs, names)):
                found.append(names)
    return [Axes(inputs, names) for names in found] or [last]


def _fit(inputs: Mapping[str, Any], names: AxisFormulas) -> bool:
    """Whether names that were guessed get along with those that were given."""
    try:
        Axes(inputs, names)
    except TraceError:
        return False
    return True


def _layouts(tensors: list[Tensor], given: AxisFormulas) -> Iterator[tuple[Tensor, list[str]]]:
    """The input that others are named after, and what its own axes may be called."""
    maps = [one for one in tensors if one.dim() >= FEATURE_MAP_RANK]
    batch = next((axes[0] for axes in given.values() if axes and _is_name(axes[0])), None)
    for main in (maps or tensors)[:1]:
        if id(main) in given:
            names = given[id(main)]
            yield main, [str(axis) if _is_name(axis) else CHANNEL_AXIS for axis in names]
            continue
        for layout in _usual(main):
            yield main, [str(batch) if batch and name == BATCH else name for name in layout]


def _is_name(axis: Formula) -> bool:
    return axis == Formula.symbol(str(axis))


def _usual(main: Tensor) -> Iterator[list[str]]:
    if main.dim() == FEATURE_MAP_RANK and not main.is_floating_point():
        yield [BATCH, "H", "W"]  # a plane of tokens has no channels
    shape = list(map(int, main.shape))
    for layout in map(str.split, LAYOUTS.get(main.dim(), (BATCH,))):
        if (
            layout[-1] != CHANNEL_AXIS
            or main.dim() <= FEATURE_MAP_RANK
            or shape[-1] < min(shape[1:-1])
        ):
            yield layout


def _named(inputs: Mapping[str, Any], dims: Dims) -> Iterator[tuple[int, tuple[Formula, ...]]]:
    for name, axes in dims.items():
        if name not in inputs:
            known = suggestion(name, inputs)
            raise TraceError(f'The model has no input "{name}" to name the axes of. {known}')
        tensor = next(tensors_in(inputs[name]), None)
        if tensor is None or tensor.dim() != len(axes):
            rank = "no tensor" if tensor is None else f"{tensor.dim()} axes"
            raise TraceError(f'"{name}" has {rank}, and {len(axes)} are named.')
        yield id(tensor), tuple(map(_formula, axes))


def _formula(axis: Axis) -> Formula:
    try:
        return parse(str(axis))
    except ValueError as error:
        raise TraceError(f"An axis is a name, a number or a formula such as B*T: {error}") from None


@dataclass(frozen=True, slots=True)
class LayoutGuess:
    """What the axes of the inputs may be called, if those of the main one are called `layout`."""

    main: Tensor
    layout: list[str]
    certain: int

    def names(self, tensors: Iterable[Tensor]) -> AxisFormulas:
        """The names of the axes of all tensors of which anything is said."""
        known = (one for one in tensors if one is self.main or self.certain < CERTAIN)
        return {id(one): self._axes(one) for one in known}

    def _axes(self, tensor: Tensor) -> tuple[Formula, ...]:
        shape = tuple(map(int, tensor.shape))
        if tensor.dim() == self.main.dim():
            return tuple(self._like(axis, size) for axis, size in enumerate(shape))
        return (self._batch(shape[0]), *map(Formula.of, shape[1:]))

    def _like(self, axis: int, size: int) -> Formula:
        """A size as that of the main input on this axis, or a multiple or a part of it."""
        name, of = self.layout[axis : axis + 1], int(self.main.shape[axis])
        if not name or name == [CHANNEL_AXIS]:
            return Formula.of(size)
        if axis == 0:
            return self._batch(size)
        whole = size and of and (size % of == 0 or of % size == 0)
        if size == of or (whole and not self.certain):
            return Formula.symbol(name[0]) * Fraction(size, of or 1)
        return Formula.of(size)

    def _batch(self, size: int) -> Formula:
        """The batch, or batch times frames where those are folded into it."""
        name, batch, time = self.layout[0], int(self.main.shape[0]), self.layout[1:3]
        if name == CHANNEL_AXIS:
            return Formula.of(size)
        if size == batch:
            return Formula.symbol(name)
        for axis, frames in enumerate(time, 1):
            folded = size == batch * int(self.main.shape[axis])
            if folded and frames in TIME and not self.certain:
                return Formula.symbol(name) * Formula.symbol(frames)
        return Formula.of(size)
