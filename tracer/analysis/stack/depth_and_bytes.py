"""What waits at each moment: a stack, or several, played back."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import takewhile
from math import prod
from operator import mul

from tracer.algebra.polynomial import Formula, as_dim, from_dim
from tracer.record import Dim, Value

NOTHING = Formula.of(0)
PushKey = tuple[int, int]
"""A moment that sorts: the number of steps that had run, and the order among those of one step."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A tensor that waits in a stack from one moment to another, or for good."""

    stack: Hashable
    start: PushKey
    end: PushKey | None
    value: Value


@dataclass(frozen=True, slots=True)
class Count:
    """After a wait began: how many tensors its stack held, and how many bytes all stacks did."""

    depth: int
    held: Dim | None


@dataclass(frozen=True, slots=True)
class Playback:
    """The count after each wait began, and whether each stack was emptied from its top.

    What is never taken back is not in the way.
    """

    counts: tuple[Count, ...]
    last_in_first_out: bool


def playback(waits: Sequence[Wait]) -> Playback:
    """Go through the moments in order and keep count."""
    stacks: dict[Hashable, list[int]] = defaultdict(list)
    known = all(bytes_of(replace(wait.value, shape=())) is not None for wait in waits)
    sizes = [formula_of_bytes(wait.value) if known else NOTHING for wait in waits]
    counts = [Count(0, None)] * len(waits)
    total, from_the_top = NOTHING, True
    for _, begins, number in _moments(waits):
        waiting = stacks[waits[number].stack]
        if begins:
            waiting.append(number)
            total += sizes[number]
            counts[number] = Count(len(waiting), as_dim(total) if known else None)
        else:
            above = _above(waiting, number)
            from_the_top = from_the_top and not any(waits[one].end for one in above)
            del waiting[-len(above) - 1]
            total -= sizes[number]
    return Playback(tuple(counts), from_the_top)


def _above(waiting: Sequence[int], number: int) -> list[int]:
    """What waits above a tensor."""
    return list(takewhile(lambda one: one != number, reversed(waiting)))


def _moments(waits: Sequence[Wait]) -> list[tuple[PushKey, bool, int]]:
    """The beginning and the end of every wait, in order; at one moment what ends goes first."""
    begins = [(wait.start, True, number) for number, wait in enumerate(waits)]
    ends = [(wait.end, False, number) for number, wait in enumerate(waits) if wait.end]
    return sorted([*begins, *ends])


def formula_of_bytes(value: Value) -> Formula:
    """The memory of a tensor's numbers as a formula. Raises ValueError for an unknown dtype."""
    one = bytes_of(replace(value, shape=()))
    if one is None:
        raise ValueError(f"{value.name} is {value.dtype}: how many bytes that takes is not known.")
    return reduce(mul, map(from_dim, value.shape), Formula.of(one))


def bytes_of(value: Value) -> int | None:
    """The memory of a tensor's numbers; None for a shape with formulas or an unknown dtype."""
    sizes = [size for size in value.shape if isinstance(size, int)]
    bits = re.search(r"\d+", value.dtype)
    if len(sizes) < len(value.shape) or not (bits or value.dtype == "bool"):
        return None
    return prod(sizes) * (int(bits[0]) // 8 if bits else 1)
