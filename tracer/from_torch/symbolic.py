"""A trace whose sizes are formulas, read off several traces at other sizes and proved on them.

The model is traced at the sizes given, at those times large primes, and at others: other batch, not
square, no multiples of the sizes given. Every size of every tensor, and every count of FLOPs, must
be the value of its formula in all of them, and all of them must run the same operations in the
same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import lcm
from typing import Any

from torch import nn

from tracer.formulas import Formula
from tracer.from_torch.axes import Axes, Dims
from tracer.from_torch.capture import named_inputs, record
from tracer.from_torch.convert import to_trace
from tracer.from_torch.fit import PRIMES, Fit, Sizes
from tracer.record import Dim, Step, Symbol, Trace, Value
from tracer.resized import Cost, resized

ENOUGH = 4
"""Samples for a product of sizes: one to read it off, three to prove it."""

MORE = 4
"""Further samples, taken only where a number is no product."""


def to_symbolic(model: nn.Module, inputs: Any, base: Trace, dims: Dims | None = None) -> Trace:
    """`base`, a trace of `model` on `inputs`, with formulas for sizes.

    `dims` names axes, ``{"x": ("B", 3, "H", "W")}``; without it the batch and the axes of space are
    named. Raises TraceError for names that do not fit the inputs. A model that runs other
    operations at other sizes keeps its numbers, and a note says where it parted.
    """
    axes = Axes(named_inputs(model, inputs), dims)
    samples = Samples(model, axes, base, by_name=isinstance(inputs, Mapping))
    refusal = samples.take(ENOUGH)
    if refusal is not None:
        return replace(base, notes=(*base.notes, refusal))
    return _with_formulas(base, samples)


class Samples:
    """Traces of one model at several sizes, that all run the same operations."""

    def __init__(self, model: nn.Module, axes: Axes, base: Trace, *, by_name: bool) -> None:
        self.sizes: list[Sizes] = [axes.sizes]
        self.traces: list[Trace] = [base]
        self.multiples = dict.fromkeys(axes.sizes, 1)
        """What each size has to be a multiple of, for the model to run the same operations."""
        self._model = model
        self._axes = axes
        self._by_name = by_name

    def take(self, count: int) -> str | None:
        """Take samples until there are `count`, or return the reason why that cannot be."""
        if len(self.traces) == 1:
            base = self.sizes[0]
            primes = {name: base[name] * prime for name, prime in zip(base, PRIMES, strict=False)}
            refusal = self._try(primes)
            if refusal is not None:
                return refusal
            self._read_multiples()
        while len(self.traces) < count:
            refusal = self._try(self._further(len(self.traces)))
            if refusal is not None and not self._coarsen():
                return refusal
        return None

    def _further(self, number: int) -> Sizes:
        """Sizes beside those given: multiples of what they must be, by different numbers."""
        return {
            name: multiple * (size // multiple + number - 1 + place)
            for place, ((name, multiple), size) in enumerate(
                zip(self.multiples.items(), self.sizes[0].values(), strict=True)
            )
        }

    def _try(self, sizes: Sizes) -> str | None:
        """Trace at those sizes and keep the sample, or return what was wrong with it."""
        given = self._axes.at(sizes)
        recording = record(
            self._model, given if self._by_name else tuple(given.values()), lines=False
        )
        at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        if recording.failure is not None:
            return f"Shapes are numbers, for at {at} the model fails: {recording.failure.error}"
        found = to_trace(recording)
        parted = parting(self.traces[0], found)
        if parted is not None:
            return f"Shapes are numbers, for at {at} the model runs other operations: {parted}"
        self.sizes.append(sizes)
        self.traces.append(found)
        return None

    def _read_multiples(self) -> None:
        """What the sizes have to be multiples of, for the sizes read so far to be whole."""
        fit = Fit(self.sizes)
        numbers = {tuple(dims) for _, dims in self.numbers()}
        for formula in filter(None, map(fit.formula, numbers)):
            for monomial, coefficient in formula.terms:
                if len(monomial) == 1:
                    (name, _), *_ = monomial
                    self.multiples[name] = lcm(self.multiples[name], coefficient.denominator)

    def _coarsen(self) -> bool:
        """Ask for coarser multiples, the batch first; False when there are none left."""
        for name, size in self.sizes[0].items():
            multiple = self.multiples[name]
            if multiple < size:
                doubled = 2 * multiple
                self.multiples[name] = doubled if size % doubled == 0 and name != "B" else size
                return True
        return False

    def numbers(self) -> Iterator[tuple[tuple[str, int], tuple[int, ...]]]:
        """Each size of each value, by its name and axis, in all samples."""
        shapes = [_shapes(trace) for trace in self.traces]
        for name, dims in shapes[0].items():
            for axis, seen in enumerate(zip(*(one[name] for one in shapes), strict=True)):
                yield (name, axis), seen


def parting(base: Trace, other: Trace) -> str | None:
    """The first step at which two traces differ in what they run."""
    for one, two in zip(base.steps, other.steps, strict=False):
        if (one.op, one.block) != (two.op, two.block):
            return f"{two.op} instead of {one.op}, in {one.block or 'the model itself'}."
    same = len(base.steps) == len(other.steps) and _shapes(base).keys() == _shapes(other).keys()
    return None if same else f"{len(other.steps)} operations instead of {len(base.steps)}."


def _shapes(trace: Trace) -> dict[str, tuple[Dim, ...]]:
    values = [*trace.inputs, *trace.outputs]
    for step in trace.steps:
        values += (*step.inputs, *step.weights, *step.outputs)
    return {value.name: value.shape for value in values}


def _with_formulas(base: Trace, samples: Samples) -> Trace:
    fit = _fitted(samples)
    unknown = Unknown(base)
    shapes: dict[str, list[Dim]] = {}
    for (name, _), seen in samples.numbers():
        formula = fit.formula(seen)
        dim = unknown.symbol(name, seen[0]) if formula is None else _dim(formula)
        shapes.setdefault(name, []).append(dim)

    def value(one: Value) -> Value:
        return replace(one, shape=tuple(shapes.get(one.name, one.shape)))

    def flops(number: int, step: Step) -> Cost:
        if step.flops is None:
            return None
        seen = tuple(int(trace.steps[number].flops or 0) for trace in samples.traces)
        formula = fit.formula(seen)
        return None if formula is None else _dim(formula)

    symbols = tuple(
        Symbol(name, size, samples.multiples[name]) for name, size in samples.sizes[0].items()
    )
    return replace(
        resized(base, value, flops),
        symbols=(*symbols, *unknown.symbols),
        notes=(*base.notes, *unknown.notes),
    )


def _fitted(samples: Samples) -> Fit:
    """A fit over the samples, more of them if some number is no product of sizes."""
    fit = Fit(samples.sizes)
    if any(fit.formula(seen) is None for _, seen in samples.numbers()):
        if samples.take(ENOUGH + MORE) is None:
            return Fit(samples.sizes)
    return fit


def _dim(formula: Formula) -> Dim:
    return int(formula.number) if formula.is_number else str(formula)


class Unknown:
    """The sizes that vary, and that no formula was found for: each has a name of its own."""

    def __init__(self, base: Trace) -> None:
        self.symbols: list[Symbol] = []
        self.notes: list[str] = []
        self._base = base

    def symbol(self, value: str, size: int) -> str:
        """A new name for one size of a value."""
        name = f"u{len(self.symbols) + 1}"
        number = self._base.producers.get(value)
        step = None if number is None else self._base.steps[number]
        made = f"{step.op} in {step.block or 'the model itself'}" if step else "an input"
        place = f" at {step.file}:{step.line}" if step and step.file else ""
        self.symbols.append(Symbol(name, size, 0))
        self.notes.append(f"{name} is {size} here, and no formula of the sizes: {made}{place}.")
        return name
