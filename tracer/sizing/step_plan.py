"""Which sizes of a model vary all at once, and by which steps, to sample its shapes.

The first steps are coarse: a size becomes at least twice the given one, and a multiple of 64 more,
so that every halving divides it as it divides the given size. The most likely names are tried
first. Where they do not work together, each size is tried by itself: one that cannot vary is fixed,
and a note says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from tracer.sizing.axes import BATCH, Axes, AxisSizes
from tracer.sizing.fit import products_by_ratios
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_search import StepTrial, search_steps

COARSE_STEP = 64
SMALL_STEP = 8
"""The coarse step for sizes below `SMALL_SIZE`, and for models that run on real data."""

SMALL_SIZE = 16


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Axes that vary all at once, by how much, and notes on those that do not vary.

    `first_sizes` are the sizes of the first runs, which all do what the base does: products of
    powers of the sizes are read off them.
    """

    axes: Axes
    steps: Mapping[str, int]
    first_sizes: tuple[AxisSizes, ...] = ()
    notes: tuple[str, ...] = ()


def plan_steps(model: SizedModel, candidates: Sequence[Axes]) -> StepPlan:
    """The plan that varies the most sizes, by the first of the candidates that fits best."""
    for axes in candidates:
        steps = {one: _coarse_trials(model, axes, one)[0].step for one in axes.names}
        plan = _runnable(model, StepPlan(axes, steps), one_run=True)
        if plan is not None:
            return plan
    plans = [_plan_by_single_sizes(model.with_axes(axes)) for axes in candidates]
    for plan in sorted(plans, key=lambda one: -len(one.axes.names)):
        for one_run in (True, False):
            found = _runnable(model, plan, one_run=one_run)
            if found is not None:
                return found
    return _nothing_varies(candidates[-1])


def note_fixed_size(name: str, size: int, reason: str) -> str:
    """The note on a size that cannot vary."""
    return f"{name} is fixed at {size}: {reason}."


def _runnable(model: SizedModel, plan: StepPlan, *, one_run: bool) -> StepPlan | None:
    """The plan with its first sizes; None if the model does not do the same at one of them.

    All sizes grow in one run; or one at a time, which takes more runs, but smaller ones.
    """
    if not plan.axes.names:
        return plan
    sized = model.with_axes(plan.axes)
    first_sizes: tuple[AxisSizes, ...]
    if one_run and not model.uses_real_data:
        first_sizes = (_distinct_growth(plan.axes, plan.steps),)
    else:
        first_sizes = tuple(
            {one: plan.axes.sizes[one] + plan.steps[one]} for one in plan.axes.names
        )
    if any(sized.why_unusable(sizes) is not None for sizes in first_sizes):
        return None
    return StepPlan(plan.axes, plan.steps, first_sizes, plan.notes)


def _distinct_growth(axes: Axes, steps: Mapping[str, int]) -> AxisSizes:
    """Larger sizes at which no two products of powers of the sizes grow by the same factor."""
    found: dict[str, int] = {}
    for name in axes.names:
        found[name] = axes.sizes[name] + steps[name]
        while not _tells_products_apart(axes.sizes, found):
            found[name] += steps[name]
    return found


def _tells_products_apart(given: AxisSizes, sizes: AxisSizes) -> bool:
    try:
        products_by_ratios(given, [sizes], tuple(sizes))
    except ValueError:
        return False
    return True


def _plan_by_single_sizes(model: SizedModel) -> StepPlan:
    """A plan of the sizes that vary by themselves, or two of them together as equal sizes."""
    axes, sizes = model.axes, model.axes.sizes
    found = search_steps(
        sizes, axes.names, lambda name: _coarse_trials(model, axes, name), model.why_unusable
    )
    steps, notes = dict(found.alone), []
    for (one, two), step in found.tied.items():
        axes, steps[one] = axes.tie(two, one), step
        notes.append(f"{two} must equal {one}, so both are called {one}.")
    for name in axes.names:
        if name not in steps:
            notes.append(note_fixed_size(name, sizes[name], found.reasons[name]))
            axes = axes.fix(name)
    return StepPlan(axes, steps, notes=tuple(notes))


def _coarse_trials(model: SizedModel, axes: Axes, name: str) -> list[StepTrial]:
    """Steps by which a size may grow, the likeliest to work first.

    A step of 1 has to work downwards, too: if only the larger size works, it is rounded off.
    """
    size = axes.sizes[name]
    steps = dict.fromkeys(_coarse_steps(name, size, real_data=model.uses_real_data))
    return [
        StepTrial(step, (size + step, size - step) if step == 1 < size else (size + step,))
        for step in steps
    ]


def _coarse_steps(name: str, size: int, *, real_data: bool) -> Iterator[int]:
    coarse = COARSE_STEP if size >= SMALL_SIZE else SMALL_STEP
    if name != BATCH and size and not real_data:
        yield lcm(size, coarse)
    yield max(size, 1)
    if name != BATCH and real_data:
        yield coarse
    yield 1


def _nothing_varies(axes: Axes) -> StepPlan:
    notes = []
    for name in axes.names:
        reason = "the model does not run the same operations at other sizes"
        notes.append(note_fixed_size(name, axes.sizes[name], reason))
        axes = axes.fix(name)
    return StepPlan(axes, {}, notes=tuple(notes))
