"""The search for working steps: by how much each size may grow, alone or tied to an equal size.

It is the one search behind formulas, size rules, explanations and lock files. They differ in the
steps that they try, and in what they call a size that works: formulas need a run of the same
operations, rules only one that reaches the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from tracer.sizing.axes import AxisSizes

WhyNot = Callable[[AxisSizes], str | None]
"""Runs a model at some sizes, others as given. Returns why these do not work, None if they do."""


@dataclass(frozen=True, slots=True)
class StepTrial:
    """A step, and the sizes that all have to work if it is a step from working size to size."""

    step: int
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WorkingSteps:
    """The steps that were found for some sizes.

    `alone` holds the step of each size that varies by itself. `tied` holds that of each pair of
    sizes that do not, but vary together as equal sizes. `reasons` says of each size that does not
    vary by itself why the first trial failed.
    """

    alone: Mapping[str, int]
    tied: Mapping[tuple[str, str], int]
    reasons: Mapping[str, str]


def search_steps(
    sizes: AxisSizes,
    names: Iterable[str],
    trials: Callable[[str], Iterable[StepTrial]],
    why_not: WhyNot,
) -> WorkingSteps:
    """Find by which step each size varies, alone or tied to another.

    Args:
        sizes: The sizes as given, which work.
        names: The names of those that are to vary.
        trials: The steps to try for a name, the preferred ones first.
        why_not: Runs the model. A pair of names is tried with both at the same size.

    >>> def square(sizes: AxisSizes) -> str | None:
    ...     known = {"B": 2, "H": 8, "W": 8, **sizes}
    ...     return None if known["H"] == known["W"] else "H is not W"
    >>> trials = [StepTrial(1, (9,))]
    >>> found = search_steps({"B": 2, "H": 8, "W": 8}, "BHW", lambda name: trials, square)
    >>> found.alone, found.tied
    ({'B': 1}, {('H', 'W'): 1})
    """
    alone: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for name in names:
        step, reason = _first_working((name,), trials(name), why_not)
        if step is None:
            reasons[name] = reason
        else:
            alone[name] = step
    tied: dict[tuple[str, str], int] = {}
    for pair in combinations(reasons, 2):
        equal = sizes[pair[0]] == sizes[pair[1]]
        if equal and not any(name in other for name in pair for other in tied):
            step, _ = _first_working(pair, trials(pair[0]), why_not)
            if step is not None:
                tied[pair] = step
    return WorkingSteps(alone, tied, reasons)


def _first_working(
    names: tuple[str, ...], trials: Iterable[StepTrial], why_not: WhyNot
) -> tuple[int | None, str]:
    """The first step that works for all the names at once, and why the first one did not."""
    first_reason = ""
    for trial in trials:
        reasons = (why_not(dict.fromkeys(names, size)) for size in trial.sizes)
        reason = next((one for one in reasons if one is not None), None)
        if reason is None:
            return trial.step, first_reason
        first_reason = first_reason or reason
    return None, first_reason
