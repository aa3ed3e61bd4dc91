"""What a page shows in two ways: with the numbers of the run, and as a formula of its sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tracer.record import Dim, Trace, Value
from tracer.render import number_format


@dataclass(frozen=True, slots=True)
class DualText:
    """A shape, a size or a cost, both ways; the same twice where nothing varies."""

    numbers: str
    formulas: str

    @property
    def is_same(self) -> bool:
        """Whether there is but one way to write it."""
        return self.numbers == self.formulas


def once(text: str) -> DualText:
    """What is written in one way only."""
    return DualText(text, text)


def both(write: Callable[[Dim], str], numbers: Dim, formulas: Dim) -> DualText:
    """A number and its formula, written alike."""
    return DualText(write(numbers), write(formulas))


class Shapes:
    """The shapes of the tensors of a trace, with those of the same trace in formulas."""

    def __init__(self, formulas: Trace) -> None:
        self._formulas = {value.name: value for value in _values(formulas)}

    def of(self, value: Value) -> DualText:
        """The shape of a tensor; one that the formulas do not know is the same in both."""
        formula = self._formulas.get(value.name, value)
        return DualText(number_format.shape_of(value), number_format.shape_of(formula))

    def all_of(self, values: Iterable[Value]) -> tuple[DualText, ...]:
        """The shapes of several tensors."""
        return tuple(map(self.of, values))

    def first_of(self, values: tuple[Value, ...]) -> DualText:
        """The first shape, and how many more there are."""
        formulas = tuple(self._formulas.get(value.name, value) for value in values)
        return DualText(
            number_format.first_shape_of(values), number_format.first_shape_of(formulas)
        )


def _values(trace: Trace) -> Iterable[Value]:
    yield from trace.inputs
    for step in trace.steps:
        yield from (*step.inputs, *step.outputs)
