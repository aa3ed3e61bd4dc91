"""The values that may be skips: the operands of each join, and what those were made from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tracer.analysis.operations import traits
from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.join_operands import Operands, positions_of_join
from tracer.analysis.skips.residuals import Residuals
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK
from tracer.record import Step, Trace, Value

MAX_VALUES_BACK = 48
"""Values looked at behind one operand."""


@dataclass(frozen=True, slots=True, eq=False)
class JoinedOperand:
    """An operand of a join, which is what all the candidates behind it have in common.

    Attributes:
        value: The operand.
        join: The number of the step that joins it.
        block: The call of the block that runs the join.
        positions: The resolution of the join.
    """

    value: Value
    join: int
    block: str
    positions: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A value that may be the skip of a join: one of its operands, or what that was made from.

    Attributes:
        number: Its number among the candidates of the trace, which is its bit in a set of them.
        value: The value.
        joined: The operand of the join that was made from it.
        lowest: The lowest resolution between the value and the operand.
        upsampled: It was upsampled before the join.
        direct: The operations between the value and the operand only move, crop or scale it, or add
            to it something that was not computed from it.
        weighted: Some of them read weights.
        next: The candidate after this one on the path to the operand.
    """

    number: int
    value: Value
    joined: JoinedOperand
    lowest: Fraction
    upsampled: bool = False
    direct: bool = True
    weighted: bool = False
    next: Candidate | None = None

    @property
    def operand(self) -> Value:
        """The operand of the join that was made from it."""
        return self.joined.value

    @property
    def join(self) -> int:
        """The number of the step that joins the operand."""
        return self.joined.join

    @property
    def block(self) -> str:
        """The call of the block that runs the join."""
        return self.joined.block

    @property
    def positions(self) -> Fraction:
        """The resolution of the join."""
        return self.joined.positions

    @property
    def path(self) -> tuple[Value, ...]:
        """The values between this one and the join, the operand first."""
        _, *following = self.chain()
        return tuple(one.value for one in reversed(following))

    def chain(self) -> Iterator[Candidate]:
        """Yield this candidate and those after it, up to the operand of the join."""
        following: Candidate | None = self
        while following is not None:
            yield following
            following = following.next


@dataclass(frozen=True, slots=True)
class Origins:
    """What the result of a step, or of the residual block that it ends, was made from.

    Attributes:
        values: The feature maps that it was made from.
        direct: The step only moves, crops or scales a value, or adds another to it.
        weighted: It reads weights.
        resamples: The resolution may change from the one value to the result.
        pads: It only adds a margin to the value.
    """

    values: tuple[Value, ...] = ()
    direct: bool = False
    weighted: bool = False
    resamples: bool = False
    pads: bool = False


class CandidateSearch:
    """Follows the operands of joins back to what they were made from."""

    def __init__(
        self, trace: Trace, resolutions: Resolutions, operands: Operands, residuals: Residuals
    ) -> None:
        self._trace = trace
        self._resolutions = resolutions
        self._operands = operands
        self._residuals = residuals
        self._origins: dict[int, Origins] = {}
        self._count = 0

    def candidates(self, number: int) -> Iterator[Candidate]:
        """Yield the candidates of one join: each operand and what it was made from, nearest first.

        Behind the operands of a join that ends a residual block there is nothing but that block.
        """
        join = self._trace.steps[number]
        positions = positions_of_join(join, self._resolutions)
        kind = traits(join.op).join
        concatenates = kind is not None and kind.mode == "concatenate"
        residual = None if concatenates else self._residuals.of(join)
        for operand in self._operands[number]:
            joined = JoinedOperand(operand, number, join.block, positions)
            first = Candidate(self._next_number(), operand, joined, positions)
            if residual and residual.same_resolution:
                yield first
            else:
                yield from self._backward(first)

    def _next_number(self) -> int:
        self._count += 1
        return self._count - 1

    def _backward(self, first: Candidate) -> Iterator[Candidate]:
        queue, visited = deque([first]), {first.value.name}
        while queue:
            candidate = queue.popleft()
            yield candidate
            number = self._trace.producers.get(candidate.value.name)
            if number is not None:
                queue += self._before(candidate, self._origins_of(number), visited)

    def _before(
        self, candidate: Candidate, origins: Origins, visited: set[str]
    ) -> Iterator[Candidate]:
        """The candidates that one was made from, except for those that were visited."""
        for value in origins.values:
            if value.name in visited or len(visited) >= MAX_VALUES_BACK:
                continue
            lowest = self._lowest(candidate, origins, value)
            if lowest is None:
                continue
            visited.add(value.name)
            yield Candidate(
                number=self._next_number(),
                value=value,
                joined=candidate.joined,
                lowest=lowest,
                upsampled=is_coarser(lowest, candidate.positions),
                direct=candidate.direct and origins.direct,
                weighted=candidate.weighted or origins.weighted,
                next=candidate,
            )

    def _lowest(self, candidate: Candidate, origins: Origins, value: Value) -> Fraction | None:
        """The lowest resolution from a value to the join; None if the value is not a candidate.

        What was upsampled came from a single value, and the search stays at the resolution of that:
        what leads down to it is the main path.
        """
        positions = self._resolutions.positions(value)
        if origins.pads or not is_coarser(positions, candidate.lowest):
            finer = candidate.upsampled and is_coarser(candidate.lowest, positions)
            return None if finer else candidate.lowest
        return positions if origins.resamples else None

    def _origins_of(self, number: int) -> Origins:
        if number not in self._origins:
            self._origins[number] = self._find_origins(self._trace.steps[number])
        return self._origins[number]

    def _find_origins(self, step: Step) -> Origins:
        """What a step was made from; nothing where a position is no longer one position.

        A join of several values is looked behind only if it is a sum: of two origins, or at the end
        of a residual block, where the origin of the block counts.
        """
        op = traits(step.op)
        inputs = self._computed_inputs(step)
        alone = len(inputs) == 1
        mode = op.join.mode if op.join else None
        if op.matrix_product or (mode in {"concatenate", "stack"} and len(inputs) > 1):
            return Origins()
        residual = self._residuals.of(step) if mode == "sum" else None
        if residual:
            values = [residual.origin] if residual.same_resolution else []
        else:
            values = inputs[:1] if op.attends else inputs
        return Origins(
            values=tuple(one for one in values if len(one.shape) >= FEATURE_MAP_RANK),
            direct=not (step.weights or residual) and (mode == "sum" or (alone and not op.reduces)),
            weighted=bool(step.weights or residual),
            resamples=alone and not op.broadcasts,
            pads=op.pads,
        )

    def _computed_inputs(self, step: Step) -> list[Value]:
        """The inputs of a step that were computed from an input of the model."""
        from_inputs = self._resolutions.from_inputs
        return [one for one in dict.fromkeys(step.inputs) if one.name in from_inputs]
