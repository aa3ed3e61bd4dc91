"""The law of sizes of a model, derived by running it without data, and verified the same way.

If every multiple of m works, and nothing else, then of the sizes s + d, with s a size that works
and d a divisor of it, the first that works is s + m. So a few runs find m, and each run that fails
on the way names an obstacle. Sizes that break the rule are then tried, and have to fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from tracer.clashes import Place, clash
from tracer.from_torch.axes import Axes, Dims
from tracer.from_torch.capture import Recording, named_inputs, record
from tracer.from_torch.convert import to_trace
from tracer.from_torch.symbolic import parting
from tracer.laws import Law, Rule, Trial
from tracer.record import Trace

CHECKED = 3
"""Sizes that break a rule, beside those met while it was found, that are tried to verify it."""


def size_law(model: nn.Module, inputs: Any, dims: Dims | None = None) -> Law:
    """The law of sizes of a model that runs on `inputs`; see `tracer.trace` for these and `dims`.

    Raises TraceError for names that do not fit the inputs, and lets the exception of a model
    through that does not run on them.
    """
    runs = Runs(model, inputs, dims)
    return Law(tuple(_rule(runs, name) for name in runs.axes.sizes))


class Runs:
    """Runs of one model at various sizes, each run once."""

    def __init__(self, model: nn.Module, inputs: Any, dims: Dims | None = None) -> None:
        self.axes = Axes(named_inputs(model, inputs), dims)
        self._model = model
        self._by_name = isinstance(inputs, Mapping)
        self._known: dict[tuple[tuple[str, int], ...], tuple[Trial, Trace]] = {}
        recording = self.run({})
        if recording.failure is not None:
            raise recording.failure.error

    def run(self, sizes: Mapping[str, int], *, lines: bool = True) -> Recording:
        """One run, with some sizes other than given."""
        given = self.axes.at({**self.axes.sizes, **sizes})
        return record(self._model, given if self._by_name else tuple(given.values()), lines=lines)

    def trial(self, sizes: Mapping[str, int]) -> tuple[Trial, Trace]:
        """Whether the model runs at those sizes, and what it did up to where it failed."""
        key = tuple(sizes.items())
        if key not in self._known:
            recording = self.run(sizes)
            size = next(iter(sizes.values()), 0)
            self._known[key] = trial_of(recording, size), to_trace(recording)
        return self._known[key]

    def works(self, sizes: Mapping[str, int]) -> bool:
        """Whether the model runs at those sizes."""
        return self.trial(sizes)[0].worked


def trial_of(recording: Recording, size: int) -> Trial:
    """What a recording says of the size that it ran at."""
    failure = recording.failure
    if failure is None:
        return Trial(size, worked=True)
    popped = Place(failure.block, *(failure.place or (None, None)))
    found = clash(to_trace(recording), failure.op or "", failure.operands, popped)
    return Trial(
        size, worked=False, error=f"{type(failure.error).__name__}: {failure.error}", clash=found
    )


def _rule(runs: Runs, name: str) -> Rule:
    given = runs.axes.sizes[name]
    step = _first_working_step(runs, name, given)
    tied = None if step else _tie(runs, name, given)
    if step == 0:
        return Rule(name, given, 0, given, tuple(_trials(runs, name)), tied_to=tied)
    _verify(runs, name, given, step)
    minimum = _minimum(runs, name, given, step)
    trials = tuple(_trials(runs, name))
    return Rule(name, given, step, minimum, trials, _parting(runs, name, given, step))


def _first_working_step(runs: Runs, name: str, given: int) -> int:
    """The smallest divisor of a size that can be added to it; 0 if there is none."""
    divisors = (d for d in range(1, given + 1) if given % d == 0)
    return next((d for d in divisors if runs.works({name: given + d})), 0)


def _verify(runs: Runs, name: str, given: int, step: int) -> None:
    """Run sizes that obey the rule, and sizes that break it; the trials are kept."""
    runs.works({name: given + 3 * step})
    breaking = [given + 2 * step + d for d in range(1, step)]
    for size in breaking[:: max(1, len(breaking) // CHECKED)][:CHECKED]:
        runs.works({name: size})


def _minimum(runs: Runs, name: str, given: int, step: int) -> int:
    """The least multiple that works, taking it that none works below one that does not."""
    low, high = 1, given // step
    while low < high:
        middle = (low + high) // 2
        if runs.works({name: middle * step}):
            high = middle
        else:
            low = middle + 1
    return low * step


def _trials(runs: Runs, name: str) -> Iterator[Trial]:
    for key, (trial, _) in runs._known.items():
        if [one for one, _ in key] == [name]:
            yield trial


def _parting(runs: Runs, name: str, given: int, step: int) -> str | None:
    """Where the model runs other operations at the next size that it accepts."""
    base = to_trace(runs.run({}, lines=False))
    return parting(base, runs.trial({name: given + step})[1])


def _tie(runs: Runs, name: str, given: int) -> str | None:
    """The name of another size that has to change together with this one."""
    for other, size in runs.axes.sizes.items():
        if other != name and size == given and runs.works({name: 2 * given, other: 2 * given}):
            return other
    return None
