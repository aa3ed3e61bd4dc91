"""A trace whose sizes are formulas, read off samples at other sizes and proved on them.

Every size of every tensor, and every count of FLOPs, has to be the value of its formula in all
samples, at other batches and at images that are not square, and all of them have to run the same
operations in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tracer.formulas import Formula
from tracer.from_torch.axes import Dims, proposed_axes
from tracer.from_torch.capture import Recording, named_inputs
from tracer.from_torch.fit import Fit, Sizes
from tracer.from_torch.samples import Runs, Sample, is_costly, sample_of
from tracer.from_torch.sampling import Numbers, Sampling, flat, started, stays
from tracer.record import Dim, Step, Symbol, Trace, Value
from tracer.resized import Cost, resized

PRODUCTS, SUMS = 4, 6
"""How many samples a product of known sizes needs, and how many a sum over products."""


def to_symbolic(recording: Recording, inputs: Any, base: Trace, dims: Dims | None = None) -> Trace:
    """`base`, the trace of a recording that was made on `inputs`, with formulas for sizes.

    `dims` names axes, ``{"x": ("B", 3, "H", "W")}``; without it the batch and the axes of space are
    named. Raises TraceError for names that do not fit the inputs. A size that cannot be varied
    stays a number, and one that no formula was found for gets a name of its own; notes say so.
    """
    model = recording.model
    proposals = proposed_axes(named_inputs(model, inputs), dims)
    runs = Runs(model, inputs, proposals[0], costly=is_costly(recording))
    first, notes = sample_of(base), list[str]()
    while True:
        sampling = started(runs, proposals, base, first)
        sampling.notes[:0] = notes
        if not sampling.axes.names:
            return _named(base, sampling, [], [])
        formulas = Formulas(sampling, base)
        wrong = formulas.proved()
        if wrong is None:
            return formulas.written()
        axes, notes = sampling.axes, sampling.notes
        for name, reason in (sampling.culprits() or dict.fromkeys(axes.names, wrong)).items():
            notes.append(stays(name, axes.sizes[name], reason))
            axes = axes.fixed(name)
        proposals = [axes]


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
    return replace(
        base, symbols=(*known, *symbols), notes=(*base.notes, *sampling.notes, *notes)
    )


class Formulas:
    """The formulas of a sampling: what each number of its samples is, by its place in them."""

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
        known = [formula for formula in self._by_numbers.values() if formula is not None]
        wrong = sampling.refine(known, self._holds)
        if wrong is None and sampling.costly:
            wrong = sampling.prove_on_other_numbers()
        if wrong is None:
            self._read()
        return wrong

    def _read(self) -> None:
        """Find the formulas of all numbers: all at once, and what is left with what it is made of."""
        sampling = self._sampling
        self._vectors = sampling.vectors()
        self._fit = Fit(sampling.sizes, sampling.axes.names)
        self._by_numbers: dict[Numbers, Formula | None] = {
            numbers: self._fit.formula(numbers) for numbers in dict.fromkeys(self._vectors)
        }
        if self._missing:
            self._read_with_parts()

    @property
    def _missing(self) -> bool:
        return None in self._by_numbers.values()

    def _read_with_parts(self) -> None:
        known: dict[str, tuple[Formula | None, ...]] = {}
        numbers = iter(self._vectors)
        for value in self._base.inputs:
            known[value.name] = tuple(self._by_numbers[next(numbers)] for _ in value.shape)
        for step in self._base.steps:
            parts = [part for value in step.inputs for part in known.get(value.name, ()) if part]
            for value in (*step.outputs, *step.weights):
                known[value.name] = tuple(self._with(next(numbers), parts) for _ in value.shape)
            made = [part for value in step.outputs for part in known[value.name] if part]
            self._with(next(numbers), [*parts, *made])

    def _with(self, numbers: Numbers, parts: list[Formula]) -> Formula | None:
        found = self._by_numbers[numbers]
        if found is None:
            found = self._by_numbers[numbers] = self._fit.formula(numbers, parts)
        return found

    def _holds(self, sample: Sample, sizes: Sizes) -> bool:
        """Whether a further sample has the numbers that the formulas say."""
        expected: dict[Formula, int] = {}
        for numbers, found in zip(self._vectors, flat(sample), strict=True):
            formula = self._by_numbers[numbers]
            if formula is not None:
                known = expected.get(formula)
                if known is None:
                    value = formula.evaluate(sizes)
                    known = expected[formula] = int(value) if value.denominator == 1 else -1
                if known != found:
                    return False
        return True

    def written(self) -> Trace:
        """The trace with formulas for sizes; what has none gets a name."""
        unknown = Unknown(self._base)
        names: dict[Numbers, Dim] = {
            numbers: _dim(formula)
            for numbers, formula in self._by_numbers.items()
            if formula is not None
        }
        values, flops = {}, list[Cost]()
        numbers = iter(self._vectors)

        def dims(value: Value, step: Step | None) -> Value:
            shape = []
            for _ in value.shape:
                seen = next(numbers)
                if seen not in names:
                    names[seen] = unknown.symbol(seen[0], step)
                shape.append(names[seen])
            return replace(value, shape=tuple(shape))

        for value in self._base.inputs:
            values[value.name] = dims(value, None)
        for step in self._base.steps:
            for value in (*step.outputs, *step.weights):
                values[value.name] = dims(value, step)
            cost = next(numbers)
            if step.flops is not None and cost not in names:
                names[cost] = unknown.symbol(cost[0], step)
            flops.append(None if step.flops is None else names[cost])
        found = resized(
            self._base, lambda one: values.get(one.name, one), lambda number, _: flops[number]
        )
        return _named(found, self._sampling, unknown.symbols, unknown.notes)


def _dim(formula: Formula) -> Dim:
    return int(formula.number) if formula.is_number else str(formula)


class Unknown:
    """The sizes that vary, and that no formula was found for: each has a name of its own."""

    def __init__(self, base: Trace) -> None:
        self.symbols: list[Symbol] = []
        self.notes: list[str] = []
        self._base = base

    def symbol(self, size: int, step: Step | None) -> str:
        """A new name for a size that a step made."""
        name = f"u{len(self.symbols) + 1}"
        made = f"{step.op} in {step.block or 'the model itself'}" if step else "an input"
        place = f" at {step.file}:{step.line}" if step and step.file else ""
        self.symbols.append(Symbol(name, size, 0))
        self.notes.append(f"{name} is {size} here, and no formula of the sizes: {made}{place}.")
        return name
