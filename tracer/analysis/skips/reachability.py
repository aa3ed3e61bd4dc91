"""Which candidates each value was computed from, and by what kinds of paths.

A set of candidates is an int with one bit for each, so one pass answers for all joins. The
candidates of later joins have the lower bits: what is pushed first is popped last, so that a set
holds few bits while little was pushed, and again once most joins are done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from fractions import Fraction
from operator import or_
from typing import NamedTuple, TypeVar

from tracer.analysis.operations import traits
from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.record import Step, Trace, Value

Key = TypeVar("Key", bound=Hashable)
CandidateSet = int


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

    any: CandidateSet = 0
    other_block: CandidateSet = 0
    coarser: CandidateSet = 0
    same_level: CandidateSet = 0
    low: CandidateSet = 0
    low_weighted: CandidateSet = 0
    low_weighted_twice: CandidateSet = 0

    def union(self, other: PathSets) -> PathSets:
        """Return the candidates of both, kind by kind."""
        return PathSets(*map(or_, self, other))

    def starting_at(self, candidates: CandidateSet) -> PathSets:
        """Return these and the paths without a step, from a value that is itself a candidate."""
        return self._replace(
            any=self.any | candidates,
            same_level=self.same_level | candidates,
            low=self.low | candidates,
        )

    def only(self, candidates: CandidateSet) -> PathSets:
        """Return those of the candidates, kind by kind."""
        return PathSets(*[paths & candidates for paths in self])


NO_PATHS = PathSets()


class Reachability:
    """The paths to every value so far, while the steps of a trace are passed in order."""

    def __init__(self, trace: Trace, candidates: list[Candidate], resolutions: Resolutions) -> None:
        self.order: dict[str, int] = {}
        """For the name of each value that a step put out, how many came before it."""
        self._paths: dict[str, PathSets] = {}
        self._resolutions = resolutions
        first_steps = {call: block.first for call, block in trace.blocks.items()}
        first_steps[""] = len(trace.steps)  # the model itself does not count as a block here
        self._of_value = _sets(candidates, lambda one: one.value.name)
        self._of_block = _sets(candidates, lambda one: one.block)
        self._of_first_step = _sets(candidates, lambda one: first_steps[one.block])
        self._of_later_joins = _of_later_joins(candidates)
        self._pending: CandidateSet = -1
        """The candidates of joins that are still to come."""
        self._entered: CandidateSet = 0
        """The candidates of joins in blocks that have begun."""
        self._coarser = _ByResolution(candidates, lambda one, at: is_coarser(at, one.positions))
        self._finer = _ByResolution(candidates, lambda one, at: is_coarser(one.lowest, at))

    def to(self, value: Value) -> PathSets:
        """Return the paths to a value."""
        return self._paths.get(value.name, NO_PATHS)

    def add_step(self, number: int, step: Step, skips: Collection[str] = ()) -> None:
        """Extend the paths to the inputs of a step to its outputs.

        Args:
            number: The number of the step.
            step: The step.
            skips: The names of the inputs that are skips.
        """
        self._entered |= self._of_first_step.get(number, 0)
        self._pending = self._of_later_joins.get(number, self._pending)
        paths = self._to_inputs(step, skips).only(self._pending)
        elsewhere = 0
        if not traits(step.op).moves:
            elsewhere = paths.any & ~self._of_block.get(step.block, 0)
        weighted = elsewhere & ~self._entered if _reads_matrix(step) else 0
        for value in step.outputs:
            self.order[value.name] = len(self.order)
            self._paths[value.name] = self._to_output(value, paths, elsewhere, weighted)

    def _to_inputs(self, step: Step, skips: Collection[str]) -> PathSets:
        """The paths to all the inputs of a step together."""
        paths = NO_PATHS
        if traits(step.op).creates:
            return paths
        for value in step.inputs:
            of_input = self._paths.get(value.name, NO_PATHS)
            starting = self._of_value.get(value.name, 0)
            if starting:
                of_input = of_input.starting_at(starting)
            if value.name in skips:
                of_input = of_input._replace(same_level=0)
            paths = paths.union(of_input) if paths is not NO_PATHS else of_input
        return paths

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
        coarser = self._coarser.at(positions)
        low = paths.low & ~self._finer.at(positions)
        return PathSets(
            any=paths.any,
            other_block=paths.other_block | elsewhere,
            coarser=paths.coarser | paths.any & coarser,
            same_level=paths.same_level & ~coarser,
            low=low,
            low_weighted=paths.low_weighted | weighted & low,
            low_weighted_twice=paths.low_weighted_twice | paths.low_weighted & weighted & low,
        )


class _ByResolution:
    """The candidates for which a comparison with a resolution holds, computed once for each."""

    def __init__(
        self, candidates: list[Candidate], compare: Callable[[Candidate, Fraction], bool]
    ) -> None:
        self._compare = compare

        def resolutions(one: Candidate) -> tuple[int, ...]:
            return one.positions.as_integer_ratio() + one.lowest.as_integer_ratio()

        representatives = {resolutions(one): one for one in candidates}
        self._groups = [
            (representatives[key], bits) for key, bits in _sets(candidates, resolutions).items()
        ]
        self._found: dict[Fraction, CandidateSet] = {}

    def at(self, positions: Fraction) -> CandidateSet:
        if positions not in self._found:
            groups = (bits for one, bits in self._groups if self._compare(one, positions))
            self._found[positions] = sum(groups)
        return self._found[positions]


def _reads_matrix(step: Step) -> bool:
    return any(len(weight.shape) > 1 for weight in step.weights)


def _of_later_joins(candidates: list[Candidate]) -> dict[int, CandidateSet]:
    """For the number of each join, the candidates of the joins after it."""
    later: dict[int, CandidateSet] = {}
    for one in candidates:
        if one.join not in later:
            later[one.join] = (1 << one.number) - 1
    return later


def _sets(
    candidates: Iterable[Candidate], key: Callable[[Candidate], Key]
) -> dict[Key, CandidateSet]:
    """The candidates by a key, each set written as an int at once."""
    numbers: dict[Key, list[int]] = defaultdict(list)
    for one in candidates:
        numbers[key(one)].append(one.number)
    return {name: _set(members) for name, members in numbers.items()}


def _set(numbers: list[int]) -> CandidateSet:
    octets = bytearray((max(numbers) >> 3) + 1)
    for number in numbers:
        octets[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(octets, "little")
