"""Why a run failed, in the terms of the model, from what was recorded of it."""

from __future__ import annotations

from dataclasses import replace

from tracer.analysis.shape_mismatch import ShapeMismatch, StepLocation, find_shape_mismatch
from tracer.analysis.size_rules import Cause
from tracer.analysis.skips import skips
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.failure import Failure
from tracer.from_torch.capture.recording import Recording
from tracer.from_torch.targets.user_errors import message
from tracer.record import Trace


def cause_of(recording: Recording, size: int = 0, working: Trace | None = None) -> Cause:
    """What ended a recording that was made at a size.

    `working` is a trace of the same model at sizes at which it runs: it tells which block would
    have been next. Raises ValueError for a recording that nothing ended.
    """
    failure = recording.failure
    if failure is None:
        raise ValueError("The model did not fail.")
    at = StepLocation(failure.block, *(failure.place or (None, None)))
    trace = to_trace(recording)
    found = find_shape_mismatch(trace, failure.op or "", failure.operands, at)
    if found is not None and working is not None:
        found = _completed(found, failure, len(trace.steps), working)
    return Cause(
        size=size,
        error=message(failure.error).splitlines()[0],
        op=failure.op,
        at=at,
        clash=found,
    )


def _completed(
    found: ShapeMismatch, failure: Failure, number: int, working: Trace
) -> ShapeMismatch:
    """A clash, with the blocks between which the skip runs where the model works."""
    same = number < len(working.steps) and working.steps[number].op == failure.op
    links = [link for link in skips(working) if same and link.popped == number]
    if len(links) != 1:
        return found
    (link,) = links
    return replace(found, target=link.target, pushed=replace(found.pushed, block=link.source))
