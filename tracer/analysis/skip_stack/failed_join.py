"""Which tensors of a list were being joined when the model failed."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.analysis.operations import traits
from tracer.analysis.skip_stack.match_skips import SkipMatch
from tracer.record import Trace

MAX_STEPS_BACK = 8
"""How many operations without weights are looked through behind an operand."""


def matches_of_failed_join(trace: Trace, matches: Sequence[SkipMatch]) -> list[SkipMatch]:
    """Return the tensors on a list that the operation in which the model failed was to join.

    Those that the failing line took out; without any, the one that was pushed first.

    Args:
        trace: The trace, up to the operation that failed.
        matches: The tensors on its lists, and the skips that they became.
    """
    failed = trace.failed
    if failed is None or traits(failed.op).join is None:
        return []
    names = _names_behind_operands(trace)
    found = [
        match
        for match in matches
        if match.pair and not match.links and not names.isdisjoint(match.pair.tensors)
    ]
    taken = [match for match in found if _was_taken_at_the_end(match, len(trace.steps))]
    return taken or found[:1]


def _was_taken_at_the_end(match: SkipMatch, last_step: int) -> bool:
    reads = match.pair.reads if match.pair else ()
    taken = [match.pop] if match.pop else list(reads)
    return any(event.step == last_step for event in taken)


def _names_behind_operands(trace: Trace) -> set[str]:
    """The operands of the failed operation, and what they were made from without weights."""
    names = {value.name for value in trace.failed.inputs} if trace.failed else set()
    latest = list(names)
    for _ in range(MAX_STEPS_BACK):
        numbers = {trace.producers[name] for name in latest if name in trace.producers}
        steps = (trace.steps[number] for number in numbers)
        latest = [
            value.name
            for step in steps
            if not step.weights
            for value in step.inputs
            if value.name not in names
        ]
        names.update(latest)
    return names
