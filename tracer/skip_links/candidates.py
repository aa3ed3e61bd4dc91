"""The values that may be skips: what each join joins, and what that was made from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracer.record import Step, Trace, Value
from tracer.skip_links.link import FEATURE_MAP_RANK, JOINS
from tracer.skip_links.resolution import resolutions

SUMMARISE = frozenset(
    f"{kind}_pool{n}d" for kind in ("max", "avg", "adaptive_avg", "adaptive_max") for n in (1, 2, 3)
) | {"mean", "amax", "amin", "sum"}
"""Operations without weights that do more to a value than move, cut or scale it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may be the skip of a join: one of its operands, or what that was made from.

    `places` is the resolution of the join. `plain` says that nothing was done to the value on the
    way but to move, cut or scale it, or to add something to it right before the join; `weighted`
    that it went through weights.
    """

    value: Value
    operand: Value
    join: int
    block: str
    places: int
    via: tuple[str, ...] = ()
    plain: bool = True
    weighted: bool = False


class Candidates:
    """All candidates of a trace, join by join."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.places = resolutions(trace)
        self.all = [
            candidate
            for number, step in enumerate(trace.steps)
            if step.op in JOINS and step.outputs
            for candidate in self._of(number)
        ]

    def _of(self, number: int) -> Iterator[Candidate]:
        """The feature maps that one join joins, each followed back, nearest first."""
        join = self._trace.steps[number]
        places = self.places[join.outputs[0].name]
        for operand in dict.fromkeys(join.inputs):
            if is_joined_by(join, operand):
                yield from self._back(Candidate(operand, operand, number, join.block, places))

    def _back(self, first: Candidate) -> Iterator[Candidate]:
        waiting, seen = deque([first]), {first.value.name}
        while waiting:
            candidate = waiting.popleft()
            yield candidate
            for before in self._before(candidate):
                if before.value.name not in seen:
                    seen.add(before.value.name)
                    waiting.append(before)

    def _before(self, candidate: Candidate) -> Iterator[Candidate]:
        """The candidates that one was made from by a single step."""
        number = self._trace.producers.get(candidate.value.name)
        step = None if number is None else self._trace.steps[number]
        if step is None or _ends_the_way(step, candidate):
            return
        added = step.op in JOINS and JOINS[step.op] == "add"
        alone = len(set(step.inputs)) == 1 and step.op not in SUMMARISE
        done = replace(
            candidate,
            via=(step.op, *candidate.via),
            plain=candidate.plain and not step.weights and (alone or added),
            weighted=candidate.weighted or bool(step.weights),
        )
        for value in step.inputs:
            padded = step.op == "pad"
            if len(value.shape) >= FEATURE_MAP_RANK and (
                padded or self.places.get(value.name, 0) >= candidate.places
            ):
                yield replace(done, value=value)


def is_joined_by(join: Step, operand: Value) -> bool:
    """Whether an operand is a feature map of the join, not one number for all of its places."""
    if len(operand.shape) < FEATURE_MAP_RANK:
        return False
    return JOINS[join.op] == "cat" or operand.shape[2:] == join.outputs[0].shape[2:]


def _ends_the_way(step: Step, candidate: Candidate) -> bool:
    """An addition ends the way back, but for one in the same place as the join that nothing was
    done to since; a concatenation does, if what it made went through weights.
    """
    join = JOINS.get(step.op)
    if join == "add":
        return candidate.via != () or step.block != candidate.block
    return join == "cat" and candidate.weighted
