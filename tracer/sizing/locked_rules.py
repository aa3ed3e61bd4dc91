"""The law of sizes as a lock file holds it: derived, or shown to be the one that is locked.

To derive a law takes some fifty runs without data, to show that one still holds a dozen: a rule
says at which sizes a model runs and at which it does not, and a few of these tell it from others.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from torch import nn

from tracer.analysis.size_rules import Rule
from tracer.errors import TraceError
from tracer.from_torch.runs.axis_names import Axes
from tracer.from_torch.runs.runner import ModelRunner
from tracer.sizing.rule_search import FAR, RuleSearch
from tracer.snapshot import LawSpec
from tracer.snapshot.rule_text import rule_of, rule_text
from tracer.target_spec import Dims


def law_spec(
    model: nn.Module, inputs: Any, dims: Dims | None = None, locked: LawSpec | None = None
) -> LawSpec | None:
    """The law of a model that runs on `inputs`; `locked` itself, if that still holds.

    None for a model that decides by numbers, of which every run is a real one. Raises TraceError
    for `dims` that do not fit the inputs.
    """
    search = _search(model, inputs, dims, locked)
    if search.runs.costly:
        return None
    axes = _written(search.runs.axes)
    if locked is not None and axes == locked.axes and _stands(locked, search.runs):
        return locked
    return LawSpec(axes, {rule.name: rule_text(rule) for rule in search.rules()})


def _search(model: nn.Module, inputs: Any, dims: Dims | None, locked: LawSpec | None) -> RuleSearch:
    """A search with the names that were given, or else those that are locked, if they fit."""
    if not dims and locked is not None:
        try:
            return RuleSearch.of(model, inputs, locked.axes)
        except TraceError:
            pass  # the inputs are others by now
    return RuleSearch.of(model, inputs, dims)


def _written(axes: Axes) -> dict[str, tuple[str, ...]]:
    """The axes of each input that has some, their formulas without blanks."""
    return {
        name: tuple(axis.replace(" ", "") for axis in one)
        for name, one in axes.written().items()
        if one
    }


def _stands(locked: LawSpec, runs: ModelRunner) -> bool:
    """Whether runs at a few sizes end as every locked rule says."""
    found = (rule_of(name, text) for name, text in locked.rules.items())
    rules = [rule for rule in found if rule is not None]
    stuck = [rule.name for rule in rules if rule.multiple == 0]
    return (
        locked.rules.keys() == runs.axes.sizes.keys()
        and all(_holds(rule, runs) for rule in rules)
        and not any(_vary_together(*pair, runs) for pair in combinations(stuck, 2))
    )


def _holds(rule: Rule, runs: ModelRunner) -> bool:
    given = runs.axes.sizes[rule.name]
    if not rule.allows(given):
        return False
    if rule.tied_to is not None:
        if runs.sample({rule.name: given + (rule.multiple or 1)}).worked:
            return False
        runs = runs.with_axes(runs.axes.tied(rule.tied_to, rule.name))
    sizes = dict.fromkeys(size for size in _telling(rule, given) if size > 0)
    return all(runs.sample({rule.name: size}).worked == rule.allows(size) for size in sizes)


def _telling(rule: Rule, given: int) -> Iterator[int]:
    """Sizes that tell a rule from others; at those that it forbids, the model has to fail."""
    step = rule.multiple or given
    yield given + step
    yield from (given + step // part for part in range(2, step + 1) if _is_prime_factor(part, step))
    yield from (given + 1, given + step - 1)
    yield from (rule.minimum, rule.minimum - step)
    yield from (given + (rest - given) % step for rest in rule.also)
    yield from rule.exceptions
    if rule.maximum is None:
        yield given + step * -(-FAR * given // step)
    else:
        yield from (rule.maximum, rule.maximum + step)


def _is_prime_factor(part: int, number: int) -> bool:
    return number % part == 0 and all(part % smaller for smaller in range(2, part))


def _vary_together(one: str, two: str, runs: ModelRunner) -> bool:
    """Whether two sizes that cannot vary by themselves can as one."""
    size = runs.axes.sizes[one]
    tied = runs.with_axes(runs.axes.tied(two, one))
    return size == runs.axes.sizes[two] and any(
        tied.sample({one: other}).worked for other in (size + 1, 2 * size)
    )
