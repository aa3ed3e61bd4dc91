"""Skips that the model's own containers show: put in on one line, taken out and joined later.

A container is a list, a tuple, a deque, a dict or an attribute. What it shows is independent of the
rules of the data flow: a tensor that is added at its own resolution looks like a residual, and one
with weights of its own like a branch. But if several tensors of one container are joined at once,
they are branches, and a tensor that is joined with what was computed from it after it was taken out
is a residual.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.join_operands import Operands
from tracer.analysis.stack_events import Owner, growing_pushes
from tracer.record import Line, Trace, Value


@dataclass(frozen=True, slots=True)
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

    def reaches(self, candidate: Candidate) -> bool:
        """Whether the join of a candidate may be the one that the tensor was taken out for.

        What was read is joined by the same function: on that line, or later if it was given a name.
        """
        if candidate.join < self.line.first:
            return False
        if not self.read:
            return True
        is_named = any(value.name == candidate.value.name for _, value in self.line.names)
        in_time = is_named or candidate.join < self.line.last
        return in_time and candidate.block == self.line.block


class ContainerEvidence:
    """Finds the candidates that were put into a container and taken out for their join."""

    def __init__(self, trace: Trace, operands: Operands, candidates: Iterable[Candidate]) -> None:
        self._trace = trace
        self._operands = operands
        self._push_steps: dict[str, int] = {}
        self._contents: dict[Owner, set[str]] = defaultdict(set)
        for event in growing_pushes(trace):
            self._push_steps.setdefault(event.value.name, event.step)
            self._contents[event.owner].add(event.value.name)
        self.takes: dict[int, Take] = self._takes_of(candidates) if self._push_steps else {}
        """How each candidate that was put in was taken out for its join, by its number."""

    def was_put_in_by_taker(self, candidate: Candidate) -> bool:
        """Returns whether the call that took a tensor out had put it into its container itself."""
        name, caller = candidate.value.name, self.takes[candidate.number].owner[:2]
        return any(
            name in contents and owner[:2] == caller for owner, contents in self._contents.items()
        )

    def _takes_of(self, candidates: Iterable[Candidate]) -> dict[int, Take]:
        """The takes by the numbers of candidates; the first join that a tensor reaches is its."""
        rest: dict[str, list[Take]] = defaultdict(list)
        for name, take in _takes(self._trace):
            if self._push_steps.get(name, len(self._trace.steps) + 1) <= take.line.first:
                rest[name].append(take)
        by_join: dict[int, list[Candidate]] = defaultdict(list)
        for one in candidates:
            if not one.fused:
                by_join[one.join].append(one)
        found: dict[int, Take] = {}
        for _, of_join in sorted(by_join.items()):
            for one in of_join:
                taken = self._take_for(one, rest.get(one.value.name, ()), of_join)
                if taken is not None:
                    rest[one.value.name].remove(taken)
                    found[one.number] = taken
        return found

    def _take_for(
        self, candidate: Candidate, takes: Sequence[Take], of_join: Sequence[Candidate]
    ) -> Take | None:
        """The take that a candidate was joined after, the latest first."""
        for take in reversed(takes):
            if not take.reaches(candidate) or self._joins_branches(candidate, take, of_join):
                continue
            if any(self._is_main_path(one, candidate, take) for one in self._others(candidate)):
                return take
        return None

    def _others(self, candidate: Candidate) -> list[Value]:
        operands = self._operands[candidate.join]
        return [value for value in operands if value.name != candidate.operand.name]

    def _joins_branches(
        self, candidate: Candidate, take: Take, of_join: Sequence[Candidate]
    ) -> bool:
        """Whether another operand is from the same container, with no weights since."""
        contents = self._contents_with(candidate.value.name, take)
        return any(
            one.value.name in contents
            for one in of_join
            if one.operand.name != candidate.operand.name and one.direct
        )

    def _contents_with(self, name: str, take: Take) -> set[str]:
        """The other tensors that were in a container with one of this name."""
        together = self._contents.get(take.owner, set()).union(
            *(contents for contents in self._contents.values() if name in contents)
        )
        return together - {name}

    def _is_main_path(self, other: Value, candidate: Candidate, take: Take) -> bool:
        """Whether an operand was made since the candidate was put in, but not from it since then.

        What was computed from it after it was taken out makes the join a residual.
        """
        made = self._trace.producers.get(other.name, -1)
        if made < self._push_steps[candidate.value.name]:
            return False
        queue, visited = [made], {other.name}
        while queue:
            for value in self._trace.steps[queue.pop()].inputs:
                if value.name == candidate.value.name:
                    return False
                number = self._trace.producers.get(value.name, -1)
                if value.name not in visited and number >= take.line.first:
                    visited.add(value.name)
                    queue.append(number)
        return True


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
