"""What the joins of a trace join."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK, JOINS
from tracer.record import Step, Trace, Value

SQUASH = frozenset(
    (
        *("sigmoid", "sigmoid_", "hardsigmoid", "hardsigmoid_", "softmax"),
        *("tanh", "tanh_", "hardtanh", "hardtanh_", "clamp", "clamp_"),
    )
)
"""Operations that put out numbers within bounds: what is multiplied with them is gated."""

NEAR = 4
"""Operations after which a squashed value is still taken for a gate, such as ``1 + gate``."""


class JoinedValues:
    """By the number of a join, the feature maps that it joins: two, or more."""

    def __init__(self, trace: Trace, known: Resolutions) -> None:
        self._trace = trace
        self._known = known
        self.parts: dict[int, tuple[Value, ...]] = {}
        inner: set[int] = set()
        for number in reversed(range(len(trace.steps))):
            step = trace.steps[number]
            if step.op in JOINS and step.outputs and number not in inner:
                parts = [value for value in self._taken(step, inner) if self._is_one(step, value)]
                if len(parts) > 1 and not self._is_gating(step, parts):
                    self.parts[number] = tuple(parts)
        self.parts = dict(reversed(self.parts.items()))

    def _taken(self, join: Step, inner: set[int]) -> Iterator[Value]:
        """What a join joins; where that is a concatenation itself, its parts, as if it were one."""
        waiting, seen = list(reversed(join.inputs)), set[str]()
        while waiting:
            value = waiting.pop()
            if value.name in seen:
                continue
            seen.add(value.name)
            number = self._trace.producers.get(value.name)
            made = None if number is None else self._trace.steps[number]
            if number is not None and made and JOINS[join.op] == JOINS.get(made.op) == "cat":
                inner.add(number)
                waiting += reversed(made.inputs)
            else:
                yield value

    def _is_one(self, join: Step, value: Value) -> bool:
        """Whether an operand is a feature map of the join.

        It is none if it is one number for many places, or if its places are put in a row with
        others, as the tokens of an image and a text are.
        """
        whole = join.outputs[0]
        if len(value.shape) < FEATURE_MAP_RANK or value.name not in self._known.flowing:
            return False
        if JOINS[join.op] in {"add", "mul"} and value.shape != whole.shape:
            return False
        return not is_coarser(self._known.places(value), self._known.places(whole))

    def _is_gating(self, join: Step, parts: list[Value]) -> bool:
        return JOINS[join.op] == "mul" and any(map(self._is_gate, parts))

    def _is_gate(self, value: Value) -> bool:
        for _ in range(NEAR):
            number = self._trace.producers.get(value.name)
            step = None if number is None else self._trace.steps[number]
            if step is None or step.op in SQUASH:
                return step is not None
            if len(step.inputs) != 1 or step.weights:
                return False
            value = step.inputs[0]
        return False
