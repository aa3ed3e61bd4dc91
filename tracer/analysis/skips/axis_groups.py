"""Which axes a reshape splits and merges, and which a reduction drops, from the sizes alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class AxisGroup:
    """Neighboring axes before and after a reshape, with equally many numbers, and no fewer axes."""

    before: range
    after: range

    @property
    def is_split(self) -> bool:
        """Whether one axis became several."""
        return len(self.before) == 1 and len(self.after) > 1


def regrouped_axes(old: tuple[int, ...], new: tuple[int, ...]) -> Iterator[AxisGroup]:
    """Yield the groups of axes that a reshape keeps apart, without those of size 1.

    Args:
        old: The shape before.
        new: The shape after, with as many numbers.

    >>> [(group.before, group.after) for group in regrouped_axes((2, 32, 8), (2, 16, 2, 8))]
    [(range(0, 1), range(0, 1)), (range(1, 2), range(1, 3)), (range(2, 3), range(3, 4))]
    """
    first = start = 0
    while first < len(old) and start < len(new):
        last, end = first + 1, start + 1
        before, after = old[first], new[start]
        while before != after:
            if before < after and last < len(old):
                before, last = before * old[last], last + 1
            elif after < before and end < len(new):
                after, end = after * new[end], end + 1
            else:
                return
        if before > 1:
            yield AxisGroup(range(first, last), range(start, end))
        first, start = last, end


def dropped_axes(old: tuple[int, ...], new: tuple[int, ...]) -> Iterator[frozenset[int]]:
    """Yield the sets of axes that a reduction may have dropped, or left with size 1.

    >>> [sorted(axes) for axes in dropped_axes((1, 16, 2, 8), (1, 16, 8))]
    [[2]]
    """
    if len(old) == len(new):
        yield frozenset(axis for axis, size in enumerate(new) if size == 1 < old[axis])
        return
    for axes in combinations(range(len(old)), max(len(old) - len(new), 0)):
        if tuple(size for axis, size in enumerate(old) if axis not in axes) == new:
            yield frozenset(axes)
