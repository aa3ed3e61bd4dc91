"""Which sizes of a model can be varied all at once, and by which steps, to sample its shapes.

The steps are coarse: a size becomes twice what was given, or more, and a multiple of 64 more, so
that every halving comes out as it does at the size given. The names that fit best are tried first.
Where they do not work together, each is tried by itself: an axis that cannot be varied is held
fixed, and a note says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import lcm

from tracer.from_torch.runs.axis_names import BATCH, Axes
from tracer.from_torch.runs.runner import ModelRunner, Sample
from tracer.record import Trace
from tracer.sizing.divergence import trouble
from tracer.sizing.fit import AxisSizes
from tracer.sizing.sampling import Sampling

COARSE, FINE_ENOUGH, SMALL = 64, 8, 16


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Axes that can be varied all at once, by these steps, and notes on those that cannot."""

    axes: Axes
    steps: Mapping[str, int]
    notes: tuple[str, ...] = ()


def started(runs: ModelRunner, proposals: list[Axes], trace: Trace, first: Sample) -> Sampling:
    """A sampling with its first sample, of as many axes as can be varied."""
    for axes in proposals:
        start = StepPlan(axes, _steps(runs, axes))
        sampling = _tried(runs, start, Sampling(runs.with_axes(axes), trace, first, start.steps))
        if sampling is not None:
            return sampling
    found = [_diagnosed(runs.with_axes(axes), trace, first) for axes in proposals]
    for start in sorted(found, key=lambda one: -len(one.axes.names)):
        for at_once in (True, False):
            empty = Sampling(runs.with_axes(start.axes), trace, first, start.steps)
            sampling = _tried(runs, start, empty, at_once=at_once)
            if sampling is not None:
                return sampling
    return _nothing_varies(runs, proposals[-1], trace, first)


def _tried(
    runs: ModelRunner, start: StepPlan, sampling: Sampling, *, at_once: bool = True
) -> Sampling | None:
    """The sampling with its first samples, if these can be taken."""
    sampling.notes += start.notes
    at_once = at_once and not runs.costly
    fine = not start.axes.names or sampling.take_first(at_once=at_once) is None
    return sampling if fine else None


def _steps(runs: ModelRunner, axes: Axes) -> dict[str, int]:
    return {name: next(_candidates(name, axes.sizes[name], runs.costly)) for name in axes.names}


def _candidates(name: str, size: int, costly: bool) -> Iterator[int]:
    """Steps by which a size may grow, those that are surely legal first, unless they cost much."""
    enough = COARSE if size >= SMALL else FINE_ENOUGH
    if name != BATCH and size and not costly:
        yield lcm(size, enough)
    yield max(size, 1)
    if name != BATCH and costly:
        yield enough
    yield 1


def _diagnosed(runs: ModelRunner, trace: Trace, first: Sample) -> StepPlan:
    """Which axes can be varied by themselves, or two of them together, and why others cannot."""
    axes, steps, reasons = runs.axes, dict[str, int](), dict[str, str]()
    for name in axes.names:
        for step in _candidates(name, axes.sizes[name], runs.costly):
            wrong = _wrong_steps(runs, (name,), step, trace, first)
            if wrong is None:
                steps[name] = step
                break
            reasons.setdefault(name, wrong)
    stuck = [name for name in axes.names if name not in steps]
    notes: list[str] = []
    for one, two in combinations(stuck, 2):
        together = _step_together(runs, (one, two), trace, first)
        if together is not None:
            axes, steps[one] = axes.tied(two, one), together
            notes.append(f"{two} has to be equal to {one}, and is called {one}.")
    for name in axes.names:
        if name not in steps:
            notes.append(stays(name, axes.sizes[name], reasons[name]))
            axes = axes.fixed(name)
    return StepPlan(axes, steps, tuple(notes))


def _step_together(
    runs: ModelRunner, names: tuple[str, str], trace: Trace, first: Sample
) -> int | None:
    """A step by which two sizes that are equal may grow together."""
    size, other = (runs.axes.sizes[name] for name in names)
    steps = _candidates(names[0], size, runs.costly) if size == other else iter(())
    return next((one for one in steps if not _wrong_steps(runs, names, one, trace, first)), None)


def _wrong_steps(
    runs: ModelRunner, names: tuple[str, ...], step: int, trace: Trace, first: Sample
) -> str | None:
    """What is wrong with such a step; one of 1 must also work down, or it is only rounded off."""
    size = runs.axes.sizes[names[0]]
    sizes = [size + step] + ([size - step] if step == 1 < size else [])
    wrong = (_wrong(runs, dict.fromkeys(names, one), trace, first) for one in sizes)
    return next((one for one in wrong if one is not None), None)


def _wrong(runs: ModelRunner, sizes: AxisSizes, trace: Trace, first: Sample) -> str | None:
    at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    return trouble(trace, first, runs.sample(sizes), at)


def stays(name: str, size: int, reason: str) -> str:
    """What is told of a size that cannot be varied."""
    return f"{name} is {size}, and what depends on it holds for {name} = {size} only: {reason}."


def _nothing_varies(runs: ModelRunner, axes: Axes, trace: Trace, first: Sample) -> Sampling:
    notes = []
    for name in axes.names:
        notes.append(stays(name, axes.sizes[name], "the model does not run the same at others"))
        axes = axes.fixed(name)
    sampling = Sampling(runs.with_axes(axes), trace, first, {})
    sampling.notes += notes
    return sampling
