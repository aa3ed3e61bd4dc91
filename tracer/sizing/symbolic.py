"""A trace whose sizes are formulas: planned steps, samples, formulas read off them, and a proof.

Every dimension of every tensor, and every count of FLOPs, has to be the value of its formula in all
samples. The samples have other batch sizes and images that are not square, and all of them have to
run the same operations in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tracer.algebra.polynomial import as_dim
from tracer.algebra.substitute import StepCost, cache_by_name, replace_sizes
from tracer.record import Dim, Step, Symbol, Trace, Value
from tracer.sizing.axes import Axes
from tracer.sizing.divergence import describe_step
from tracer.sizing.proof import Proof, prove_formulas, sizes_that_fail_alone
from tracer.sizing.runner import Runner
from tracer.sizing.sampling import Integers
from tracer.sizing.size_formulas import SizeFormulas
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_plan import StepPlan, note_fixed_size, plan_steps


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
    found = _with_formulas(SizedModel.of(runner, axes, base), axes_candidates)
    if not axes.settings:
        return found
    values = ", ".join(f"{name} = {value}" for name, value in axes.settings.items())
    return replace(found, notes=(*found.notes, f"Parameters are counted for {values}."))


def _with_formulas(model: SizedModel, candidates: Sequence[Axes]) -> Trace:
    """The base with formulas of as many sizes as can vary."""
    notes: tuple[str, ...] = ()
    while True:
        plan = plan_steps(model, candidates)
        notes += plan.notes
        if not plan.axes.names:
            return _with_symbols(model.base, plan, (), notes)
        sized = model.with_axes(plan.axes)
        proof = prove_formulas(sized, plan)
        notes += proof.notes
        if proof.failure is None:
            return _written(model.base, plan, proof, notes)
        fixed = sizes_that_fail_alone(sized, proof) or dict.fromkeys(plan.axes.names, proof.failure)
        notes += tuple(
            note_fixed_size(name, plan.axes.sizes[name], reason) for name, reason in fixed.items()
        )
        candidates = [_fix_all(plan.axes, fixed)]


def _fix_all(axes: Axes, names: Iterable[str]) -> Axes:
    for name in names:
        axes = axes.fix(name)
    return axes


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
        return f"{self.name} is {size} here, and no formula of the sizes: {where}."


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


def _written(base: Trace, plan: StepPlan, proof: Proof, notes: tuple[str, ...]) -> Trace:
    """The base with formulas for sizes. What varies and has no formula gets a name."""
    formulas = proof.formulas
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
    symbols = tuple(one.symbol for one in unsolved)
    notes = (*notes, *(one.note for one in unsolved))
    return _with_symbols(trace, replace(plan, steps=proof.steps), symbols, notes)


def _with_symbols(
    trace: Trace, plan: StepPlan, more: tuple[Symbol, ...], notes: tuple[str, ...]
) -> Trace:
    """The trace with a symbol for each named size of the plan, and with more symbols and notes."""
    axes = plan.axes
    symbols = (
        Symbol(name, size, plan.steps[name] if name in axes.names else 0)
        for name, size in axes.sizes.items()
        if name not in axes.ties
    )
    return replace(trace, symbols=(*symbols, *more), notes=(*trace.notes, *notes))
