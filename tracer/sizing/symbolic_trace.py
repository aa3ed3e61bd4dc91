"""A trace whose sizes are formulas, read off samples at other sizes and proved on them.

Every size of every tensor, and every count of FLOPs, has to be the value of its formula in all
samples, at other batches and at images that are not square, and all of them have to run the same
operations in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from tracer.algebra.polynomial import Formula, as_dim
from tracer.algebra.substitute import StepCost, resized
from tracer.from_torch.capture.recording import Recording, named_inputs, no_collection
from tracer.from_torch.runs.axis_names import Axes, proposed_axes
from tracer.from_torch.runs.model_factory import ModelFactory
from tracer.from_torch.runs.runner import ModelRunner, Sample, is_costly, sample_of, values_of
from tracer.record import Dim, Step, Symbol, Trace, Value
from tracer.sizing.divergence import where
from tracer.sizing.fit import AxisSizes, Fit
from tracer.sizing.sampling import Integers, Sampling
from tracer.sizing.step_search import started, stays
from tracer.target_spec import Dims

PRODUCTS, SUMS = 4, 6
"""How many samples a product of known sizes needs, and how many a sum over products."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What is to vary: axes of the inputs by their names, and numbers that the model is built with.

    `dims` names axes, ``{"x": ("B", 3, "H", "W")}``; without it the batch and the axes of space are
    named.
    """

    dims: Dims | None = None
    varied: ModelFactory | None = None


def to_symbolic(
    recording: Recording, inputs: Any, base: Trace, naming: Naming | None = None
) -> Trace:
    """`base`, the trace of a recording that was made on `inputs`, with formulas for sizes.

    Raises TraceError for names that do not fit the inputs. A size that cannot be varied
    stays a number, and one that no formula was found for gets a name of its own; notes say so.
    """
    naming = naming or Naming()
    proposals = proposed_axes(named_inputs(recording.model, inputs), naming.dims)
    if naming.varied is not None:
        proposals = [axes.with_more(naming.varied.values) for axes in proposals]
    runs = ModelRunner(recording.model, inputs, proposals[0], costly=is_costly(recording))
    runs.varied = naming.varied
    with no_collection():
        found = _found(runs, proposals, base)
    return replace(found, notes=(*found.notes, *_counted(naming)))


def _found(runs: ModelRunner, proposals: list[Axes], base: Trace) -> Trace:
    """The trace with formulas of as many sizes as can be varied."""
    first, notes = sample_of(base), list[str]()
    while True:
        sampling = started(runs, proposals, base, first)
        sampling.notes[:0] = notes
        if not sampling.axes.names:
            return _named(base, sampling, [], [])
        formulas = FormulaSearch(sampling, base)
        wrong = formulas.proved()
        if wrong is None:
            return formulas.written()
        axes, notes = sampling.axes, sampling.notes
        for name, reason in (sampling.culprits() or dict.fromkeys(axes.names, wrong)).items():
            notes.append(stays(name, axes.sizes[name], reason))
            axes = axes.fixed(name)
        proposals = [axes]


def _counted(naming: Naming) -> Iterator[str]:
    """What is no formula, although the model varies."""
    if naming.varied is not None:
        values = ", ".join(f"{name} = {value}" for name, value in naming.varied.values.items())
        yield f"Parameters are counted for {values}."


def _named(
    base: Trace, sampling: Sampling, symbols: Iterable[Symbol], notes: Iterable[str]
) -> Trace:
    """A trace with the symbols of a sampling, and more."""
    axes = sampling.axes
    known = [
        Symbol(name, size, sampling.steps[name] if name in axes.names else 0)
        for name, size in axes.sizes.items()
        if not axes.is_tied(name)
    ]
    return replace(base, symbols=(*known, *symbols), notes=(*base.notes, *sampling.notes, *notes))


class FormulaSearch:
    """The formulas of a sampling: of each size of each value, and of the FLOPs of each step."""

    def __init__(self, sampling: Sampling, base: Trace) -> None:
        self._sampling = sampling
        self._base = base

    def proved(self) -> str | None:
        """Find formulas, take the samples that prove them, and say what is wrong if one fails."""
        sampling = self._sampling
        self._read()
        for enough in (PRODUCTS, SUMS):
            if not self._missing or not sampling.more(enough):
                break
            self._read()
        while sampling.misread(self._formulas, self._differs):
            self._read()
        wrong = sampling.refine(self._formulas, self._differs)
        if wrong is None and sampling.costly:
            wrong = sampling.prove_on_other_numbers()
        if wrong is None and (sampling.refuted or self._missing):
            self._read()
        return wrong

    def _read(self) -> None:
        """Find the formulas of all numbers: by themselves, and where need be by what made them."""
        sampling, base = self._sampling, self._base
        self._shapes = {value.name: sampling.shapes(value.name) for value in values_of(base)}
        self._flops = [sampling.flops(number) for number in range(len(base.steps))]
        self._fit = Fit(sampling.sizes, sampling.axes.names, sampling.first)
        self._found: dict[Integers, Formula | None] = {
            numbers: self._fit.formula(numbers)
            for numbers in dict.fromkeys(chain(*self._shapes.values(), self._flops))
        }
        if self._missing:
            self._read_by_steps()

    @property
    def _formulas(self) -> list[Formula]:
        return [formula for formula in self._found.values() if formula is not None]

    @property
    def _missing(self) -> bool:
        return None in self._found.values()

    def _read_by_steps(self) -> None:
        for step, flops in zip(self._base.steps, self._flops, strict=True):
            parts = [formula for value in step.inputs for formula in self._known(value)]
            for value in step.outputs:
                for numbers in self._shapes[value.name]:
                    self._find(numbers, parts)
            made = [formula for value in step.outputs for formula in self._known(value)]
            self._find(flops, [*parts, *made])

    def _known(self, value: Value) -> list[Formula]:
        found = (self._found[numbers] for numbers in self._shapes.get(value.name, ()))
        return [formula for formula in found if formula is not None]

    def _find(self, numbers: Integers, parts: list[Formula]) -> None:
        if self._found[numbers] is None:
            self._found[numbers] = self._fit.formula(numbers, parts)

    def _differs(self, sample: Sample, sizes: AxisSizes) -> str | None:
        """Where a further sample has another number than its formula says."""
        expected = {
            numbers: formula.evaluate(sizes)
            for numbers, formula in self._found.items()
            if formula is not None
        }
        for name, shape in self._shapes.items():
            for numbers, size in zip(shape, sample.shape(name) or (), strict=True):
                if expected.get(numbers, size) != size:
                    number = self._base.producers.get(name)
                    step = None if number is None else self._base.steps[number]
                    return f"{where(step)} makes {size}, not {expected[numbers]}"
        for step, numbers, cost in zip(self._base.steps, self._flops, sample.flops, strict=True):
            if expected.get(numbers, cost) != (cost or 0):
                return f"{where(step)} costs {cost or 'nothing'}, not {expected[numbers]}"
        return None

    def written(self) -> Trace:
        """The trace with formulas for sizes; what has none gets a name."""
        base, writing = self._base, Writing(self._found)
        values = {
            value.name: writing.value(value, self._shapes[value.name], step)
            for step in (None, *base.steps)
            for value in ((*step.outputs, *step.weights) if step else base.inputs)
        }
        costs = [writing.cost(*pair) for pair in zip(base.steps, self._flops, strict=True)]
        found = resized(base, lambda one: values.get(one.name, one), lambda n, _: costs[n])
        return _named(found, self._sampling, writing.symbols, writing.notes)


class Writing:
    """Formulas as a record holds them. What varies and has no formula gets a name of its own."""

    def __init__(self, found: Mapping[Integers, Formula | None]) -> None:
        self.symbols: list[Symbol] = []
        self.notes: list[str] = []
        self._dims = {one: as_dim(formula) for one, formula in found.items() if formula is not None}

    def value(self, value: Value, shape: Iterable[Integers], step: Step | None) -> Value:
        """A value with formulas for the sizes that it has in the samples."""
        return Value(value.name, tuple(self._dim(one, step) for one in shape), value.dtype)

    def cost(self, step: Step, flops: Integers) -> StepCost:
        """The formula of the FLOPs of a step."""
        return None if step.flops is None else self._dim(flops, step)

    def _dim(self, numbers: Integers, step: Step | None) -> Dim:
        found = self._dims.get(numbers)
        if found is None:
            found = self._dims[numbers] = self._symbol(numbers[0], step)
        return found

    def _symbol(self, size: int, step: Step | None) -> str:
        """A new name for a size that a step made, or for its FLOPs."""
        name = f"u{len(self.symbols) + 1}"
        self.symbols.append(Symbol(name, size, 0))
        self.notes.append(f"{name} is {size} here, and no formula of the sizes: {where(step)}.")
        return name
