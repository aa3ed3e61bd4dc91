"""The blocks at both ends of a skip: the outermost ones that do not also hold the join."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_link import JOINS, SkipLink
from tracer.record import Block, Step, Trace, Value


class Ends:
    """Who made each value of a trace, and who took it in."""

    def __init__(self, trace: Trace, known: Resolutions) -> None:
        self._trace = trace
        self._known = known
        self._makers: defaultdict[str, list[Block]] = defaultdict(list)
        self._takers: defaultdict[str, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.outputs:
                self._makers[value.name].append(block)
            for value in block.inputs:
                self._takers[value.name].append(block)
        self._users = {value.name: step for step in reversed(trace.steps) for value in step.inputs}

    def link(self, candidate: Candidate, other: Value) -> SkipLink:
        """The link that a candidate is which another operand was computed from."""
        step = self._trace.steps[candidate.join]
        return SkipLink(
            source=self._source(candidate),
            target=self._target(candidate.join, step),
            value=candidate.value,
            joined=other,
            result=step.outputs[0],
            join=JOINS[step.op],
            pushed=self._trace.producers.get(candidate.value.name, -1),
            popped=candidate.join,
            via=candidate.via,
            way=candidate.way,
        )

    def _source(self, candidate: Candidate) -> str:
        """The block that put the value out, or what it was made from by functions alone."""
        value: Value | None = candidate.value
        home = ""
        while value is not None:
            block = _outermost(self._makers[value.name], candidate.join)
            if block is not None:
                return block
            number = self._trace.producers.get(value.name)
            step = None if number is None else self._trace.steps[number]
            home = home or (step.block if step else "")
            value = None if step is None or step.weights else self._main(step)
        return home

    def _main(self, step: Step) -> Value | None:
        """The operand that the model's input led to, at the highest resolution, made last."""
        made, known = self._trace.producers, self._known

        def worth(value: Value) -> tuple[bool, Fraction, int]:
            return value.name in known.flowing, known.places(value), made.get(value.name, -1)

        return max(step.inputs, key=worth, default=None)

    def _target(self, join: int, step: Step) -> str:
        """The first block that takes the joined value in, as it is or after some operations."""
        value: Value | None = step.outputs[0]
        while value is not None:
            block = _outermost(self._takers[value.name], join)
            if block is not None:
                return block
            user = self._users.get(value.name)
            value = user.outputs[0] if user and user.outputs and user.block == step.block else None
        return step.block


def _outermost(blocks: list[Block], join: int) -> str | None:
    """The first of `blocks`, which come outermost first, that did not run the join itself."""
    return next((block.call for block in blocks if not block.first <= join < block.last), None)
