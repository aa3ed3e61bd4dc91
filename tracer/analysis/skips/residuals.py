"""Additions around a block: what was added was computed from what it is added to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.record import Step, Trace, Value

FAR = 256
"""Values looked through for the origin of an addend."""


@dataclass(frozen=True, slots=True)
class Around:
    """The operand that another was computed from.

    `level`: so at one resolution, which makes the step the end of a residual block.
    """

    origin: Value
    level: bool


class Residuals:
    """Tells the additions and products around a block from those that join two origins."""

    def __init__(self, trace: Trace, known: Resolutions) -> None:
        self._trace = trace
        self._known = known
        self._inputs = _of_inputs(trace)
        self._around: dict[str, Around | None] = {}

    def around(self, step: Step) -> Around | None:
        """What a step goes around; None where no way leads from one of its operands to another.

        What is too far to seek counts as of another origin.
        """
        name = step.outputs[0].name
        if name not in self._around:
            operands = sorted(set(step.inputs), key=self._made)
            found = [self._between(a, b) for a, b in combinations(operands, 2)]
            self._around[name] = max(filter(None, found), key=lambda one: one.level, default=None)
        return self._around[name]

    def _between(self, origin: Value, value: Value) -> Around | None:
        if self._leads(origin, value, level=True):
            return Around(origin, level=True)
        if self._made(origin) < 0:
            leads = bool(self._inputs.get(value.name, 0) & self._inputs.get(origin.name, 0))
        else:
            leads = self._leads(origin, value, level=False)
        return Around(origin, level=False) if leads else None

    def _leads(self, origin: Value, value: Value, *, level: bool) -> bool:
        """Whether a way leads from one value to the other, through no lower resolution if asked."""
        first, places = self._made(origin), self._known.places(origin)
        waiting, seen = [value], {value.name}
        while waiting and len(seen) < FAR:
            number = self._made(waiting.pop())
            for before in self._trace.steps[number].inputs if number > first else ():
                if before.name == origin.name:
                    return True
                lower = level and is_coarser(self._known.places(before), places)
                if before.name not in seen and not lower:
                    seen.add(before.name)
                    waiting.append(before)
        return False

    def _made(self, value: Value) -> int:
        return self._trace.producers.get(value.name, -1)


def _of_inputs(trace: Trace) -> dict[str, int]:
    """By the name of each value the inputs of the model that led to it, a bit for each."""
    found = {value.name: 1 << number for number, value in enumerate(trace.inputs)}
    for step in trace.steps:
        bits = 0
        for value in step.inputs:
            bits |= found.get(value.name, 0)
        for value in step.outputs:
            found[value.name] = bits
    return found
