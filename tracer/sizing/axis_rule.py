"""The rule of one size, completed from its step by further runs, some of which have to fail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tracer.analysis.size_rules import Rule, SizeAdaptation
from tracer.sizing.residues import working_remainders
from tracer.sizing.rounding import size_adaptation
from tracer.sizing.run_plan import SMALL_BATCHES
from tracer.sizing.size_trials import SizeTrials
from tracer.sizing.sized_model import SizedModel

LARGEST_FACTOR = 8
"""A size so many times as large is tried, to see whether there is a largest one."""

EVEN_STEPS = 64
"""A size so many steps away passes through all halvings as the given size does."""


def complete_rule(model: SizedModel, trials: SizeTrials, step: int | None) -> Rule:
    """The rule of a size.

    Args:
        model: The model.
        trials: The log of the runs that found the step; further ones are added to it.
        step: The smallest step from a working size to the next. It is negative where no larger
            size works, and None where no other size does.
    """
    name, given = trials.names[0], trials.given
    if step is None:
        trials.works(1)  # a size of 1 broadcasts to any other
    elif name == model.axes.batch and abs(step) > 1:
        for size in SMALL_BATCHES:
            trials.works(size)  # parts of a batch broadcast, too, if one of them is 1
    if step is None:
        return _with_trials(Rule(name, given, 0, given, given), trials)
    multiple, remainders = abs(step), working_remainders(trials, step)
    least = _least_size(trials, _minimum(trials, multiple), multiple, remainders)
    largest = _maximum(model, trials, step)
    also = tuple(sorted(remainders - {given % multiple}))
    rule = Rule(name, given, multiple, least, largest, also=also)
    return _with_trials(rule, trials, _adaptation(model, trials, rule))


def _with_trials(rule: Rule, trials: SizeTrials, adaptation: SizeAdaptation | None = None) -> Rule:
    return replace(
        rule,
        exceptions=tuple(size for size in sorted(trials.working) if not rule.allows(size)),
        trials=trials.trials,
        causes=trials.causes(),
        adaptation=adaptation,
    )


def _least_size(trials: SizeTrials, minimum: int, multiple: int, remainders: Iterable[int]) -> int:
    """The least working size, by bisection over those that the remainders allow."""
    wanted = set(remainders)
    sizes = [
        size
        for size in range(max(minimum - multiple, 0) + 1, minimum + 1)
        if size % multiple in wanted
    ]
    low, high = 0, len(sizes) - 1
    while low < high:
        middle = (low + high) // 2
        if trials.works(sizes[middle]):
            high = middle
        else:
            low = middle + 1
    return sizes[low]


def _minimum(trials: SizeTrials, multiple: int) -> int:
    """The smallest working size, by bisection: below a size that fails, all are taken to fail."""
    least = trials.given % multiple or multiple
    low, high, middle = 0, (trials.given - least) // multiple, 0  # most often the least size works
    while low < high:
        if trials.works(least + middle * multiple):
            high = middle
        else:
            low = middle + 1
        middle = (low + high) // 2
    return least + low * multiple


def _maximum(model: SizedModel, trials: SizeTrials, step: int) -> int | None:
    """The largest working size, by bisection, if a much larger one fails; else None."""
    given = trials.given
    if step < 0:
        return given
    if model.uses_real_data:
        return None
    low, high = 0, far_steps(given, step)
    if trials.works(given + high * step):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if trials.works(given + middle * step):
            low = middle
        else:
            high = middle
    return given + low * step


def far_steps(given: int, step: int) -> int:
    """How many steps lead to the large size that is tried for a maximum."""
    return -(-LARGEST_FACTOR * given // step)


def _adaptation(model: SizedModel, trials: SizeTrials, rule: Rule) -> SizeAdaptation | None:
    """How the model handles a size that its halvings do not divide, if it works at one."""
    even = rule.given + EVEN_STEPS * rule.multiple
    samples = {size: trials.run(size) for size in trials.working}
    if not model.uses_real_data and rule.allows(even) and trials.works(even):
        samples[even] = trials.run(even)
    return size_adaptation(model.base, model.base_sample, rule, samples)
