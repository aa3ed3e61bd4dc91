"""How many tensors are on a stack, and how many bytes they take."""

from __future__ import annotations

import pytest

from tracer.analysis.skip_stack.depth_and_bytes import (
    StackInterval,
    StackState,
    stack_history,
)
from tracer.record import Value

KIB = Value("k", (256,), "float32")


def wait(start: int, end: int | None, stack: str = "hs", value: Value = KIB) -> StackInterval:
    return StackInterval(stack, (start, 0), None if end is None else (end, 0), value)


def test_depth_and_bytes_are_those_after_the_push() -> None:
    found = stack_history([wait(1, 6), wait(2, 5), wait(3, 4)])
    assert found.states == (StackState(1, 1024), StackState(2, 2048), StackState(3, 3072))


def test_what_was_popped_waits_no_more() -> None:
    found = stack_history([wait(1, 2), wait(3, 4)])
    assert found.states == (StackState(1, 1024), StackState(1, 1024))


def test_what_ends_at_the_moment_of_a_push_ends_before_it() -> None:
    found = stack_history([wait(1, 2), wait(2, 3)])
    assert found.states[1] == StackState(1, 1024)


def test_depth_is_of_one_stack_and_bytes_are_of_all() -> None:
    found = stack_history([wait(1, 4, "hs"), wait(2, 3, "skips")])
    assert found.states == (StackState(1, 1024), StackState(1, 2048))


def test_bytes_are_formulas_when_a_size_is() -> None:
    found = stack_history([wait(1, 4), wait(2, 3, value=Value("f", ("H", 2), "float32"))])
    assert [state.total_bytes for state in found.states] == [1024, "8*H + 1024"]


def test_bytes_are_unknown_when_one_dtype_is() -> None:
    found = stack_history([wait(1, 4), wait(2, 3, value=Value("f", ("H",), "quaternion"))])
    assert [state.total_bytes for state in found.states] == [None, None]


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([wait(1, 4), wait(2, 3)], True),
        ([wait(1, 3), wait(2, 4)], False),
        ([wait(1, 3, "hs"), wait(2, 4, "skips")], True),
        ([wait(1, 3), wait(2, None)], True),
        ([wait(1, None), wait(2, 3)], True),
    ],
    ids=["stack", "queue", "two stacks", "something stays above", "something stays below"],
)
def test_last_in_first_out_is_told_from_the_order(
    waits: list[StackInterval], expected: bool
) -> None:
    assert stack_history(waits).last_in_first_out is expected
