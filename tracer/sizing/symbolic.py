"""A trace whose sizes are formulas: the verdict on the sizes, written into the trace.

Every dimension of every tensor, and every count of FLOPs, has to be the value of its formula in all
samples. The samples have other batch sizes and images that are not square, and all of them have to
run the same operations in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracer.algebra.polynomial import as_dim
from tracer.algebra.substitute import StepCost, cache_by_name, replace_sizes
from tracer.record import Dim, Step, Symbol, Trace, Value
from tracer.sizing.axes import Axes
from tracer.sizing.divergence import describe_step
from tracer.sizing.runner import Runner
from tracer.sizing.sampling import Integers
from tracer.sizing.size_formulas import SizeFormulas
from tracer.sizing.size_verdict import SizeVerdict, reach_verdict
from tracer.sizing.sized_model import SizedModel


def symbolic_trace(runner: Runner, base: Trace, axes_candidates: Sequence[Axes]) -> Trace:
    """The trace `base` with formulas for its sizes, such as ``H/4``.

    Args:
        runner: The model, which is run at other sizes.
        base: The trace of its run at the given sizes.
        axes_candidates: Names for these sizes, the most likely first, from `propose_axes`.

    Returns:
        The trace with `Trace.symbols`. A size that cannot vary stays a number, and one without a
        formula gets a name of its own; `Trace.notes` says why.
    """
    axes = axes_candidates[0]
    verdict = reach_verdict(SizedModel.of(runner, axes, base), axes_candidates)
    found = _written(base, verdict)
    if not axes.settings:
        return found
    values = ", ".join(f"{name} = {value}" for name, value in axes.settings.items())
    return replace(found, notes=(*found.notes, f"Parameters are counted for {values}."))


@dataclass(frozen=True, slots=True)
class UnsolvedNumber:
    """A number of the model that varies and has no formula: its name, and the step that made it."""

    numbers: Integers
    name: str
    step: Step | None

    @property
    def symbol(self) -> Symbol:
        """The name as a symbol that stands for the number in the base only."""
        return Symbol(self.name, self.numbers[0], 0)

    @property
    def note(self) -> str:
        """Which step made it."""
        size, where = self.numbers[0], describe_step(self.step)
        return f"{self.name} is {size} in this run and has no formula: {where}."


def _unsolved_numbers(base: Trace, formulas: SizeFormulas) -> list[UnsolvedNumber]:
    """The numbers without a formula: those of values in the order of the steps, then FLOPs."""
    makers: dict[Integers, Step | None] = {}
    for step in (None, *base.steps):
        for value in (*step.outputs, *step.weights) if step else base.inputs:
            for numbers in formulas.shapes[value.name]:
                makers.setdefault(numbers, step)
    for step, numbers in zip(base.steps, formulas.flops, strict=True):
        if step.flops is not None:
            makers.setdefault(numbers, step)
    unsolved = [numbers for numbers in makers if formulas.by_numbers[numbers] is None]
    return [
        UnsolvedNumber(numbers, f"u{count}", makers[numbers])
        for count, numbers in enumerate(unsolved, 1)
    ]


def _written(base: Trace, verdict: SizeVerdict) -> Trace:
    """The base with formulas for sizes. What varies and has no formula gets a name."""
    formulas = verdict.formulas
    if formulas is None:
        return _with_symbols(base, verdict, ())
    unsolved = _unsolved_numbers(base, formulas)
    dims: dict[Integers, Dim] = {one.numbers: one.name for one in unsolved}
    for numbers, formula in formulas.by_numbers.items():
        if formula is not None:
            dims[numbers] = as_dim(formula)
    shapes = {
        name: tuple(dims[numbers] for numbers in shape) for name, shape in formulas.shapes.items()
    }

    def value(one: Value) -> Value:
        return replace(one, shape=shapes[one.name]) if one.name in shapes else one

    def cost(number: int, step: Step) -> StepCost:
        return None if step.flops is None else dims[formulas.flops[number]]

    trace = replace_sizes(base, cache_by_name(value), cost)
    return _with_symbols(trace, verdict, unsolved)


def _with_symbols(trace: Trace, verdict: SizeVerdict, unsolved: Sequence[UnsolvedNumber]) -> Trace:
    """The trace with a symbol for each named size and each number that has no formula."""
    axes, least = verdict.axes, verdict.least if verdict.bounded else {}
    symbols = (
        Symbol(name, size, verdict.steps[name] if name in axes.names else 0, least.get(name, 0))
        for name, size in axes.sizes.items()
        if name not in axes.ties
    )
    return replace(
        trace,
        symbols=(*symbols, *(one.symbol for one in unsolved)),
        notes=(*trace.notes, *verdict.notes, *(one.note for one in unsolved)),
    )
