"""The rule of one size, completed from its step by further runs, some of which have to fail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from math import inf

from tracer.analysis.size_rules import Rule, SizeAdaptation
from tracer.sizing.residues import LARGEST_FACTOR, MOST_REMAINDERS, working_remainders
from tracer.sizing.rounding import size_adaptation
from tracer.sizing.run_plan import SMALL_BATCHES
from tracer.sizing.size_trials import SizeTrials
from tracer.sizing.sized_model import SizedModel

ROUND_SIZE = 2520
"""Many numbers divide a multiple of this. It is tried where sizes seem to have a largest one."""

EVEN_STEPS = 64
"""A multiple of so many steps leads to a size that is halved as often as the given one."""


def complete_rule(model: SizedModel, trials: SizeTrials, step: int | None) -> Rule:
    """The rule of a size.

    Args:
        model: The model.
        trials: The log of the runs that found the step; further ones are added to it.
        step: The smallest step from a working size to the next. It is negative where no larger
            size works, and None where no other size does.
    """
    name, given = trials.names[0], trials.given
    step, largest = _confirmed_far(model, trials, step)
    _try_sizes_that_broadcast(trials, step, is_batch=name == model.axes.batch)
    if step is None:
        return _with_trials(Rule(name, given, 0, given, given), trials)
    far = far_steps(given, step) if largest is None and not model.uses_real_data else None
    multiple, remainders = abs(step), working_remainders(trials, step, far)
    least = _least_size(trials, _minimum(trials, multiple), multiple, remainders)
    also = tuple(sorted(remainders - {given % multiple}))
    rule = Rule(name, given, multiple, least, largest, also=also)
    return _with_trials(rule, trials, _adaptation(model, trials, rule))


def _try_sizes_that_broadcast(trials: SizeTrials, step: int | None, *, is_batch: bool) -> None:
    """Try the least sizes, at which tensors of size 1 are joined with any others.

    Parts of a batch are of size 1 at several small batches. Other sizes are tried up to the first
    that fails, and no further than two steps, beyond which nothing is left of size 1. If any size
    may work, the least one is looked for anyway.
    """
    if is_batch and step != 1:
        for size in SMALL_BATCHES:
            trials.works(size)
    if step in (1, -1):
        return
    last = min(trials.given + abs(step or 1) - 1, 2 * abs(step or MOST_REMAINDERS))
    for size in takewhile(lambda size: trials.run(size).worked, range(1, last + 1)):
        trials.works(size)


def _round_size(given: int) -> int:
    """A size far above the given one that all numbers up to 10 divide."""
    return ROUND_SIZE * -(-2 * LARGEST_FACTOR * given // ROUND_SIZE)


def _with_trials(rule: Rule, trials: SizeTrials, adaptation: SizeAdaptation | None = None) -> Rule:
    """The rule with its exceptions, or no more than these if runs contradict it."""
    failing = (trial.size for trial in trials.trials if not trial.worked)
    if any(map(rule.allows, failing)) or max(trials.working) > (rule.maximum or inf):
        rule = Rule(rule.name, rule.given, 0, rule.given, rule.given)
    exceptions = tuple(size for size in sorted(trials.working) if not rule.allows(size))
    return replace(
        rule,
        partial=any(size > (rule.multiple or rule.given) for size in exceptions),
        exceptions=exceptions,
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


def _confirmed_far(
    model: SizedModel, trials: SizeTrials, step: int | None
) -> tuple[int | None, int | None]:
    """A step, and the largest size that works, if there is one.

    A step that ends where a much larger, round size works is none: there are others in between. It
    becomes a multiple of itself that leads far, or None if there is none.
    """
    largest = None if step is None else _maximum(model, trials, step)
    if step is None or largest is None or step < 0 or not trials.works(_round_size(trials.given)):
        return step, largest
    multiples = (step * times for times in range(2, LARGEST_FACTOR + 1))
    return next((one for one in multiples if _leads_far(trials, one)), None), None


def _leads_far(trials: SizeTrials, step: int) -> bool:
    far = far_steps(trials.given, step)
    numbers = (1, 2, 3, far, far + 1)
    return all(trials.works(trials.given + number * step) for number in numbers)


def _maximum(model: SizedModel, trials: SizeTrials, step: int) -> int | None:
    """The largest working size, by bisection, if a much larger one fails; else None."""
    given = trials.given
    if step < 0:
        return given
    if model.uses_real_data:
        return None
    low = 0
    fails = (
        number for number in _far_numbers(given, step) if not trials.works(given + number * step)
    )
    high = next(fails, None)
    if high is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if trials.works(given + middle * step):
            low = middle
        else:
            high = middle
    return given + low * step


def _far_numbers(given: int, step: int) -> list[int]:
    """The numbers of steps to large sizes; two if any size may work, of which one is odd."""
    far = far_steps(given, step)
    return [far, far + 1] if step == 1 else [far]


def far_steps(given: int, step: int) -> int:
    """How many steps lead to the large size that is tried for a maximum.

    A size so many steps away passes through all halvings as the given size does.
    """
    return -(-LARGEST_FACTOR * given // (step * EVEN_STEPS)) * EVEN_STEPS


def _adaptation(model: SizedModel, trials: SizeTrials, rule: Rule) -> SizeAdaptation | None:
    """How the model handles a size that its halvings do not divide, if it works at one."""
    samples = {size: trials.run(size) for size in trials.working}
    return size_adaptation(model.base, model.base_sample, rule, samples)
