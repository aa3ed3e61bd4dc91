"""Sets of candidates are sets of numbers, which share what they have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.work import peak_memory
from tracer.analysis.skips.candidate_sets import (
    EMPTY,
    LEAF,
    CandidateNumbers,
    CandidateSet,
    SetOperations,
)

COUNT = 3 * LEAF + 5
NUMBERS = CandidateNumbers(COUNT)
OPERATIONS = SetOperations(COUNT)
members = st.one_of(
    st.sets(st.integers(0, COUNT - 1), max_size=20),
    st.builds(lambda start, stop: set(range(start, stop)), *[st.integers(0, COUNT)] * 2),
)


def set_of(numbers: set[int]) -> CandidateSet:
    return NUMBERS.set_of(sorted(numbers))


def numbers_in(one: CandidateSet) -> set[int]:
    return {number for number in range(COUNT) if NUMBERS.holds(one, number)}


@given(members, members, st.integers(0, COUNT))
def test_they_do_what_sets_do(one: set[int], other: set[int], limit: int) -> None:
    ours, theirs = set_of(one), set_of(other)
    assert numbers_in(ours) == one
    assert numbers_in(OPERATIONS.union(ours, theirs)) == one | other
    assert numbers_in(OPERATIONS.intersection(ours, theirs)) == one & other
    assert numbers_in(OPERATIONS.difference(ours, theirs)) == one - other
    assert numbers_in(NUMBERS.below(ours, limit)) == {number for number in one if number < limit}


@given(members, members)
def test_a_result_that_is_one_of_them_is_the_same_object(one: set[int], other: set[int]) -> None:
    both = OPERATIONS.union(set_of(one), set_of(other))
    assert OPERATIONS.union(both, set_of(one)) is both
    assert OPERATIONS.difference(both, EMPTY) is both
    assert NUMBERS.below(both, COUNT) is both


@pytest.mark.parametrize("count", [1, LEAF, LEAF + 1])
def test_any_count_of_numbers_has_room(count: int) -> None:
    numbers = CandidateNumbers(count)
    everything = numbers.set_of(range(count))
    assert all(numbers.holds(everything, number) for number in range(count))
    assert numbers.holds(numbers.set_of([count - 1]), count - 1)


def test_sets_that_grow_by_one_number_each_share_the_rest() -> None:
    def grow(count: int) -> list[CandidateSet]:
        numbers, operations = CandidateNumbers(count), SetOperations(count)
        grown = [numbers.set_of([0])]
        for number in range(1, count):
            grown.append(operations.union(grown[-1], numbers.set_of([number])))
        return grown

    few, many = (peak_memory(lambda count=count: grow(count)) for count in (4_096, 8_192))  # type: ignore[misc]
    assert many < 2.7 * few  # n log n, not four times as much
