"""Which remainders sizes may have, derived from the operations that round.

An operation that halves a size gives the same for two sizes in a row. If nothing is joined before
it, both work or neither does. So each operation that makes a size smaller contributes a digit: the
offsets by which a size may exceed or fall short of a working one, in units of what was divided so
far. The working remainders are all sums of such digits, and runs confirm them at their boundaries
and in the next period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice, product

from tracer.sizing.runner import Sample
from tracer.sizing.size_trials import SizeTrials

LARGEST_FACTOR = 8
"""A size so many times as large is tried, to see in which units operations round."""

ODD_FACTORS = (1, 27)
"""Sizes that are larger by one of these, doubled several times, show the most units."""

REAL_DISTANCE = 48
"""The same on real data, where larger sizes take too long."""

MOST_REMAINDERS = 64
"""Where the derived remainders are refuted, each is tried, if there are no more than these."""

LARGEST_STRIDE = 8
"""The largest number by which one operation is taken to divide a size."""

MOST_CHOICES = 4096
"""At most so many combinations of digits are compared with runs."""

CHECKED_ENDS = 4
"""So many of the nearest and of the farthest ends of intervals are run."""


def rounding_units(given: Sample, larger: Mapping[int, Sample]) -> list[int]:
    """By how much the input has to grow for each size of the model to grow by one.

    Args:
        given: The run at a size.
        larger: Runs at larger sizes, by how much they are larger; they may have failed.

    Returns:
        The units with which all runs agree, below the largest distance, in order; 1 is always among
        them.

    >>> runs = [Sample((), (), {"x": (size,), "y": (size // 2,)}) for size in (8, 12, 17)]
    >>> rounding_units(runs[0], {4: runs[1], 9: runs[2]})
    [1, 2]
    """
    units = {1}
    for name, shape in given.shapes.items():
        shapes = {distance: run.shape(name) or () for distance, run in larger.items()}
        for axis, before in enumerate(shape):
            growth = {
                distance: int(after[axis]) - int(before)
                for distance, after in shapes.items()
                if axis < len(after)
            }
            units |= _units_of_growth(growth, units)
    return sorted(unit for unit in units if unit < max(larger, default=2))


def far_distances(given: int, *, real_data: bool) -> Iterator[int]:
    """Yield by how much larger sizes are that show the units.

    Most products of strides divide these distances.
    """
    if real_data:
        yield from (given, REAL_DISTANCE)
        return
    largest = LARGEST_FACTOR * given
    yield largest
    for odd in ODD_FACTORS:
        distance = odd
        while 2 * distance <= 3 * largest:
            distance *= 2
        if distance // odd > 4 * (largest & -largest) or odd > 1:
            yield distance


def _units_of_growth(growth: Mapping[int, int], smaller: Iterable[int]) -> set[int]:
    """The units by which one size may grow: those that are exact, or else multiples of smaller.

    A size that no longer grows, such as that of a table which is at its end, has none.
    """
    pairs = list(combinations([(0, 0), *growth.items()], 2))

    def agree(unit: int) -> bool:
        return all(
            abs((more - less) * unit - (far - near)) < unit for (near, less), (far, more) in pairs
        )

    exact = {far // more for far, more in growth.items() if more > 0 and far % more == 0}
    multiples = {unit * times for unit in smaller for times in range(2, LARGEST_STRIDE + 1)}
    return set(filter(agree, exact)) or (
        set(filter(agree, multiples)) if any(growth.values()) else set()
    )


def working_remainders(trials: SizeTrials, step: int, far: int | None = None) -> frozenset[int]:
    """The remainders of the sizes that work, modulo a step.

    Args:
        trials: The log of the runs that found the step; further ones are added to it.
        step: The smallest step from a working size to the next; negative if no larger size works.
        far: After how many steps the remainders have to work, too; None if that cannot be tried.
    """
    offsets = _working_offsets(Periods(trials, step))
    checked = _ends(offsets, step) if len(offsets) > 1 else []
    if far is not None and not all(map(Periods(trials, step, far).works, checked)):
        offsets = _working_offsets(Periods(trials, step, far))
    return frozenset((trials.given + offset) % abs(step) for offset in {0, *offsets})


def _working_offsets(periods: Periods) -> set[int]:
    offsets = _confirmed_offsets(periods)
    if offsets is not None:
        return offsets
    multiple = periods.multiple
    tried = range(multiple) if multiple <= MOST_REMAINDERS else periods.tried()
    return {offset for offset in tried if periods.works(offset)}


class Periods:
    """Sizes between a working size and the next, and the same ones a period further on.

    They begin `steps` steps away from the given size; by default at it, or below it if no larger
    size works.
    """

    def __init__(self, trials: SizeTrials, step: int, steps: int | None = None) -> None:
        self._trials, self.multiple = trials, abs(step)
        first = (0 if step > 0 else 1) if steps is None else steps
        self._starts = [trials.given + number * step for number in (first, first + 1)]

    @property
    def units(self) -> list[int]:
        """The units in which the operations of the model round, as far as they divide the period.

        Another unit is that of an axis whose size other axes decide, too.
        """
        if self.multiple == 1:
            return []
        low, high = sorted(self._starts)
        if low <= 0:
            low, high = high, self._trials.given
        one, other = self._trials.run(low), self._trials.run(high)
        units = rounding_units(one, {self.multiple: other})
        return [unit for unit in units if self.multiple % unit == 0]

    def works(self, offset: int) -> bool:
        """Whether the size with this offset works, and that in the next period."""
        offset %= self.multiple
        sizes = [start + offset for start in self._starts if start + offset > 0]
        return bool(sizes) and all(map(self._trials.works, sizes))

    def contradict(self, offsets: Iterable[int]) -> bool:
        """Whether a size in these periods was tried, and ended otherwise than the offsets say."""
        known, low = {0, *offsets}, min(self._starts)
        return any(
            ((size - low) % self.multiple in known) != (size in self._trials.working)
            for size in self._tried_sizes()
        )

    def tried(self) -> set[int]:
        """The offsets of which a size was tried in these periods."""
        return {(size - min(self._starts)) % self.multiple for size in self._tried_sizes()}

    def _tried_sizes(self) -> list[int]:
        low, high = sorted(self._starts)
        return [size for size in self._trials.tried if max(low, 1) <= size < high + self.multiple]


def _confirmed_offsets(periods: Periods) -> set[int] | None:
    """The sums of digits that runs confirm; None if they refute all of them."""
    units = periods.units
    digits = [_digits(periods, unit, _ratio(unit, [*units, periods.multiple])) for unit in units]
    for choice in islice(product(*digits), MOST_CHOICES):
        sums = (
            sum(unit * count for unit, count in zip(units, counts, strict=True))
            for counts in product(*choice)
        )
        offsets = {one % periods.multiple for one in sums}
        if not periods.contradict(offsets) and _confirmed(periods, offsets):
            return offsets
    return None


def _ratio(unit: int, units: Iterable[int]) -> int:
    """How many times a unit is in the next one that it divides."""
    return min(one for one in units if one > unit and one % unit == 0) // unit


def _digits(periods: Periods, unit: int, ratio: int) -> list[range]:
    """The digits that an operation may contribute, the longest first.

    It rounds no more than `ratio` sizes to the same one. If more work in a row, an operation in
    larger units adds to some of them, and runs decide which.
    """
    down, up = (
        sum(1 for _ in _leading(periods, (sign * unit * count for count in range(1, ratio))))
        for sign in (-1, 1)
    )
    found = [
        range(-below, above + 1)
        for below in range(down + 1)
        for above in range(up + 1)
        if below + above < ratio
    ]
    return sorted(found, key=lambda one: (-len(one), one.start))


def _leading(periods: Periods, offsets: Iterable[int]) -> Iterator[int]:
    """The offsets before the first that does not work."""
    for offset in offsets:
        if not periods.works(offset):
            return
        yield offset


def _confirmed(periods: Periods, offsets: set[int]) -> bool:
    """Whether runs at the ends of each interval of offsets work, and those beyond them fail."""
    multiple = periods.multiple
    checked = _ends(offsets, multiple)
    beyond = {(one + side) % multiple for one in checked for side in (-1, 1)} - offsets
    return all(map(periods.works, checked)) and not any(map(periods.works, sorted(beyond)))


def _ends(offsets: set[int], step: int) -> list[int]:
    """The nearest and the farthest ends of the intervals of offsets."""
    multiple = abs(step)
    ends = [one for one in offsets if not {(one + side) % multiple for side in (-1, 1)} <= offsets]
    inside = sorted(ends, key=lambda one: min(one, multiple - one))
    return list(dict.fromkeys((*inside[:CHECKED_ENDS], *inside[-CHECKED_ENDS:])))
