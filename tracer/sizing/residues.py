"""Which remainders sizes may have, derived from the operations that round.

An operation that halves a size gives the same for two sizes in a row. If nothing is joined before
it, both work or neither does. So each operation that makes a size smaller contributes a digit: the
offsets by which a size may exceed or fall short of a working one, in units of what was divided so
far. The working remainders are all sums of such digits, and runs confirm them at their boundaries
and in the next period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from tracer.sizing.runner import Sample
from tracer.sizing.size_trials import SizeTrials

MOST_REMAINDERS = 64
"""Where the derived remainders are refuted, each is tried, if there are no more than these."""


def rounding_units(one: Sample, other: Sample, distance: int) -> list[int]:
    """By how much the input has to grow for each size of the model to grow by one.

    Args:
        one: The run at a size.
        other: The run at a larger size.
        distance: By how much the second size is larger.

    Returns:
        The units below `distance`, in order; 1 is always among them.

    >>> runs = [Sample((), (), {"x": (size,), "y": (size // 2,)}) for size in (8, 12)]
    >>> rounding_units(*runs, 4)
    [1, 2]
    """
    units = {1}
    for name, shape in one.shapes.items():
        for before, after in zip(shape, other.shape(name) or (), strict=False):
            growth = int(after) - int(before)
            if growth > 0 and distance % growth == 0:
                units.add(distance // growth)
    return sorted(unit for unit in units if unit < distance)


def working_remainders(trials: SizeTrials, step: int) -> frozenset[int]:
    """The remainders of the sizes that work, modulo a step.

    Args:
        trials: The log of the runs that found the step; further ones are added to it.
        step: The smallest step from a working size to the next; negative if no larger size works.
    """
    periods = Periods(trials, step)
    multiple = abs(step)
    digits = _digits(periods)
    offsets = {sum(some) % multiple for some in product(*digits)}
    if not _confirmed(periods, offsets):
        offsets = {one % multiple for digit in digits for one in digit}
    if periods.contradict(offsets) and multiple <= MOST_REMAINDERS:
        offsets = {offset for offset in range(multiple) if periods.works(offset)}
    return frozenset((trials.given + offset) % multiple for offset in {0, *offsets})


class Periods:
    """Sizes between a working size and the next, and the same ones a period further on."""

    def __init__(self, trials: SizeTrials, step: int) -> None:
        self._trials, self.multiple = trials, abs(step)
        self._starts = [trials.given + count * step for count in (0, 1)]
        if step < 0:
            self._starts = [trials.given + count * step for count in (1, 2)]

    @property
    def units(self) -> list[int]:
        """The units in which the operations of the model round."""
        if self.multiple == 1:
            return []
        low, high = sorted(self._starts)
        if low <= 0:
            low, high = high, self._trials.given
        one, other = self._trials.run(low), self._trials.run(high)
        return rounding_units(one, other, self.multiple)

    def works(self, offset: int) -> bool:
        """Whether the size with this offset works, and that in the next period."""
        offset %= self.multiple
        sizes = [start + offset for start in self._starts if start + offset > 0]
        return bool(sizes) and all(map(self._trials.works, sizes))

    def contradict(self, offsets: Iterable[int]) -> bool:
        """Whether a size in these periods was tried, and ended otherwise than the offsets say."""
        known, (low, high) = {0, *offsets}, sorted(self._starts)
        return any(
            ((size - low) % self.multiple in known) != (size in self._trials.working)
            for size in self._trials.tried
            if max(low, 1) <= size < high + self.multiple
        )


def _digits(periods: Periods) -> list[tuple[int, ...]]:
    """For each unit, the offsets in this unit that work: some below 0, 0, and some above."""
    units = periods.units
    digits: list[tuple[int, ...]] = []
    for unit, larger in zip(units, (*units[1:], periods.multiple), strict=False):
        most = max(larger // unit - 1, 1)
        up = list(_leading(periods, (unit * count for count in range(1, most + 1))))
        down = list(_leading(periods, (-unit * count for count in range(1, most + 1 - len(up)))))
        digits.append((*reversed(down), 0, *up))
    return digits


def _leading(periods: Periods, offsets: Iterable[int]) -> Iterator[int]:
    """The offsets before the first that does not work."""
    for offset in offsets:
        if not periods.works(offset):
            return
        yield offset


def _confirmed(periods: Periods, offsets: set[int]) -> bool:
    """Whether runs at the ends of each interval of offsets work, and those beyond them fail."""
    multiple = periods.multiple
    ends = [one for one in offsets if not {(one + side) % multiple for side in (-1, 1)} <= offsets]
    inside = sorted(ends, key=lambda one: min(one, multiple - one))
    checked = {*inside[:2], *inside[-2:]}
    beyond = {(one + side) % multiple for one in checked for side in (-1, 1)} - offsets
    return all(map(periods.works, checked)) and not any(map(periods.works, beyond))
