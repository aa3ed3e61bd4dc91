"""The formulas of all numbers of a trace: the dimensions of its values and the FLOPs of its steps.

Numbers that are alike in every sample share one formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from tracer.algebra.polynomial import Formula
from tracer.record import Trace, Value
from tracer.sizing.axes import AxisSizes
from tracer.sizing.divergence import describe_step
from tracer.sizing.fit import Fit
from tracer.sizing.runner import Sample, values_of
from tracer.sizing.sampling import Integers, SampleSet

ShapeNumbers = Mapping[str, list[Integers]]
FormulaByNumbers = dict[Integers, Formula | None]


@dataclass(frozen=True, slots=True)
class SizeFormulas:
    """The numbers of a trace over some samples, and the formula of each where one was found.

    `shapes` holds the dimensions of each value by its name, `flops` those of each step. Numbers in
    `from_values` follow from the values of tensors, not from sizes.
    """

    base: Trace
    shapes: ShapeNumbers
    flops: list[Integers]
    by_numbers: Mapping[Integers, Formula | None]
    from_values: frozenset[Integers] = frozenset()

    @property
    def found(self) -> list[Formula]:
        """The formulas that were found."""
        return [formula for formula in self.by_numbers.values() if formula is not None]

    @property
    def missing(self) -> int:
        """How many numbers have no formula, although they follow from sizes."""
        without = (one for one, formula in self.by_numbers.items() if formula is None)
        return sum(numbers not in self.from_values for numbers in without)

    def mismatch(self, sample: Sample, sizes: AxisSizes) -> str | None:
        """Where a further sample has another number than its formula gives; None if nowhere."""
        expected = {
            numbers: formula.evaluate(sizes)
            for numbers, formula in self.by_numbers.items()
            if formula is not None
        }
        return self._shape_difference(sample, expected) or self._cost_difference(sample, expected)

    def unsolved_change(self, sample: Sample) -> str | None:
        """Where a sample has another size than the base that has no formula; None if nowhere."""
        unsolved = (one for one, formula in self.by_numbers.items() if formula is None)
        expected = {one: Fraction(one[0]) for one in unsolved if one not in self.from_values}
        return self._shape_difference(sample, expected)

    def _shape_difference(
        self, sample: Sample, expected: Mapping[Integers, Fraction]
    ) -> str | None:
        for name, shape in self.shapes.items():
            for numbers, size in zip(shape, sample.shape(name) or (), strict=True):
                if expected.get(numbers, size) != size:
                    number = self.base.producers.get(name)
                    step = None if number is None else self.base.steps[number]
                    return f"{describe_step(step)} makes {size}, not {expected[numbers]}"
        return None

    def _cost_difference(self, sample: Sample, expected: Mapping[Integers, Fraction]) -> str | None:
        for step, numbers, cost in zip(self.base.steps, self.flops, sample.flops, strict=True):
            if expected.get(numbers, cost or 0) != (cost or 0):
                return f"{describe_step(step)} costs {cost or 'nothing'}, not {expected[numbers]}"
        return None


def read_formulas(base: Trace, samples: SampleSet) -> SizeFormulas:
    """Read the formulas of all numbers off samples.

    Each number is first tried by itself. Where some have no formula, each is tried again as made
    of the formulas of the inputs and outputs of the step that made it, in the order of the steps.
    """
    shapes = {value.name: samples.shapes(value.name) for value in values_of(base)}
    flops = [samples.flops(number) for number in range(len(base.steps))]
    fit = Fit(samples.sizes, samples.names, samples.first)
    numbers = dict.fromkeys(chain(*shapes.values(), flops))
    found: FormulaByNumbers = {one: fit.formula(one) for one in numbers}
    if None in found.values():
        _read_by_steps(base, shapes, flops, fit, found)
    from_values = frozenset(filter(samples.depends_on_values, found))
    return SizeFormulas(base, shapes, flops, found, from_values)


def _read_by_steps(
    base: Trace, shapes: ShapeNumbers, flops: list[Integers], fit: Fit, found: FormulaByNumbers
) -> None:
    """Add the formulas that follow from those of what a step reads and makes to `found`."""

    def known(values: tuple[Value, ...]) -> Iterator[Formula]:
        for value in values:
            for numbers in shapes.get(value.name, ()):
                formula = found[numbers]
                if formula is not None:
                    yield formula

    for step, cost in zip(base.steps, flops, strict=True):
        read = list(known(step.inputs))
        made = (numbers for value in step.outputs for numbers in shapes[value.name])
        for numbers in made:
            found[numbers] = found[numbers] or fit.formula(numbers, read)
        found[cost] = found[cost] or fit.formula(cost, [*read, *known(step.outputs)])
