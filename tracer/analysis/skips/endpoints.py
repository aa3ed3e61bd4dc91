"""The blocks at both ends of a skip: the one that made it, and the one that takes it in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tracer.analysis.operations import traits
from tracer.analysis.skips.producer_blocks import ProducerBlocks
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_candidate import SkipCandidate
from tracer.analysis.skips.skip_link import SkipLink
from tracer.record import Block, Step, Trace, Value


class Endpoints:
    """Finds the blocks that made the skips of a trace, and those that take them in."""

    def __init__(
        self, trace: Trace, resolutions: Resolutions, found: Iterable[SkipCandidate]
    ) -> None:
        self._trace = trace
        joins = ((one.candidate.value.name, one.candidate.join) for one in found)
        self._producers = ProducerBlocks(trace, resolutions, joins)
        self._consumers: defaultdict[str, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.inputs:
                self._consumers[value.name].append(block)
        self._first_users = {
            value.name: step for step in reversed(trace.steps) for value in step.inputs
        }
        self._targets: dict[tuple[str, str], str] = {}

    def link(self, skip: SkipCandidate) -> SkipLink:
        """Return the skip that a candidate is, with the blocks at both ends."""
        candidate = skip.candidate
        steps, producers = self._trace.steps, self._trace.producers
        step = steps[candidate.join]
        kind = traits(step.op).join
        return SkipLink(
            source=self._producers.call_of(candidate.value, candidate.join),
            target=self._target(candidate.join, step),
            value=candidate.value,
            joined=skip.other,
            result=step.outputs[0],
            join=kind.name if kind else step.op,
            pushed=producers.get(candidate.value.name, -1),
            popped=candidate.join,
            via=tuple(steps[producers[value.name]].op for value in reversed(candidate.path)),
            path=candidate.path,
            operands=step.inputs,
            in_data_flow=not skip.in_container,
        )

    def _target(self, join: int, step: Step) -> str:
        """The first block that takes the joined value in, as it is or after some operations.

        What is found is kept for all values on the way, which those of later joins may lead to.
        """
        value: Value | None = step.outputs[0]
        passed: list[tuple[str, str]] = []
        target = None
        while target is None and value is not None:
            passed.append((value.name, step.block))
            target = self._targets.get(passed[-1])
            if target is None:
                target = _outermost(self._consumers[value.name], join)
            user = self._first_users.get(value.name)
            value = user.outputs[0] if user and user.outputs and user.block == step.block else None
        target = step.block if target is None else target
        self._targets.update(dict.fromkeys(passed, target))
        return target


def _outermost(blocks: list[Block], join: int) -> str | None:
    """The first of `blocks`, which come outermost first, that did not run the join itself."""
    return next((block.call for block in blocks if not block.first <= join < block.last), None)
