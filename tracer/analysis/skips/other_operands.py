"""Which other operand of a join was computed from a candidate, also where a join has thousands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from tracer.analysis.skips.candidate_sets import EMPTY, CandidateSet
from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.reachability import PathSets, Reachability
from tracer.record import Value

PathKind = Callable[[PathSets], CandidateSet]
"""Picks the candidates that a value was computed from by one kind of path, or by several."""


class OtherOperands:
    """Finds the operands of a join that a candidate leads to, besides its own.

    For each kind of path, the sets of neighboring operands are united, and those of neighboring
    unions, up to one for all operands. The first operand that a candidate leads to is found from
    the top down, without a look at every operand.

    Args:
        operands: The operands of a join, in order.
        reachability: The paths to all of them.
    """

    def __init__(self, operands: Sequence[Value], reachability: Reachability) -> None:
        self._operands = operands
        self._reachability = reachability
        self._places = {value.name: place for place, value in enumerate(operands)}
        self._unions: dict[PathKind, list[list[CandidateSet]]] = {}

    def place(self, operand: Value) -> int:
        """Return how many operands are before one."""
        return self._places[operand.name]

    def first(self, candidate: Candidate, kind: PathKind) -> Value | None:
        """Return the first operand, other than its own, that a candidate leads to by some paths."""
        if kind not in self._unions:
            self._unions[kind] = self._united(kind)
        levels = self._unions[kind]
        place = self._first_in(levels, len(levels) - 1, 0, candidate)
        return None if place is None else self._operands[place]

    def leads_to_another(self, candidate: Candidate) -> bool:
        """Return whether another operand is a candidate, or was computed from it in any way."""
        name = candidate.value.name
        is_operand = name in self._places and name != candidate.operand.name
        return is_operand or self.first(candidate, _any_path) is not None

    def _first_in(
        self, levels: Sequence[Sequence[CandidateSet]], level: int, place: int, candidate: Candidate
    ) -> int | None:
        """The first operand below one union."""
        if not self._reachability.holds(levels[level][place], candidate):
            return None
        if level == 0:
            return None if place == self._places[candidate.operand.name] else place
        left = self._first_in(levels, level - 1, 2 * place, candidate)
        if left is not None or 2 * place + 1 == len(levels[level - 1]):
            return left
        return self._first_in(levels, level - 1, 2 * place + 1, candidate)

    def _united(self, kind: PathKind) -> list[list[CandidateSet]]:
        """The sets of the operands, then those of two neighbors, of four, and so on."""
        unite = self._reachability.operations.union
        levels = [[kind(self._reachability.to(value)) for value in self._operands]]
        while len(levels[-1]) > 1:
            below = levels[-1]
            pairs = zip_longest(below[::2], below[1::2], fillvalue=EMPTY)
            levels.append([unite(one, other) for one, other in pairs])
        return levels


def _any_path(paths: PathSets) -> CandidateSet:
    return paths.any
