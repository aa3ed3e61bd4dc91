"""What a page shows in two ways: with the numbers of the run, and as a formula of its sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tracer.record import Dim, Trace, Value
from tracer.render import figures


@dataclass(frozen=True, slots=True)
class Written:
    """A shape, a size or a cost, both ways; the same twice where nothing varies."""

    numbers: str
    formulas: str

    @property
    def is_same(self) -> bool:
        """Whether there is but one way to write it."""
        return self.numbers == self.formulas


def once(text: str) -> Written:
    """What is written in one way only."""
    return Written(text, text)


def both(write: Callable[[Dim], str], numbers: Dim, formulas: Dim) -> Written:
    """A number and its formula, written alike."""
    return Written(write(numbers), write(formulas))


class Shapes:
    """The shapes of the tensors of a trace, with those of the same trace in formulas."""

    def __init__(self, formulas: Trace) -> None:
        self._formulas = {value.name: value for value in _values(formulas)}

    def of(self, value: Value) -> Written:
        """The shape of a tensor; one that the formulas do not know is the same in both."""
        formula = self._formulas.get(value.name, value)
        return Written(figures.shape_of(value), figures.shape_of(formula))

    def all_of(self, values: Iterable[Value]) -> tuple[Written, ...]:
        """The shapes of several tensors."""
        return tuple(map(self.of, values))

    def first_of(self, values: tuple[Value, ...]) -> Written:
        """The first shape, and how many more there are."""
        formulas = tuple(self._formulas.get(value.name, value) for value in values)
        return Written(figures.first_shape_of(values), figures.first_shape_of(formulas))


def _values(trace: Trace) -> Iterable[Value]:
    yield from trace.inputs
    for step in trace.steps:
        yield from (*step.inputs, *step.outputs)
