"""Which candidates each value was computed from, and by what kinds of paths.

One pass answers for all candidates of all joins, with sets of candidates. The candidates of later
joins have the lower numbers: those of joins that are still to come are the numbers below a limit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

from tracer.analysis.operations import traits
from tracer.analysis.skips.candidate_sets import (
    EMPTY,
    CandidateNumbers,
    CandidateSet,
    SetOperations,
)
from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.record import Step, Trace, Value

Key = TypeVar("Key", bound=Hashable)


class PathSets(NamedTuple):
    """For one value, the candidates that it was computed from, by kind of path.

    Attributes:
        any: By any path.
        other_block: Through a block that does not run the join.
        coarser: Through a lower resolution than that of the join.
        same_level: Through no lower resolution, and through no skip.
        low: Never above the lowest resolution between the candidate and its join.
        low_weighted: So, and through the weights of a block that does not hold the join.
        low_weighted_twice: So, and through such weights more than once.
    """

    any: CandidateSet = EMPTY
    other_block: CandidateSet = EMPTY
    coarser: CandidateSet = EMPTY
    same_level: CandidateSet = EMPTY
    low: CandidateSet = EMPTY
    low_weighted: CandidateSet = EMPTY
    low_weighted_twice: CandidateSet = EMPTY


NO_PATHS = PathSets()


class Reachability:
    """The paths to every value so far, while the steps of a trace are passed in order."""

    def __init__(self, trace: Trace, candidates: list[Candidate], resolutions: Resolutions) -> None:
        self.order: dict[str, int] = {}
        """For the name of each value that a step put out, how many came before it."""
        self._paths: dict[str, PathSets] = {}
        self._limits_of: dict[str, int] = {}
        self._last_uses = _last_uses(trace, candidates)
        self._resolutions = resolutions
        first_steps = {call: block.first for call, block in trace.blocks.items()}
        first_steps[""] = len(trace.steps)  # the model itself does not count as a block here
        self._numbers = CandidateNumbers(len(candidates))
        self.operations = SetOperations(len(candidates))
        """The operations on the sets of candidates."""
        self._of_value = self._sets(candidates, lambda one: one.value.name)
        self._of_block = self._sets(candidates, lambda one: one.block)
        self._of_first_step = self._sets(candidates, lambda one: first_steps[one.block])
        self._limits = _first_numbers(candidates)
        self._limit = len(candidates)
        """The candidates of joins that are still to come have numbers below this one."""
        self._entered: CandidateSet = EMPTY
        """The candidates of joins in blocks that have begun."""
        positions = self._sets(candidates, lambda one: one.positions.as_integer_ratio())
        lowest = self._sets(candidates, lambda one: one.lowest.as_integer_ratio())
        self._coarser = _ByResolution(
            _ascending(positions)[::-1], lambda own, at: is_coarser(at, own), self.operations
        )
        self._finer = _ByResolution(_ascending(lowest), is_coarser, self.operations)

    def to(self, value: Value) -> PathSets:
        """Return the paths to a value."""
        return self._paths.get(value.name, NO_PATHS)

    def holds(self, paths: CandidateSet, candidate: Candidate) -> bool:
        """Return whether a candidate is in a set of them."""
        return self._numbers.holds(paths, candidate.number)

    def _sets(
        self, candidates: Iterable[Candidate], key: Callable[[Candidate], Key]
    ) -> dict[Key, CandidateSet]:
        """The candidates by a key."""
        numbers: dict[Key, list[int]] = defaultdict(list)
        for one in candidates:
            numbers[key(one)].append(one.number)
        return {name: self._numbers.set_of(members) for name, members in numbers.items()}

    def add_step(self, number: int, step: Step, skips: Collection[str] = ()) -> None:
        """Extend the paths to the inputs of a step to its outputs.

        Args:
            number: The number of the step.
            step: The step.
            skips: The names of the inputs that are skips.
        """
        self._entered = self.operations.union(self._entered, self._of_first_step.get(number, EMPTY))
        self._limit = self._limits.get(number, self._limit)
        paths = self._to_inputs(step, skips)
        elsewhere: CandidateSet = EMPTY
        if not traits(step.op).moves:
            elsewhere = self.operations.difference(paths.any, self._of_block.get(step.block, EMPTY))
        weighted = (
            self.operations.difference(elsewhere, self._entered) if _reads_matrix(step) else EMPTY
        )
        for value in step.outputs:
            self.order[value.name] = len(self.order)
            self._paths[value.name] = self._to_output(value, paths, elsewhere, weighted)
            self._limits_of[value.name] = self._limit
        for value in step.inputs:
            if self._last_uses[value.name] <= number:  # nobody asks for the paths to it again
                self._paths.pop(value.name, None)
                self._limits_of.pop(value.name, None)
                self._of_value.pop(value.name, None)

    def _to_inputs(self, step: Step, skips: Collection[str]) -> PathSets:
        """The paths to all the inputs of a step together, from candidates still to come."""
        paths = NO_PATHS
        if traits(step.op).creates:
            return paths
        positions = self._positions_read_at(step)
        for value in step.inputs:
            of_input = self._pending(value)
            if positions is not None and self._resolutions.is_lower_level(value, positions):
                of_input = of_input._replace(coarser=EMPTY)
            starting = self._of_value.get(value.name)
            if starting is not None:
                rest = self._numbers.below(starting, self._limit)
                of_input = self._united(of_input, PathSets(rest, same_level=rest, low=rest))
            if value.name in skips:
                of_input = of_input._replace(same_level=EMPTY)
            paths = self._united(paths, of_input) if paths is not NO_PATHS else of_input
        return paths

    def _pending(self, value: Value) -> PathSets:
        """The paths to a value from candidates of joins that are still to come."""
        paths = self.to(value)
        if self._limits_of.get(value.name, 0) <= self._limit:
            return paths
        return PathSets(*[self._numbers.below(one, self._limit) for one in paths])

    def _united(self, one: PathSets, other: PathSets) -> PathSets:
        return PathSets(*map(self.operations.union, one, other))

    def _positions_read_at(self, step: Step) -> Fraction | None:
        """The finest resolution of the operands, for an operation that reads one at another's.

        Keys and values at a lower resolution than the queries are a side branch: what attends to
        them stays at its own.
        """
        op = traits(step.op)
        if not (op.attends or op.matrix_product):
            return None
        return max(map(self._resolutions.positions, step.inputs), default=None)

    def _to_output(
        self, value: Value, paths: PathSets, elsewhere: CandidateSet, weighted: CandidateSet
    ) -> PathSets:
        """The paths through a step to one of its outputs.

        Args:
            value: The output.
            paths: The paths to the inputs.
            elsewhere: The candidates of joins in other blocks, if the step computes something.
            weighted: Those of them whose block has not begun, if the step reads weights.
        """
        positions = self._resolutions.positions(value)
        is_statistic = value.name in self._resolutions.statistics
        coarser = EMPTY if is_statistic else self._coarser.at(positions)
        low = self.operations.difference(paths.low, self._finer.at(positions))
        low_weighted = self.operations.intersection(weighted, low)
        return PathSets(
            any=paths.any,
            other_block=self.operations.union(paths.other_block, elsewhere),
            coarser=self.operations.union(
                paths.coarser, self.operations.intersection(paths.any, coarser)
            ),
            same_level=self.operations.difference(paths.same_level, coarser),
            low=low,
            low_weighted=self.operations.union(paths.low_weighted, low_weighted),
            low_weighted_twice=self.operations.union(
                paths.low_weighted_twice,
                self.operations.intersection(paths.low_weighted, low_weighted),
            ),
        )


class _ByResolution:
    """For any resolution, the candidates for which a comparison with it holds.

    Args:
        groups: The candidates by their own resolution, in an order in which the comparison holds
            for some of the first and for none after these.
        holds: The comparison of their resolution with another one.
        operations: Those on sets of candidates.
    """

    def __init__(
        self,
        groups: Sequence[tuple[Fraction, CandidateSet]],
        holds: Callable[[Fraction, Fraction], bool],
        operations: SetOperations,
    ) -> None:
        self._own = [own for own, _ in groups]
        self._first: list[CandidateSet] = [EMPTY]
        for _, members in groups:
            self._first.append(operations.union(self._first[-1], members))
        self._holds = holds
        self._found: dict[Fraction, CandidateSet] = {}

    def at(self, positions: Fraction) -> CandidateSet:
        """Return them."""
        if positions not in self._found:
            count = bisect_left(self._own, x=True, key=lambda own: not self._holds(own, positions))
            self._found[positions] = self._first[count]
        return self._found[positions]


def _ascending(
    groups: Mapping[tuple[int, int], CandidateSet],
) -> list[tuple[Fraction, CandidateSet]]:
    """The candidates by resolution; it comes as a ratio, which is hashed much faster."""
    return sorted(
        ((Fraction(*ratio), members) for ratio, members in groups.items()),
        key=lambda group: group[0],
    )


def _reads_matrix(step: Step) -> bool:
    return any(len(weight.shape) > 1 for weight in step.weights)


def _last_uses(trace: Trace, candidates: Iterable[Candidate]) -> dict[str, int]:
    """The number of the last step that reads each value, or joins it as part of another one."""
    last: dict[str, int] = {}
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            last[value.name] = number
    for one in candidates:
        last[one.operand.name] = max(last.get(one.operand.name, one.join), one.join)
    return last


def _first_numbers(candidates: Iterable[Candidate]) -> dict[int, int]:
    """The lowest number of a candidate of each join."""
    first: dict[int, int] = {}
    for one in candidates:
        first.setdefault(one.join, one.number)
    return first
