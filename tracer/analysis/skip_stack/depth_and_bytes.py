"""How many tensors are on each stack over time, and how many bytes they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from tracer.algebra.polynomial import Formula, as_dim
from tracer.analysis.tensor_bytes import element_size, size_in_bytes
from tracer.record import Dim, Value

ZERO_BYTES = Formula.of(0)
EventTime = tuple[int, int]
"""How many steps had run, and the order among the events after the same step: times that sort."""


@dataclass(frozen=True, slots=True)
class StackInterval:
    """The time that a tensor is on a stack; `end` is None if it is never popped."""

    stack: Hashable
    start: EventTime
    end: EventTime | None
    value: Value


@dataclass(frozen=True, slots=True)
class StackState:
    """After a push: the depth of its stack, and the bytes on all stacks if they are known."""

    depth: int
    total_bytes: Dim | None


@dataclass(frozen=True, slots=True)
class StackHistory:
    """The state after each push, and whether each stack was popped from its top.

    Tensors that are never popped do not count for the order.
    """

    states: tuple[StackState, ...]
    last_in_first_out: bool


def stack_history(intervals: Sequence[StackInterval]) -> StackHistory:
    """Return the depth and the bytes after each push.

    Args:
        intervals: The time of each tensor on its stack, in any order; the states are in the same.
    """
    stacks: dict[Hashable, OpenIntervals] = defaultdict(OpenIntervals)
    known = all(element_size(one.value.dtype) is not None for one in intervals)
    sizes = [Formula.of(size_in_bytes(one.value)) if known else ZERO_BYTES for one in intervals]
    states = [StackState(0, None)] * len(intervals)
    total, last_in_first_out = ZERO_BYTES, True
    for _, is_push, number in _pushes_and_pops(intervals):
        stack = stacks[intervals[number].stack]
        if is_push:
            stack.push(number, is_popped=intervals[number].end is not None)
            total += sizes[number]
            states[number] = StackState(stack.depth, as_dim(total) if known else None)
        else:
            last_in_first_out = stack.pop(number) and last_in_first_out
            total -= sizes[number]
    return StackHistory(tuple(states), last_in_first_out)


class OpenIntervals:
    """The tensors on one stack; `depth` is their number."""

    def __init__(self) -> None:
        self.depth = 0
        self._order: list[int] = []
        """Those that are popped some time, and among them some that were; the topmost is last."""
        self._popped: set[int] = set()

    def push(self, number: int, *, is_popped: bool) -> None:
        """Put a tensor on the stack."""
        self.depth += 1
        if is_popped:
            self._order.append(number)

    def pop(self, number: int) -> bool:
        """Take a tensor off; return whether it was the topmost of those that are ever popped."""
        self.depth -= 1
        self._popped.add(number)
        was_topmost = self._order[-1] == number
        while self._order and self._order[-1] in self._popped:
            self._popped.remove(self._order.pop())
        return was_topmost


def _pushes_and_pops(intervals: Sequence[StackInterval]) -> list[tuple[EventTime, bool, int]]:
    """The start (True) and the end (False) of every interval in order; at one time, ends first."""
    pushes = [(one.start, True, number) for number, one in enumerate(intervals)]
    pops = [(one.end, False, number) for number, one in enumerate(intervals) if one.end]
    return sorted([*pushes, *pops])
