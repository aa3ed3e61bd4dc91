"""Which candidates each value of a trace was computed from, and by what ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from tracer.record import Step, Value
from tracer.skip_links.candidates import Candidate, Candidates, is_joined_by
from tracer.skip_links.link import JOINS
from tracer.skip_links.resolution import is_coarser

MOVES = frozenset(
    (
        *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous", "T"),
        *("permute", "transpose", "swapaxes", "movedim", "mT", "clone", "view_as", "getitem"),
        *("chunk", "split", "unbind", "select", "narrow", "expand", "to", "detach", "roll"),
    )
)
"""Operations that only move numbers: a way of these alone computes nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that proved to be a skip, and the operand that was computed from it."""

    candidate: Candidate
    other: Value
    by_coarser: bool


class Reach:
    """A set of candidates is an int, a bit for each, so that one pass answers all the joins."""

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates.all
        self.order: dict[str, int] = {}
        """By the name of a value: how many came before it. An input of the model has no place."""
        self._operands = candidates.operands
        self._places = candidates.places
        self._starts: defaultdict[str, int] = defaultdict(int)
        self._in_block: defaultdict[str, int] = defaultdict(int)
        self._at_places: defaultdict[Fraction, int] = defaultdict(int)
        for bit, candidate in enumerate(self.candidates):
            self._starts[candidate.value.name] |= 1 << bit
            self._in_block[candidate.block] |= 1 << bit
            self._at_places[candidate.places] |= 1 << bit
        self._any: dict[str, int] = {}
        """By the name of a value: the candidates that some way led from."""
        self._by_block: dict[str, int] = {}
        """The same, where a way led through another block than that of the join."""
        self._by_coarser: dict[str, int] = {}
        """The same, where a way led through a lower resolution than that of the join."""
        self._level: dict[str, int] = {}
        """The same, where a way led neither through a lower resolution nor over a skip."""
        self._coarser: dict[Fraction, int] = {}

    def found(self, bit: int, join: Step) -> Found | None:
        """The skip that a candidate is, by the ways that led from it to another operand."""
        candidate = self.candidates[bit]
        for other in self._others(candidate, join):
            by_coarser = bool(self._by_coarser.get(other.name, 0) >> bit & 1)
            by_block = bool(self._by_block.get(other.name, 0) >> bit & 1)
            level = bool(self._level.get(other.name, 0) >> bit & 1)
            leads = by_block if candidate.plain else by_coarser
            if leads and (JOINS[join.op] == "cat" or not level):
                return Found(candidate, other, by_coarser)
        return None

    def leads(self, bit: int, join: Step) -> bool:
        """Whether any way leads from a candidate to another operand of its join."""
        others = self._others(self.candidates[bit], join)
        return any(self._any.get(other.name, 0) >> bit & 1 for other in others)

    def _others(self, candidate: Candidate, join: Step) -> list[Value]:
        return [
            value
            for value in self._operands[candidate.join]
            if value.name != candidate.operand.name and is_joined_by(join, value)
        ]

    def pass_step(self, step: Step, skips: Collection[str] = ()) -> None:
        """Go over one step, from what it took in, some of it by skips, to what it put out."""
        some = by_block = by_coarser = level = 0
        for value in step.inputs:
            start = self._starts.get(value.name, 0)
            some |= self._any.get(value.name, 0) | start
            by_block |= self._by_block.get(value.name, 0)
            by_coarser |= self._by_coarser.get(value.name, 0)
            if value.name not in skips:
                level |= self._level.get(value.name, 0) | start
        if step.op not in MOVES:
            by_block |= some & ~self._in_block.get(step.block, 0)
        for value in step.outputs:
            coarser = self._coarser_than(self._places[value.name])
            self.order[value.name] = len(self.order)
            self._any[value.name] = some
            self._by_block[value.name] = by_block
            self._by_coarser[value.name] = by_coarser | some & coarser
            self._level[value.name] = level & ~coarser

    def _coarser_than(self, places: Fraction) -> int:
        """The candidates whose joins have more places than that."""
        found = self._coarser.get(places)
        if found is None:
            found = self._coarser[places] = sum(
                bits for other, bits in self._at_places.items() if is_coarser(places, other)
            )
        return found
