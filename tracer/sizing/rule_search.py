"""The size rules of a model, derived by running it without data, and verified the same way.

Valid sizes are taken to be s + k * m. So for a valid s, the smallest d > 0 for which s + d is valid
is m. A few runs find it, and each run that fails on the way names an obstacle. Sizes that break the
rule are then tried, and have to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import gcd

from tracer.analysis.size_rules import Rule, SizeRules
from tracer.record import Trace
from tracer.sizing.axes import Axes, AxisSizes
from tracer.sizing.axis_rule import complete_rule
from tracer.sizing.failing_kinds import with_every_kind
from tracer.sizing.residues import far_distances, rounding_units
from tracer.sizing.runner import Runner
from tracer.sizing.size_trials import SizeTrials
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_plan import plan_steps
from tracer.sizing.step_search import StepTrial, WorkingSteps, search_steps

LIKELY_STEPS = tuple(2**power for power in range(9))
"""Steps that are tried first, with the units in which the model rounds."""

EVERY_STEP_TO = 8
"""Steps up to this are tried one by one, after the likely ones."""

CHECKED_STEPS = (1, 2)
"""So many steps away the model has to work."""


def find_size_rules(
    runner: Runner, base: Trace, axes_candidates: Sequence[Axes], *, every_kind: bool = False
) -> SizeRules:
    """At which sizes a model works.

    Args:
        runner: The model, which is run at other sizes.
        base: The trace of its run at the given sizes.
        axes_candidates: Names for these sizes, the most likely first, from `propose_axes`.
        every_kind: Whether each rule has a cause for each kind of size that fails, which takes a
            few more runs.
    """
    model = find_axes(runner, base, axes_candidates)
    rules = tuple(rules_of(model, model.axes.sizes))
    if every_kind:
        rules = tuple(with_every_kind(model, rule) for rule in rules)
    return SizeRules(
        model=base.model,
        inputs=model.axes.by_input(),
        rules=rules,
        notes=(*base.notes, *_combined_failures(model, rules)),
    )


def find_axes(runner: Runner, base: Trace, axes_candidates: Sequence[Axes]) -> SizedModel:
    """The model with the names that fit it best, all of which are free to vary."""
    model = SizedModel.of(runner, axes_candidates[0], base)
    return model.with_axes(plan_steps(model, axes_candidates).axes.free())


def rules_of(model: SizedModel, names: Iterable[str]) -> Iterator[Rule]:
    """The rules of these sizes, in their order."""
    wanted = tuple(names)
    trials: dict[tuple[str, ...], SizeTrials] = {}

    def trials_of(*together: str) -> SizeTrials:
        return trials.setdefault(together, SizeTrials(model, together))

    found = _search(model, wanted, trials_of)
    if found.reasons:
        found = _search(model, tuple(dict.fromkeys((*wanted, *model.axes.sizes))), trials_of)
    ties: dict[str, tuple[str, str]] = {name: pair for pair in found.tied for name in pair}
    rules: dict[tuple[str, ...], Rule] = {}
    for name in wanted:
        equal = ties.get(name, (name,))
        if equal not in rules:
            step = found.tied[ties[name]] if name in ties else found.alone.get(name)
            rules[equal] = complete_rule(model, trials_of(*equal), step)
        tied_to = next((other for other in equal if other != name), None)
        yield replace(rules[equal], name=name, tied_to=tied_to)


def _search(
    model: SizedModel, names: Sequence[str], trials_of: Callable[..., SizeTrials]
) -> WorkingSteps:
    """The smallest steps of these sizes that lead from one size that works to the next."""
    sizes = model.axes.sizes

    def trials(name: str) -> Iterator[StepTrial]:
        return _fine_trials(sizes[name], units_of(model, name))

    def why_not(tried: AxisSizes) -> str | None:
        return trials_of(*tried).why_not(next(iter(tried.values())))

    return search_steps(sizes, names, trials, why_not)


def units_of(model: SizedModel, name: str) -> list[int]:
    """Return the units in which the operations round a size, from runs at much larger ones.

    A run that fails shows them, too, up to the operation that raised the exception.
    """
    distances = far_distances(model.axes.sizes[name], real_data=model.uses_real_data)
    larger = {far: model.run({name: model.axes.sizes[name] + far}) for far in distances}
    return rounding_units(model.base_sample, larger)


def _fine_trials(given: int, units: Sequence[int]) -> Iterator[StepTrial]:
    """The likely steps, then others, upwards and then downwards, with the sizes they lead to.

    A step has to lead over all units, too: several sizes in a row may be rounded to the same.
    """
    likely = sorted({*LIKELY_STEPS, *units})
    divisors = (d for d in range(1, given + 1) if given % d == 0)
    multiples = (max(units, default=1) * times for times in range(2, EVERY_STEP_TO + 1))
    others = {*range(1, EVERY_STEP_TO + 1), *divisors, *multiples}.difference(likely)
    steps = (*likely, *sorted(others))
    for step in (*steps, *(-step for step in steps)):
        sizes = (given + times * step for times in CHECKED_STEPS)
        positive = tuple(size for size in sizes if size > 0)
        if len(positive) > 1:
            over = (given + times * step for times in _times_over(units, abs(step)))
            yield StepTrial(step, (*positive, *(size for size in over if size > 0)))


def _times_over(units: Sequence[int], step: int) -> Iterator[int]:
    """How many steps lead halfway over each unit that does not divide the step.

    So far away a size is not rounded to the same as the given one by chance.
    """
    for unit in units:
        if step % unit:
            times = range(1, unit // gcd(unit, step))
            near = sorted(times, key=lambda one: abs(2 * (one * step % unit) - unit))
            yield from near[:2]


def _combined_failures(model: SizedModel, rules: Iterable[Rule]) -> Iterator[str]:
    """What fails at several sizes at once, although each of them works by itself."""
    free = [rule for rule in rules if rule.multiple and not rule.tied_to]
    smallest = {rule.name: rule.minimum for rule in free}
    larger = {rule.name: rule.given + rule.multiple for rule in free}
    for sizes in (smallest, larger):
        legal = all(rule.allows(sizes[rule.name]) for rule in free)
        failure = model.run(sizes).failure if legal else None
        if failure is not None:
            at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
            yield f"At {at} together the model fails: {failure.headline}"
