"""Residual connections: additions of a value and what was computed from it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.record import Step, Trace, Value

MAX_VALUES_SEARCHED = 256
"""Values looked through for the origin of an operand."""


@dataclass(frozen=True, slots=True)
class Residual:
    """The operand of a join that another operand was computed from.

    `same_resolution`: the computation never went to a lower resolution, so that the join is the end
    of a residual block.
    """

    origin: Value
    same_resolution: bool


class Residuals:
    """Tells joins of a value with what was computed from it from joins of two origins."""

    def __init__(self, trace: Trace, resolutions: Resolutions) -> None:
        self._trace = trace
        self._resolutions = resolutions
        self._model_inputs = _model_inputs(trace)
        self._residuals: dict[str, Residual | None] = {}

    def of(self, join: Step) -> Residual | None:
        """Return the residual that a join ends; None if no operand was computed from another.

        An origin that is too far to find counts as another origin.
        """
        name = join.outputs[0].name
        if name not in self._residuals:
            operands = sorted(set(join.inputs), key=self._producer)
            found = [self._between(a, b) for a, b in combinations(operands, 2)]
            self._residuals[name] = max(
                filter(None, found), key=lambda one: one.same_resolution, default=None
            )
        return self._residuals[name]

    def _between(self, origin: Value, value: Value) -> Residual | None:
        if self._leads(origin, value, same_resolution=True):
            return Residual(origin, same_resolution=True)
        if self._producer(origin) < 0:
            inputs = self._model_inputs
            leads = bool(inputs.get(value.name, 0) & inputs.get(origin.name, 0))
        else:
            leads = self._leads(origin, value, same_resolution=False)
        return Residual(origin, same_resolution=False) if leads else None

    def _leads(self, origin: Value, value: Value, *, same_resolution: bool) -> bool:
        """Whether one value was computed from another, at no lower resolution if asked."""
        first, positions = self._producer(origin), self._resolutions.positions(origin)
        queue, visited = [value], {value.name}
        while queue and len(visited) < MAX_VALUES_SEARCHED:
            number = self._producer(queue.pop())
            for before in self._trace.steps[number].inputs if number > first else ():
                if before.name == origin.name:
                    return True
                if before.name in visited:
                    continue
                if same_resolution and is_coarser(self._resolutions.positions(before), positions):
                    continue
                visited.add(before.name)
                queue.append(before)
        return False

    def _producer(self, value: Value) -> int:
        return self._trace.producers.get(value.name, -1)


def _model_inputs(trace: Trace) -> dict[str, int]:
    """For the name of each value, the inputs of the model that it was computed from, as bits."""
    found = {value.name: 1 << number for number, value in enumerate(trace.inputs)}
    for step in trace.steps:
        bits = 0
        for value in step.inputs:
            bits |= found.get(value.name, 0)
        for value in step.outputs:
            found[value.name] = bits
    return found
