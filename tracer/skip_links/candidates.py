"""The values that may be skips: what each join joins, and what that was made from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from tracer.record import Step, Trace, Value
from tracer.skip_links.link import FEATURE_MAP_RANK, JOINS
from tracer.skip_links.resolution import is_coarser, resolutions

SUMMARISE = frozenset(
    f"{kind}_pool{n}d" for kind in ("max", "avg", "adaptive_avg", "adaptive_max") for n in (1, 2, 3)
) | {"mean", "amax", "amin", "sum"}
"""Operations without weights that do more to a value than move, cut or scale it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may be the skip of a join: one of its operands, or what that was made from.

    `places` is the resolution of the join. `plain` says that nothing was done to the value on the
    way but to move, cut or scale it, or to add something to it right before the join; `weighted`
    that it went through weights. `nearer` is the candidate that it was reached from.
    """

    value: Value
    operand: Value
    join: int
    block: str
    places: Fraction
    via: tuple[str, ...] = ()
    plain: bool = True
    weighted: bool = False
    nearer: Candidate | None = None


class Candidates:
    """All candidates of a trace, join by join."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.places = resolutions(trace)
        self.operands: dict[int, list[Value]] = {}
        """By the number of a join: what it joins."""
        self._inner: set[int] = set()
        for number in reversed(range(len(trace.steps))):
            step = trace.steps[number]
            if step.op in JOINS and step.outputs and number not in self._inner:
                self.operands[number] = list(self._parts(step))
        self.all = [one for number in sorted(self.operands) for one in self._of(number)]

    def _parts(self, join: Step) -> Iterator[Value]:
        """What a join joins; where that is a concatenation itself, its parts, as if it were one."""
        for value in dict.fromkeys(join.inputs):
            number = self._trace.producers.get(value.name)
            made = None if number is None else self._trace.steps[number]
            if number is not None and made and JOINS[join.op] == JOINS.get(made.op) == "cat":
                self._inner.add(number)
                yield from self._parts(made)
            else:
                yield value

    def _of(self, number: int) -> Iterator[Candidate]:
        """The feature maps that one join joins, each followed back, nearest first."""
        join = self._trace.steps[number]
        joined = [value for value in self.operands[number] if is_joined_by(join, value)]
        places = min((self.places[value.name] for value in joined), default=Fraction(1))
        for operand in joined:
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
            nearer=candidate,
        )
        for value in step.inputs:
            if len(value.shape) >= FEATURE_MAP_RANK and (
                step.op == "pad" or not is_coarser(self.places[value.name], candidate.places)
            ):
                yield replace(done, value=value)


def is_joined_by(join: Step, operand: Value) -> bool:
    """Whether an operand is a feature map of the join, not one number for all of its places."""
    if len(operand.shape) < FEATURE_MAP_RANK:
        return False
    return JOINS[join.op] == "cat" or operand.shape[2:] == join.outputs[0].shape[2:]


def _ends_the_way(step: Step, candidate: Candidate) -> bool:
    """An addition ends the way back, but for one in the same place as the join that nothing was
    done to since; so does a concatenation.
    """
    if JOINS.get(step.op) == "add":
        return candidate.via != () or step.block != candidate.block
    return step.op in JOINS
