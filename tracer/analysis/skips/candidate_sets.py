"""Sets of candidates that share what they have in common, so that many of them take little memory.

A set is a binary tree over the numbers of the candidates, written as nested pairs, with the bits of
`LEAF` numbers in each leaf. A set that was made from another holds the same objects for all parts
that did not change. Each value of a model adds a few candidates to those of the value before it, so
a model with n skips waiting takes n log n memory instead of n * n, and a union leaves out what both
have in common.

At any level, `EMPTY` stands for no numbers and `ALL` for every number of that part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Final, TypeAlias

CandidateSet: TypeAlias = "int | tuple[CandidateSet, CandidateSet]"
Halves: TypeAlias = tuple[CandidateSet, CandidateSet]
Remembered: TypeAlias = dict[tuple[int, int], tuple[Halves, Halves, CandidateSet]]
"""The results of an operation by the ids of its operands, with the operands."""

LEAF_BITS: Final = 9
LEAF: Final = 1 << LEAF_BITS
EMPTY: Final = 0
ALL: Final = -1
FULL_LEAF: Final = (1 << LEAF) - 1
LEAST_REMEMBERED: Final = 1_024
REMEMBERED_PER_LEAF: Final = 8


class CandidateNumbers:
    """The numbers that the sets of a trace may hold: 0 up to a count.

    >>> numbers = CandidateNumbers(5_000)
    >>> some = numbers.set_of([3, 700, 4_999])
    >>> numbers.holds(some, 700), numbers.holds(numbers.below(some, 700), 700)
    (True, False)
    """

    def __init__(self, count: int) -> None:
        self._depth = max((count - 1).bit_length() - LEAF_BITS, 0)

    def set_of(self, numbers: Iterable[int]) -> CandidateSet:
        """Return the set of numbers that are given in ascending order."""
        parts: dict[int, CandidateSet] = {
            leaf: _leaf(of_leaf) for leaf, of_leaf in groupby(numbers, lambda one: one >> LEAF_BITS)
        }
        for _ in range(self._depth):
            above: dict[int, CandidateSet] = {}
            for place in dict.fromkeys(place >> 1 for place in parts):
                left, right = parts.get(2 * place, EMPTY), parts.get(2 * place + 1, EMPTY)
                above[place] = ALL if left == ALL == right else (left, right)
            parts = above
        return parts.get(0, EMPTY)

    def holds(self, members: CandidateSet, number: int) -> bool:
        """Return whether a number is in a set."""
        level = LEAF_BITS + self._depth
        while isinstance(members, tuple):
            level -= 1
            members = members[number >> level & 1]
        return bool(members >> (number & LEAF - 1) & 1)

    def below(self, members: CandidateSet, limit: int) -> CandidateSet:
        """Return the numbers of a set that are smaller than a limit."""
        return _below(members, limit, LEAF << self._depth)


class SetOperations:
    """Unions, intersections and differences of sets, which are remembered for a while.

    The sets of one value are often those of the value before it but for a few parts, so most parts
    of a union were united for that value, too. Whoever makes sets of one trace keeps one of these.

    Args:
        count: How many numbers the sets may hold; as many results are kept as is in proportion.
    """

    def __init__(self, count: int) -> None:
        self._most = LEAST_REMEMBERED + count // LEAF * REMEMBERED_PER_LEAF
        self._unions: Remembered = {}
        self._intersections: Remembered = {}
        self._differences: Remembered = {}

    def union(self, one: CandidateSet, other: CandidateSet) -> CandidateSet:
        """Return the numbers of either set."""
        if one is other or other == EMPTY:
            return one
        if one == EMPTY:
            return other
        if isinstance(one, tuple) and isinstance(other, tuple):
            return self._by_halves(self._unions, self.union, one, other)
        if isinstance(one, tuple) or isinstance(other, tuple):
            return ALL  # the one without parts is neither empty nor a leaf
        both = one | other
        return one if both == one else other if both == other else both

    def intersection(self, one: CandidateSet, other: CandidateSet) -> CandidateSet:
        """Return the numbers of both sets."""
        if one is other or other == ALL or one == EMPTY:
            return one
        if one == ALL or other == EMPTY:
            return other
        if isinstance(one, tuple) and isinstance(other, tuple):
            return self._by_halves(self._intersections, self.intersection, one, other)
        assert isinstance(one, int)
        assert isinstance(other, int)
        both = one & other
        return one if both == one else other if both == other else both

    def difference(self, one: CandidateSet, other: CandidateSet) -> CandidateSet:
        """Return the numbers of the first set that are not in the second."""
        if EMPTY in (one, other):
            return one
        if one is other or other == ALL:
            return EMPTY
        if isinstance(other, tuple):
            parts = one if isinstance(one, tuple) else (ALL, ALL)
            return self._by_halves(self._differences, self.difference, parts, other)
        assert isinstance(one, int)
        rest = (FULL_LEAF if one == ALL else one) & ~other
        return one if rest == one else rest

    def _by_halves(
        self,
        remembered: Remembered,
        operation: Callable[[CandidateSet, CandidateSet], CandidateSet],
        one: Halves,
        other: Halves,
    ) -> CandidateSet:
        """What an operation makes of both halves; the very same set where it changes nothing."""
        key = id(one), id(other)  # no other objects have these ids while the result is kept
        known = remembered.get(key)
        if known is not None:
            return known[2]
        result = _pair(operation(one[0], other[0]), operation(one[1], other[1]), one, other)
        if len(remembered) >= self._most:
            remembered.clear()
        remembered[key] = one, other, result
        return result


def _below(members: CandidateSet, limit: int, size: int) -> CandidateSet:
    """The members of a part of this size that are smaller than a limit in it."""
    if limit >= size or members == EMPTY:
        return members
    if limit <= 0:
        return EMPTY
    if size == LEAF:
        assert isinstance(members, int)
        rest = members & (1 << limit) - 1
        return members if rest == members else rest
    half = size >> 1
    halves = members if isinstance(members, tuple) else (ALL, ALL)
    left, right = _below(halves[0], limit, half), _below(halves[1], limit - half, half)
    return _pair(left, right, halves)


def _pair(left: CandidateSet, right: CandidateSet, *known: Halves) -> CandidateSet:
    """The set with these halves; one of those known, if it has the very same."""
    for one in known:
        if left is one[0] and right is one[1]:
            return one
    if left == EMPTY == right:
        return EMPTY
    return ALL if left == ALL == right else (left, right)


def _leaf(numbers: Iterable[int]) -> int:
    """The bits of the numbers of one leaf."""
    octets = bytearray(LEAF >> 3)
    for number in numbers:
        octets[(number & LEAF - 1) >> 3] |= 1 << (number & 7)
    bits = int.from_bytes(octets, "little")
    return ALL if bits == FULL_LEAF else bits
