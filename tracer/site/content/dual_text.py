"""Text that a page shows in two ways: with the numbers of the run, and as a formula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.record import Trace, Value
from tracer.render import number_format


@dataclass(frozen=True, slots=True)
class DualText:
    """A shape, a size or a cost as a number and as a formula; equal if nothing varies."""

    numbers: str
    formulas: str

    @property
    def is_same(self) -> bool:
        """Whether both texts are equal."""
        return self.numbers == self.formulas


class DualShapes:
    """Formats the shapes of a trace's tensors as numbers and as formulas.

    Args:
        formulas: The same trace with formulas for sizes.
    """

    def __init__(self, formulas: Trace) -> None:
        self._formulas = {value.name: value for value in _values(formulas)}

    def of(self, value: Value) -> DualText:
        """Return the shape of a tensor; one without a formula has the same text twice."""
        formula = self._formulas.get(value.name, value)
        return DualText(number_format.shape_of(value), number_format.shape_of(formula))

    def all_of(self, values: Iterable[Value]) -> tuple[DualText, ...]:
        """Return the shapes of several tensors."""
        return tuple(map(self.of, values))

    def first_of(self, values: tuple[Value, ...]) -> DualText:
        """Return the first shape, and how many more there are."""
        formulas = tuple(self._formulas.get(value.name, value) for value in values)
        return DualText(
            number_format.first_shape_of(values), number_format.first_shape_of(formulas)
        )


def _values(trace: Trace) -> Iterable[Value]:
    yield from trace.inputs
    for step in trace.steps:
        yield from (*step.inputs, *step.outputs)
