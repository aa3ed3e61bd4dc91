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

ASK = frozenset(("scaled_dot_product_attention",))
"""Operations whose first operand asks, and is answered; what the others hold is summed over."""

SUM_OVER_PLACES = frozenset(("bmm", "matmul", "baddbmm", "einsum"))
"""Operations after which a place is no longer one place."""

FAR = 256
"""Values looked through for the origin of an addend."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may be the skip of a join: one of its operands, or what that was made from.

    `places` is the resolution of the join. `plain` says that nothing was done to the value on the
    way but to move, cut or scale it, or to add something of another origin; `weighted` that it went
    through weights. `nearer` is the candidate that it was reached from.
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
        if is_coarser(places, self.places[join.outputs[0].name]):
            return  # places are put in a row, such as the tokens of an image and a text
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
        if step is None or self._ends_the_way(step):
            return
        added = step.op in JOINS
        alone = len(set(step.inputs)) == 1 and step.op not in SUMMARISE
        done = replace(
            candidate,
            via=(step.op, *candidate.via),
            plain=candidate.plain and not step.weights and (alone or added),
            weighted=candidate.weighted or bool(step.weights),
            nearer=candidate,
        )
        for value in step.inputs[:1] if step.op in ASK else step.inputs:
            if len(value.shape) >= FEATURE_MAP_RANK and (
                step.op == "pad" or not is_coarser(self.places[value.name], candidate.places)
            ):
                yield replace(done, value=value)

    def _ends_the_way(self, step: Step) -> bool:
        """A concatenation ends the way back, a sum over places, and an addition around a block."""
        if step.op in SUM_OVER_PLACES:
            return True
        if step.op not in JOINS:
            return False
        return JOINS[step.op] == "cat" or self._is_residual(step)

    def _is_residual(self, step: Step) -> bool:
        """Whether one addend was computed from the other."""
        addends = sorted(set(step.inputs), key=self._made)
        return any(
            self._is_computed_from(later, earlier)
            for place, later in enumerate(addends)
            for earlier in addends[:place]
        )

    def _is_computed_from(self, value: Value, origin: Value) -> bool:
        """Whether any way leads from `origin` to `value`; taken for true if that is far to seek."""
        waiting, seen = [value], {value.name}
        while waiting and len(seen) < FAR:
            number = self._made(waiting.pop())
            for before in self._trace.steps[number].inputs if number > self._made(origin) else ():
                if before.name == origin.name:
                    return True
                if before.name not in seen:
                    seen.add(before.name)
                    waiting.append(before)
        return bool(waiting)

    def _made(self, value: Value) -> int:
        return self._trace.producers.get(value.name, -1)


def is_joined_by(join: Step, operand: Value) -> bool:
    """Whether an operand is a feature map of the join, not one number for many of its places."""
    if len(operand.shape) < FEATURE_MAP_RANK:
        return False
    return JOINS[join.op] == "cat" or operand.shape == join.outputs[0].shape
