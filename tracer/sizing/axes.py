"""Names for the sizes of a model's inputs, and the shapes that the inputs have at other sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tracer.algebra.polynomial import Formula
from tracer.errors import TraceError
from tracer.record import Value
from tracer.sizing.runner import InputTensors, TensorShape

BATCH = "B"

OTHER_AXES = frozenset("CDHLTW")
"""Usual names of axes that are not the batch, wherever they stand."""

AxisFormulas = Mapping[str, tuple[Formula, ...]]
"""The formula of each axis of a tensor, by the name of the tensor."""

AxisSizes = Mapping[str, int]
"""Sizes by name: ``{"B": 2, "H": 64}``."""


@dataclass(frozen=True)
class Axes:
    """The inputs of a model, with names for those of their sizes that may vary.

    `inputs` are the tensors as given, `formulas` say how the axes of each follow from named sizes.
    `settings` are named numbers that the model is built with. `sizes` are all named sizes as given.
    A size in `fixed` stays as given; one in `ties` always equals the size that it maps to.

    Make one with `Axes.of`, which checks that the formulas fit the inputs.
    """

    inputs: InputTensors
    formulas: AxisFormulas
    sizes: AxisSizes
    settings: Mapping[str, int] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    ties: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(inputs: InputTensors, formulas: AxisFormulas) -> Axes:
        """Axes with all sizes free to vary. Raises TraceError if formulas do not fit the inputs.

        >>> x = Value("x", (2, 3, 8, 8), "float32")
        >>> batch, height, width = map(Formula.symbol, ("B", "H", "W"))
        >>> axes = Axes.of({"x": (x,)}, {"x": (batch, Formula.of(3), height, width)})
        >>> axes.sizes, axes.shapes({"H": 16})
        ({'B': 2, 'H': 8, 'W': 8}, {'x': (2, 3, 16, 8)})
        """
        pairs = list(_axis_pairs(inputs, formulas))
        sizes: dict[str, int] = {}
        for formula, size in pairs:
            if is_name(formula):
                sizes.setdefault(str(formula), size)
        for formula, size in pairs:
            _check(formula, size, sizes)
        return Axes(inputs, formulas, sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sizes that may vary."""
        return tuple(one for one in self.sizes if one not in self.fixed and one not in self.ties)

    @property
    def batch(self) -> str | None:
        """The name of the first axis of the main input, the first of the highest rank.

        None if that axis has no name of its own, or one that is usual for another axis.
        """
        named = [one for one in tensors_of(self.inputs) if self.formulas.get(one.name)]
        main = max(named, key=lambda one: len(one.shape), default=None)
        first = self.formulas[main.name][0] if main else None
        if first is None or not is_name(first) or str(first).upper() in OTHER_AXES:
            return None
        return str(first)

    def with_settings(self, settings: Mapping[str, int]) -> Axes:
        """The same axes, and the numbers that the model is built with as further sizes.

        An axis that has the name of a setting varies with it. Raises TraceError if their sizes
        differ.
        """
        for name in settings.keys() & self.sizes.keys():
            if settings[name] != self.sizes[name]:
                raise TraceError(
                    f"{name} is {settings[name]}, but the axis of the inputs that is named {name} "
                    f"is {self.sizes[name]}. Give that axis another name."
                )
        return replace(self, settings=dict(settings), sizes={**self.sizes, **settings})

    def all_sizes(self, sizes: AxisSizes) -> dict[str, int]:
        """Every size, where some are these, fixed and tied ones follow, and others are as given."""
        found = {**self.sizes, **sizes} | {name: self.sizes[name] for name in self.fixed}
        return found | {name: found[to] for name, to in self.ties.items()}

    def fix(self, name: str) -> Axes:
        """The same axes, with one size that stays as given."""
        return replace(self, fixed=self.fixed | {name})

    def tie(self, name: str, to: str) -> Axes:
        """The same axes, with one size that always equals another."""
        return replace(self, ties={**self.ties, name: to})

    def free(self) -> Axes:
        """The same axes, with all sizes free to vary by themselves."""
        return replace(self, fixed=frozenset(), ties={})

    def rebase(self, sizes: AxisSizes) -> Axes:
        """The same names for inputs of other sizes, which then count as given; all are free."""
        return Axes.of(self.inputs_at(self.shapes(sizes)), self.formulas)

    def shapes(self, sizes: AxisSizes) -> dict[str, TensorShape]:
        """The shape of each input tensor at these sizes, others as given."""
        known = self.all_sizes(sizes)
        named = {
            name: tuple(int(formula.evaluate(known)) for formula in formulas)
            for name, formulas in self.formulas.items()
        }
        return {one.name: named.get(one.name, one.shape) for one in tensors_of(self.inputs)}

    def settings_at(self, sizes: AxisSizes) -> dict[str, int]:
        """The numbers that the model is built with at these sizes."""
        known = self.all_sizes(sizes)
        return {name: known[name] for name in self.settings}

    def inputs_at(self, shapes: Mapping[str, TensorShape]) -> InputTensors:
        """The tensors of the inputs, with other shapes by the names of the tensors."""
        return {
            argument: tuple(replace(one, shape=shapes.get(one.name, one.shape)) for one in tensors)
            for argument, tensors in self.inputs.items()
        }

    def by_input(self) -> dict[str, tuple[str, ...]]:
        """The axes of the first tensor of each input, if they have names, as a user writes them."""
        return {
            argument: tuple(map(str, self.formulas[tensors[0].name]))
            for argument, tensors in self.inputs.items()
            if tensors and tensors[0].name in self.formulas
        }


def is_name(axis: Formula) -> bool:
    """Whether the formula of an axis is a name by itself."""
    return axis == Formula.symbol(str(axis))


def tensors_of(inputs: InputTensors) -> list[Value]:
    """The tensors of all inputs, one that is given twice once."""
    return list({one.name: one for tensors in inputs.values() for one in tensors}.values())


def int_shape(tensor: Value) -> tuple[int, ...]:
    """The shape of an input tensor, which is made of numbers."""
    return tuple(map(int, tensor.shape))


def _axis_pairs(inputs: InputTensors, formulas: AxisFormulas) -> Iterator[tuple[Formula, int]]:
    """The formula of each named axis with its size as given."""
    for tensor in tensors_of(inputs):
        if tensor.name in formulas:
            yield from zip(formulas[tensor.name], int_shape(tensor), strict=True)


def _check(formula: Formula, size: int, sizes: AxisSizes) -> None:
    missing = formula.names - sizes.keys()
    if missing:
        name = min(missing)
        raise TraceError(f"{name} occurs only inside {formula}: name an axis {name} by itself.")
    value = formula.evaluate(sizes)
    if value == size:
        return
    if formula.names:
        raise TraceError(
            f"An axis of size {size} is named {formula}, but {formula} is {value}. Give axes of "
            "different sizes different names, or give other inputs."
        )
    raise TraceError(f"The axis named {value} has size {size}. Correct the names.")
