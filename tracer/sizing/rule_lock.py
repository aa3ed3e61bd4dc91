"""The size rules as a lock file holds them: derived, or shown to be the locked ones.

To derive rules takes some fifty runs without data, to show that they still hold a dozen: a rule
says at which sizes a model works and at which it fails, and a few of these distinguish it from
other rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracer.analysis.size_rules import Rule
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.sizing.axes import Axes, AxisSizes
from tracer.sizing.axis_candidates import propose_axes
from tracer.sizing.axis_rule import far_steps
from tracer.sizing.rule_search import find_axes, rules_of, units_of
from tracer.sizing.runner import Runner
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_search import StepTrial, search_steps
from tracer.snapshot import SizeRulesSpec
from tracer.snapshot.rule_text import consecutive_runs, format_rule, parse_rule
from tracer.target_spec import Dims


def locked_rules(
    runner: Runner, base: Trace, dims: Dims | None = None, locked: SizeRulesSpec | None = None
) -> SizeRulesSpec | None:
    """The size rules of a model for its lock file; `locked` itself if these rules still hold.

    Args:
        runner: The model, which is run at other sizes.
        base: The trace of its run at the given sizes.
        dims: Names that the user gives to axes. Without them those of `locked` are used, if they
            fit the inputs.
        locked: The rules in the lock file.

    Returns:
        The rules; None for a model that runs on real data, which would take too long.

    Raises:
        TraceError: `dims` do not fit the inputs.
    """
    model = find_axes(runner, base, _candidates(runner, dims, locked))
    if model.uses_real_data:
        return None
    axes = _axes_texts(model.axes)
    if locked is not None and axes == locked.axes and _still_hold(locked, model):
        return locked
    rules = rules_of(model, model.axes.sizes)
    return SizeRulesSpec(axes, {rule.name: format_rule(rule) for rule in rules})


def _candidates(runner: Runner, dims: Dims | None, locked: SizeRulesSpec | None) -> list[Axes]:
    if not dims and locked is not None:
        try:
            return propose_axes(runner.inputs, locked.axes)
        except TraceError:
            pass  # the inputs have changed
    return propose_axes(runner.inputs, dims)


def _axes_texts(axes: Axes) -> dict[str, tuple[str, ...]]:
    """The axes of each input that has some, their formulas without spaces."""
    return {
        name: tuple(axis.replace(" ", "") for axis in texts)
        for name, texts in axes.by_input().items()
        if texts
    }


def _still_hold(locked: SizeRulesSpec, model: SizedModel) -> bool:
    """Whether runs at a few sizes end as every locked rule says."""
    found = (parse_rule(name, text) for name, text in locked.rules.items())
    rules = [rule for rule in found if rule is not None]
    stuck = [rule.name for rule in rules if rule.multiple == 0]
    return (
        locked.rules.keys() == model.axes.sizes.keys()
        and all(_holds(rule, model) for rule in rules)
        and not _any_vary_together(stuck, model)
    )


def _holds(rule: Rule, model: SizedModel) -> bool:
    given = model.axes.sizes[rule.name]
    if not rule.allows(given):
        return False
    names: tuple[str, ...] = (rule.name,)
    if rule.tied_to is not None:
        if _works(model, {rule.name: given + (rule.multiple or 1)}):
            return False
        names = (rule.name, rule.tied_to)
    over_units = (given + unit for unit in units_of(model, rule.name))
    distinguishing = (*_distinguishing_sizes(rule, given), *over_units)
    sizes = dict.fromkeys(size for size in distinguishing if size > 0)
    return all(_works(model, dict.fromkeys(names, one)) == rule.allows(one) for one in sizes)


def _works(model: SizedModel, sizes: AxisSizes) -> bool:
    return model.run(sizes).worked


def _distinguishing_sizes(rule: Rule, given: int) -> Iterator[int]:
    """Sizes that distinguish a rule from others; the model has to fail at those it forbids."""
    step = rule.multiple or given
    yield given + step
    yield from (given + step // factor for factor in _prime_factors(step))
    yield from (given + 1, given + step - 1)
    yield from (rule.minimum, rule.minimum - step)
    yield from _ends_of_remainders(rule, given, step)
    yield from rule.exceptions
    if rule.maximum is None:
        yield given + step * far_steps(given, step)
    else:
        yield from (rule.maximum, rule.maximum + step)


def _ends_of_remainders(rule: Rule, given: int, step: int) -> Iterator[int]:
    """Sizes with the first and the last of consecutive remainders, and those beside them."""
    if rule.also:
        for first, last in consecutive_runs((rule.remainder, *rule.also)):
            for remainder in (first - 1, first, last, last + 1):
                yield given + (remainder - given) % step


def _prime_factors(number: int) -> Iterator[int]:
    for factor in range(2, number + 1):
        if number % factor == 0 and all(factor % smaller for smaller in range(2, factor)):
            yield factor


def _any_vary_together(names: Iterable[str], model: SizedModel) -> bool:
    """Whether two of the sizes that cannot vary by themselves can vary as equal sizes."""
    sizes = model.axes.sizes

    def trials(name: str) -> Iterator[StepTrial]:
        yield StepTrial(1, (sizes[name] + 1,))
        yield StepTrial(sizes[name], (2 * sizes[name],))

    def why_not(tried: AxisSizes) -> str | None:
        failure = model.run(tried).failure
        return None if failure is None else failure.headline

    return bool(search_steps(sizes, names, trials, why_not).tied)
