"""The blocks at both ends of a skip: the outermost ones that do not also run the join."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from tracer.analysis.operations import traits
from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_link import SkipLink
from tracer.record import Block, Step, Trace, Value


class Endpoints:
    """Finds the blocks that put each value of a trace out, and those that take it in."""

    def __init__(self, trace: Trace, resolutions: Resolutions) -> None:
        self._trace = trace
        self._resolutions = resolutions
        self._producers: defaultdict[str, list[Block]] = defaultdict(list)
        self._consumers: defaultdict[str, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.outputs:
                self._producers[value.name].append(block)
            for value in block.inputs:
                self._consumers[value.name].append(block)
        self._first_users = {
            value.name: step for step in reversed(trace.steps) for value in step.inputs
        }

    def link(self, candidate: Candidate, other: Value) -> SkipLink:
        """Return the skip of a candidate which `other`, another operand, was computed from."""
        step = self._trace.steps[candidate.join]
        kind = traits(step.op).join
        return SkipLink(
            source=self._source(candidate),
            target=self._target(candidate.join, step),
            value=candidate.value,
            joined=other,
            result=step.outputs[0],
            join=kind.name if kind else step.op,
            pushed=self._trace.producers.get(candidate.value.name, -1),
            popped=candidate.join,
            via=candidate.via,
            path=candidate.path,
        )

    def _source(self, candidate: Candidate) -> str:
        """The block that put the value out, or what it was made from without further weights."""
        value: Value | None = candidate.value
        first_block = ""
        while value is not None:
            call = _outermost(self._producers[value.name], candidate.join)
            if call is not None:
                return call
            number = self._trace.producers.get(value.name)
            step = None if number is None else self._trace.steps[number]
            first_block = first_block or (step.block if step else "")
            value = None if step is None or step.weights else self._main_input(step)
        return first_block

    def _main_input(self, step: Step) -> Value | None:
        """The input computed from a model input, at the highest resolution, made last."""
        producers, resolutions = self._trace.producers, self._resolutions

        def rank(value: Value) -> tuple[bool, Fraction, int]:
            computed = value.name in resolutions.from_inputs
            return computed, resolutions.positions(value), producers.get(value.name, -1)

        return max(step.inputs, key=rank, default=None)

    def _target(self, join: int, step: Step) -> str:
        """The first block that takes the joined value in, as it is or after some operations."""
        value: Value | None = step.outputs[0]
        while value is not None:
            call = _outermost(self._consumers[value.name], join)
            if call is not None:
                return call
            user = self._first_users.get(value.name)
            value = user.outputs[0] if user and user.outputs and user.block == step.block else None
        return step.block


def _outermost(blocks: list[Block], join: int) -> str | None:
    """The first of `blocks`, which come outermost first, that did not run the join itself."""
    return next((block.call for block in blocks if not block.first <= join < block.last), None)
