"""Which candidates each value of a trace was computed from, and by what ways.

A set of candidates is an int, a bit for each, so that one pass answers all the joins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction

from tracer.record import Step, Trace, Value
from tracer.skip_links.candidates import Candidate
from tracer.skip_links.reading import NEW, is_coarser
from tracer.skip_links.resolution import Resolutions

MOVES = frozenset(
    (
        *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous", "T"),
        *("permute", "transpose", "swapaxes", "movedim", "mT", "clone", "view_as", "getitem"),
        *("chunk", "split", "unbind", "select", "narrow", "expand", "to", "detach", "roll"),
    )
)
"""Operations that only move numbers: a way of these alone computes nothing."""


@dataclass(frozen=True, slots=True)
class Ways:
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


NONE = Ways()


class Reach:
    """The ways to every value so far, while the steps are gone through in order."""

    def __init__(self, trace: Trace, candidates: list[Candidate], known: Resolutions) -> None:
        self.ways: dict[str, Ways] = {}
        self.order: dict[str, int] = {}
        """By the name of a value: how many came before it. An input of the model has no place."""
        self._known = known
        starts: dict[str, int] = defaultdict(int)
        in_block: dict[str, int] = defaultdict(int)
        begun: dict[int, int] = defaultdict(int)
        for bit, candidate in enumerate(candidates):
            starts[candidate.value.name] |= 1 << bit
            in_block[candidate.block] |= 1 << bit
            begun[trace.blocks[candidate.block].first if candidate.block else len(trace.steps)] |= (
                1 << bit
            )
        self._starts, self._in_block, self._begun = starts, in_block, begun
        self._inside = 0
        """The candidates of joins in blocks that have begun; the model is no block here."""
        self._coarser = _Compared(candidates, lambda one, at: is_coarser(at, one.places))
        self._finer = _Compared(candidates, lambda one, at: is_coarser(one.lowest, at))

    def to(self, value: Value) -> Ways:
        """The ways that led to a value."""
        return self.ways.get(value.name, NONE)

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
        others = 0 if step.op in MOVES else some & ~self._in_block.get(step.block, 0)
        mixed = others & ~self._inside if any(len(one.shape) > 1 for one in step.weights) else 0
        for value in step.outputs:
            places = self._known.places(value)
            lower, staying = self._coarser.at(places), stay & ~self._finer.at(places)
            self.order[value.name] = len(self.order)
            self.ways[value.name] = Ways(
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
        self._groups: dict[tuple[Fraction, Fraction], tuple[Candidate, int]] = {}
        for bit, one in enumerate(candidates):
            _, bits = self._groups.get((one.places, one.lowest), (one, 0))
            self._groups[one.places, one.lowest] = one, bits | 1 << bit
        self._found: dict[Fraction, int] = {}

    def at(self, places: Fraction) -> int:
        if places not in self._found:
            groups = self._groups.values()
            self._found[places] = sum(bits for one, bits in groups if self._compares(one, places))
        return self._found[places]
