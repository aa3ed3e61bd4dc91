"""Seconds, taken in turn: each round runs everything once, so that all meet the same machine."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

ROUNDS = 9
SLOW = 4.0
"""Seconds. What takes longer the first time is run in `FEW` rounds only."""
FEW = 2
Run = Callable[[], object]


def _nothing() -> None:
    """Nothing to be done outside of the clock."""


@dataclass(frozen=True)
class Timed:
    """Something to be timed, with what has to be done before and after, outside of the clock.

    What runs in this process alone is best timed by `time.process_time`: the time that a processor
    worked on it, whatever else the machine had to do. It is run in a row until it has taken `least`
    seconds, and the mean counts.
    """

    run: Run
    ready: Run = _nothing
    done: Run = _nothing
    clock: Callable[[], float] = time.perf_counter
    least: float = 0.0

    def seconds(self) -> float:
        """How long it takes now; what others left behind is collected first."""
        gc.collect()
        runs = [self._once()]
        while sum(runs) < self.least:
            runs.append(self._once())
        return statistics.fmean(runs)

    def _once(self) -> float:
        self.ready()
        try:
            start = self.clock()
            self.run()
            return self.clock() - start
        finally:
            self.done()


@dataclass
class Times:
    """Seconds, in the order in which they were taken; or why there are none."""

    seconds: list[float] = field(default_factory=list)
    failure: str = ""

    @property
    def median(self) -> float:
        """The median; NaN without any."""
        return statistics.median(self.seconds) if self.seconds else math.nan


def in_turn(
    timed: Mapping[str, Timed], slow: float = SLOW, rounds: int = ROUNDS
) -> dict[str, Times]:
    """The times of all by name, in rounds, after one that is not counted.

    What raises an exception is left out from then on, and says so in its first line.
    """
    found = {name: Times() for name in timed}
    warm = {name: _attempt(one, found[name]) for name, one in timed.items()}
    for turn in range(rounds):
        for name, one in timed.items():
            if not found[name].failure and (warm[name] < slow or turn < FEW):
                found[name].seconds.append(_attempt(one, found[name]))
    return found


def _attempt(one: Timed, times: Times) -> float:
    try:
        return one.seconds()
    except Exception as error:  # whatever a peer raises is its answer
        times.failure = first_line(error)
        return math.nan


def first_line(error: BaseException) -> str:
    """An exception in a line: its class, and how its message begins."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of the size that times grow with: 1 is linear, 2 quadratic.

    The slope of the straight line that fits best where both are logarithms.
    """
    points = [(math.log(size), math.log(took)) for size, took in zip(sizes, seconds, strict=True)]
    across, up = (statistics.fmean(axis) for axis in zip(*points, strict=True))
    spread = sum((x - across) ** 2 for x, _ in points)
    return sum((x - across) * (y - up) for x, y in points) / spread
