"""Skips that the model's own containers show: put in on one line, taken out and joined later.

A container is a list, a tuple, a deque, a dict or an attribute. What it shows is independent of the
rules of the data flow: a tensor that is added at its own resolution looks like a residual, and one
with weights of its own like a branch. But if several tensors of one container are joined at once,
they are branches, and a tensor that is joined with what was computed from it after it was taken out
is a residual.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate, pairwise

from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.producer_blocks import running_blocks
from tracer.analysis.skips.skip_candidate import FeatureMapJoin
from tracer.analysis.stack_events import Owner, pushes_of_tensors
from tracer.record import Line, Trace, Value


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One line that took a tensor from a container.

    Attributes:
        owner: The container.
        line: The line.
        read: The tensor was left in the container.
    """

    owner: Owner
    line: Line
    read: bool


class ContainerEvidence:
    """Finds the candidates that were put into a container and taken out for their join."""

    def __init__(self, trace: Trace, joins: Mapping[int, FeatureMapJoin]) -> None:
        self._trace = trace
        self._push_steps: dict[str, int] = {}
        self._owners: dict[str, set[Owner]] = defaultdict(set)
        for event in pushes_of_tensors(trace):
            self._push_steps.setdefault(event.value.name, event.step)
            self._owners[event.value.name].add(event.owner)
        self.takes: dict[int, Take] = self._takes_of(joins) if self._push_steps else {}
        """How each candidate that was put in was taken out for its join, by its number."""

    def was_put_in_by_taker(self, candidate: Candidate) -> bool:
        """Return whether the call that took a tensor out had put it into its container itself."""
        caller = self.takes[candidate.number].owner[:2]
        return any(owner[:2] == caller for owner in self._owners[candidate.value.name])

    def _takes_of(self, joins: Mapping[int, FeatureMapJoin]) -> dict[int, Take]:
        """The takes by the numbers of candidates; the first join that a tensor reaches is its."""
        rest: dict[str, list[Take]] = defaultdict(list)
        for name, take in _takes(self._trace):
            if self._push_steps.get(name, len(self._trace.steps) + 1) <= take.line.first:
                rest[name].append(take)
        found: dict[int, Take] = {}
        takes_of = {name: TakesOfTensor(name, takes) for name, takes in rest.items()}
        for _, join in sorted(joins.items()):
            together = OperandsInContainers(join, self._owners)
            for one in join.all_candidates():
                takes = takes_of.get(one.value.name)
                taken = takes and self._take_for(one, takes, join, together)
                if takes and taken:
                    takes.remove(taken)
                    found[one.number] = taken
        return found

    def _take_for(
        self,
        candidate: Candidate,
        takes: TakesOfTensor,
        join: FeatureMapJoin,
        together: OperandsInContainers,
    ) -> Take | None:
        """The take that a candidate was joined after, the latest first.

        What is joined with a tensor that was in a container with it is joined with a branch.
        """
        for take in takes.latest_first(candidate.join):
            if not self._was_taken_for(candidate, take):
                continue
            owners = self._owners[candidate.value.name] | {take.owner}
            if not together.has_another(candidate, owners) and any(
                self._is_main_path(one, candidate, take, join) for one in join.others(candidate)
            ):
                return take
        return None

    def _was_taken_for(self, candidate: Candidate, take: Take) -> bool:
        """Whether a tensor went from its container to the join, and nowhere else in between."""
        producers = self._trace.producers
        since = take.line.first
        return self._reaches(take, candidate) and all(
            producers[value.name] >= since for value in candidate.path
        )

    def _reaches(self, take: Take, candidate: Candidate) -> bool:
        """Whether the join of a candidate may be the one that the tensor was taken out for.

        What was read is joined on that line, or later if it was given a name, by the same function
        or by a block that the function hands it to. A line that hands several tensors of one
        container to a block hands it branches.
        """
        line = take.line
        if candidate.join < line.first or not take.read:
            return candidate.join >= line.first
        is_named = any(value.name == candidate.value.name for _, value in line.names)
        if not is_named and candidate.join >= line.last:
            return False
        if candidate.block == line.block:
            return True
        is_alone = is_named or sum(name == take.owner[2] for name, _ in line.reads) == 1
        return is_alone and self._is_handed_to_join(candidate, line.block)

    def _is_handed_to_join(self, candidate: Candidate, caller: str) -> bool:
        """Whether a block that a function called with the tensor runs the join of a candidate."""
        blocks = running_blocks(self._trace.root, candidate.join)
        called = next((inner for outer, inner in pairwise(blocks) if outer.call == caller), None)
        handed = {candidate.value, *candidate.path}
        return called is not None and not handed.isdisjoint(called.inputs)

    def _is_main_path(
        self, other: Value, candidate: Candidate, take: Take, join: FeatureMapJoin
    ) -> bool:
        """Whether another operand is the main path that a candidate was taken out to join.

        It is not if it was there before the candidate was put in, or was taken out of a container
        by the same line, or if one of the two was computed from the other only for the join: a
        residual connection.
        """
        made = self._trace.producers.get(other.name, -1)
        if made < self._push_steps[candidate.value.name]:
            return False
        taken = _names_taken_by(take.line)
        if any(one.direct and one.value.name in taken for one in join.candidates[other.name]):
            return False
        value = candidate.value
        return not self._leads(value, other, since=take.line.first) and not self._leads(
            other, value, since=made + 1
        )

    def _leads(self, origin: Value, value: Value, since: int) -> bool:
        """Whether a value was computed from another by the steps since some step."""
        producers = self._trace.producers
        queue, visited = [value], {value.name}
        while queue:
            number = producers.get(queue.pop().name, -1)
            for before in self._trace.steps[number].inputs if number >= since else ():
                if before.name == origin.name:
                    return True
                if before.name not in visited:
                    visited.add(before.name)
                    queue.append(before)
        return False


class TakesOfTensor:
    """The lines that took one tensor from a container, but for those that a join was found for.

    What was popped, or read and given a name, may be joined any time later, and anything else only
    while its line runs.
    """

    def __init__(self, name: str, takes: Sequence[Take]) -> None:
        self._numbers = {take: number for number, take in enumerate(takes)}
        self._kept: list[Take] = []
        passing: list[Take] = []
        for take in takes:
            is_named = any(value.name == name for _, value in take.line.names)
            (self._kept if is_named or not take.read else passing).append(take)
        self._passing = sorted(passing, key=lambda take: take.line.first)
        self._last_ends = list(accumulate((take.line.last for take in self._passing), max))
        """By the place of each, up to which step it or one before it ran."""

    def latest_first(self, join: int) -> Iterable[Take]:
        """Return those that a step may have joined a tensor after."""
        running: list[Take] = []
        place = bisect_right(self._passing, join, key=lambda take: take.line.first)
        while place and self._last_ends[place - 1] > join:
            place -= 1
            if self._passing[place] in self._numbers:
                running.append(self._passing[place])
        running.sort(key=self._numbers.__getitem__, reverse=True)
        return merge(reversed(self._kept), running, key=self._numbers.__getitem__, reverse=True)

    def remove(self, take: Take) -> None:
        """Leave out a take from now on."""
        del self._numbers[take]
        if take in self._kept:
            self._kept.remove(take)


class OperandsInContainers:
    """Counts the operands of a join that tensors of each container became, with no weights since.

    Each pair of a tensor and an operand counts once, so that the pairs of one tensor, or of one
    operand, can be left out without a look at the others.
    """

    def __init__(self, join: FeatureMapJoin, owners: Mapping[str, Collection[Owner]]) -> None:
        self._pairs: dict[Owner, int] = defaultdict(int)
        self._with_part: dict[tuple[Owner, str, str], int] = defaultdict(int)
        for one in join.all_candidates():
            if one.direct:
                for owner in owners.get(one.value.name, ()):
                    self._pairs[owner] += 1
                    for part in _parts(one.value.name, one.operand.name):
                        self._with_part[owner, *part] += 1

    def has_another(self, candidate: Candidate, owners: Iterable[Owner]) -> bool:
        """Return whether some other tensor of these containers became some other operand."""
        tensor, operand, both = _parts(candidate.value.name, candidate.operand.name)
        return any(
            self._pairs.get(owner, 0)
            - self._with_part.get((owner, *tensor), 0)
            - self._with_part.get((owner, *operand), 0)
            + self._with_part.get((owner, *both), 0)
            for owner in owners
        )


def _parts(tensor: str, operand: str) -> tuple[tuple[str, str], ...]:
    """Names of a tensor, of an operand, and of the pair of both."""
    return (tensor, ""), ("", operand), (tensor, operand)


def _takes(trace: Trace) -> Iterator[tuple[str, Take]]:
    """The names of all tensors that lines took from containers, in the order of the lines."""
    for line in trace.lines:
        pushed = {change.value.name for change in line.changes if change.kind == "push"}
        for change in line.changes:
            if change.kind == "pop" and change.value.name not in pushed:
                owner = line.block, line.function, change.name
                yield change.value.name, Take(owner, line, read=False)
        for name, value in line.reads:
            yield value.name, Take((line.block, line.function, name), line, read=True)


def _names_taken_by(line: Line) -> set[str]:
    """The names of the tensors that one line took from containers."""
    popped = {change.value.name for change in line.changes if change.kind == "pop"}
    return popped.union(value.name for _, value in line.reads)
