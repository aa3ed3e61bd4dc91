"""Which candidates each value of a trace was computed from, and by what ways.

A set of candidates is an int, a bit for each, so that one pass answers all the joins. Those of
later joins have the lower bits: what is pushed first is popped last, so a set holds few bits while
little was pushed, and again once the joins of most are behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import TypeVar

from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.channel_axes import NEW, is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.record import Step, Trace, Value

SizeKey = TypeVar("SizeKey", bound=Hashable)

MOVES = frozenset(
    (
        *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous", "T"),
        *("permute", "transpose", "swapaxes", "movedim", "mT", "clone", "view_as", "getitem"),
        *("chunk", "split", "unbind", "select", "narrow", "expand", "to", "detach", "roll"),
    )
)
"""Operations that only move numbers: a way of these alone computes nothing."""


@dataclass(frozen=True, slots=True)
class PathSets:
    """The candidates that ways led from to a value.

    `block`: through another block than that of the join. `coarser`: through a lower resolution than
    that of the join. `level`: neither through a lower resolution nor over a skip. `stay`: never
    above the lowest resolution of the candidate's own way; `once` and `low`: so, and through the
    weights of blocks that do not hold the join, once or more often.
    """

    some: int = 0
    block: int = 0
    coarser: int = 0
    level: int = 0
    stay: int = 0
    once: int = 0
    low: int = 0


NO_PATHS = PathSets()


class Reach:
    """The ways to every value so far, while the steps are gone through in order."""

    def __init__(self, trace: Trace, candidates: list[Candidate], known: Resolutions) -> None:
        self.ways: dict[str, PathSets] = {}
        self.order: dict[str, int] = {}
        """By the name of a value: how many came before it. An input of the model has no place."""
        self._known = known
        ends = {call: block.first for call, block in trace.blocks.items()} | {"": len(trace.steps)}
        self._starts = _sets((one.value.name, bit) for bit, one in enumerate(candidates))
        self._in_block = _sets((one.block, bit) for bit, one in enumerate(candidates))
        self._begun = _sets((ends[one.block], bit) for bit, one in enumerate(candidates))
        self._ahead: dict[int, int] = {}
        """By the number of a step that joins: the candidates of the joins behind it."""
        for bit, candidate in enumerate(candidates):
            if candidate.join not in self._ahead:
                self._ahead[candidate.join] = (1 << bit) - 1
        self._wanted = -1
        """The candidates whose joins are still to come."""
        self._inside = 0
        """The candidates of joins in blocks that have begun; the model is no block here."""
        self._coarser = _Compared(candidates, lambda one, at: is_coarser(at, one.places))
        self._finer = _Compared(candidates, lambda one, at: is_coarser(one.lowest, at))

    def to(self, value: Value) -> PathSets:
        """The ways that led to a value."""
        return self.ways.get(value.name, NO_PATHS)

    def pass_step(self, number: int, step: Step, skips: Collection[str] = ()) -> None:
        """Go over one step, from what it took in, some of it by skips, to what it put out."""
        self._inside |= self._begun.get(number, 0)
        some = block = coarser = level = stay = once = low = 0
        for value in step.inputs if step.op not in NEW else ():
            start, ways = self._starts.get(value.name, 0), self.to(value)
            some |= ways.some | start
            block |= ways.block
            coarser |= ways.coarser
            once |= ways.once
            low |= ways.low
            stay |= ways.stay | start
            if value.name not in skips:
                level |= ways.level | start
        self._wanted = wanted = self._ahead.get(number, self._wanted)
        some, stay, level = some & wanted, stay & wanted, level & wanted
        block, coarser, once, low = block & wanted, coarser & wanted, once & wanted, low & wanted
        others = 0 if step.op in MOVES else some & ~self._in_block.get(step.block, 0)
        mixed = others & ~self._inside if any(len(one.shape) > 1 for one in step.weights) else 0
        for value in step.outputs:
            places = self._known.places(value)
            lower, staying = self._coarser.at(places), stay & ~self._finer.at(places)
            self.order[value.name] = len(self.order)
            self.ways[value.name] = PathSets(
                some,
                block | others,
                coarser | some & lower,
                level & ~lower,
                staying,
                once | mixed & staying,
                low | once & mixed & staying,
            )


class _Compared:
    """The candidates for which a resolution compares in one way, remembered by resolution."""

    def __init__(
        self, candidates: list[Candidate], compares: Callable[[Candidate, Fraction], bool]
    ) -> None:
        self._compares = compares
        keys = [one.places.as_integer_ratio() + one.lowest.as_integer_ratio() for one in candidates]
        some = dict(zip(keys, candidates, strict=True))
        self._groups = [
            (some[key], bits) for key, bits in _sets(zip(keys, count(), strict=False)).items()
        ]
        self._found: dict[Fraction, int] = {}

    def at(self, places: Fraction) -> int:
        if places not in self._found:
            groups = (bits for one, bits in self._groups if self._compares(one, places))
            self._found[places] = sum(groups)
        return self._found[places]


def _sets(pairs: Iterable[tuple[SizeKey, int]]) -> dict[SizeKey, int]:
    """The sets of bits by their keys, each written as an int at once."""
    lists: dict[SizeKey, list[int]] = defaultdict(list)
    for key, bit in pairs:
        lists[key].append(bit)
    return {key: _set(bits) for key, bits in lists.items()}


def _set(bits: list[int]) -> int:
    octets = bytearray((max(bits) >> 3) + 1)
    for bit in bits:
        octets[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(octets, "little")
