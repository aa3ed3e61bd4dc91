"""The values that may be skips: what each join joins, and what that was made from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tracer.analysis.skips.channel_axes import SPREAD, is_coarser
from tracer.analysis.skips.joins import JoinedValues
from tracer.analysis.skips.residuals import Residuals
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK, JOINS
from tracer.record import Step, Trace, Value

SUMMARISE = frozenset(
    f"{kind}_pool{n}d" for kind in ("max", "avg", "adaptive_avg", "adaptive_max") for n in (1, 2, 3)
) | {"mean", "amax", "amin", "sum"}
"""Operations without weights that do more to a value than move, cut or scale it."""

ASK = frozenset(("scaled_dot_product_attention",))
"""Operations whose first operand asks, and is answered; what the others hold is summed over."""

SUM_OVER_PLACES = frozenset(("bmm", "matmul", "baddbmm", "einsum"))
"""Operations after which a place is no longer one place."""

MAX_STEPS_BACK = 48
"""Values looked through behind one operand."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may be the skip of a join: one of its operands, or what that was made from.

    `places` is the resolution of the join, `lowest` the lowest on the way. `plain` says that
    nothing was done to the value on the way but to move, cut or scale it, or to add something of
    another origin; `weighted` that it went through weights. `nearer` is the candidate that it was
    reached from.
    """

    value: Value
    operand: Value
    join: int
    block: str
    places: Fraction
    lowest: Fraction
    via: tuple[str, ...] = ()
    plain: bool = True
    weighted: bool = False
    nearer: Candidate | None = None

    @property
    def raised(self) -> bool:
        """Whether it was upsampled on its way."""
        return is_coarser(self.lowest, self.places)

    @property
    def way(self) -> tuple[Value, ...]:
        """The values between this one and the join, the operand first."""
        found: list[Value] = []
        at = self.nearer
        while at is not None:
            found.append(at.value)
            at = at.nearer
        return tuple(reversed(found))


class Candidates:
    """All candidates of a trace, join by join, those of the last join first."""

    def __init__(self, trace: Trace, known: Resolutions) -> None:
        self._trace = trace
        self._known = known
        self._residuals = Residuals(trace, known)
        self.joined = JoinedValues(trace, known)
        self.all = [one for number in reversed(self.joined.parts) for one in self._of(number)]

    def _of(self, number: int) -> Iterator[Candidate]:
        """The feature maps that one join joins, each followed back, nearest first.

        Where a block ends there is nothing behind its operands that is not in the block.
        """
        join = self._trace.steps[number]
        places = self._known.places(join.outputs[0])
        around = None if JOINS[join.op] == "cat" else self._residuals.around(join)
        for operand in self.joined.parts[number]:
            first = Candidate(operand, operand, number, join.block, places, places)
            yield from [first] if around and around.level else self._back(first)

    def _back(self, first: Candidate) -> Iterator[Candidate]:
        waiting, seen = deque([first]), {first.value.name}
        while waiting:
            candidate = waiting.popleft()
            yield candidate
            waiting += self._before(candidate, seen)

    def _before(self, candidate: Candidate, seen: set[str]) -> Iterator[Candidate]:
        """The candidates that one was made from by a single step, or by a residual block.

        Those that are `seen` are left out, and others are added to them while there is room.
        """
        number = self._trace.producers.get(candidate.value.name)
        step = None if number is None else self._trace.steps[number]
        if step is None or step.op in SUM_OVER_PLACES:
            return
        inputs = self._flowing(step)
        if len(inputs) > 1 and JOINS.get(step.op) in {"cat", "stack"}:
            return
        added = JOINS.get(step.op) == "add"
        around = self._residuals.around(step) if added else None
        if around and not around.level:
            return
        alone = len(inputs) == 1 and step.op not in SUMMARISE
        via = (step.op, *candidate.via)
        plain = candidate.plain and not step.weights and not around and (alone or added)
        weighted = candidate.weighted or bool(step.weights or around)
        for value in [around.origin] if around else inputs[:1] if step.op in ASK else inputs:
            known = value.name in seen or len(seen) >= MAX_STEPS_BACK
            lowest = None if known else self._lowest(candidate, step, value)
            if lowest is not None:
                seen.add(value.name)
                operand, join, block = candidate.operand, candidate.join, candidate.block
                places = candidate.places
                yield Candidate(
                    *(value, operand, join, block, places, lowest, via, plain, weighted, candidate)
                )

    def _lowest(self, candidate: Candidate, step: Step, value: Value) -> Fraction | None:
        """The lowest resolution on the way back to a value; None where no way leads there.

        One that was upsampled on its way came from a single value, and stays at its resolution: the
        way down to there is the main path.
        """
        if len(value.shape) < FEATURE_MAP_RANK:
            return None
        places = self._known.places(value)
        if step.op == "pad" or not is_coarser(places, candidate.lowest):
            finer = candidate.raised and is_coarser(candidate.lowest, places)
            return None if finer else candidate.lowest
        alone = len(self._flowing(step)) == 1 and step.op not in SPREAD
        return places if alone else None

    def _flowing(self, step: Step) -> list[Value]:
        """What a step took in that an input of the model led to."""
        return [one for one in dict.fromkeys(step.inputs) if one.name in self._known.flowing]
