"""Why a run failed, in the terms of the model, from the trace of it that ends at the failure."""

from __future__ import annotations

from dataclasses import replace

from tracer.analysis.channel_mismatch import find_channel_mismatch
from tracer.analysis.shape_mismatch import ShapeMismatch, find_shape_mismatch
from tracer.analysis.size_rules import Cause
from tracer.analysis.skips import skips
from tracer.analysis.value_origin import StepLocation
from tracer.record import Trace
from tracer.sizing.runner import RunFailure, TracedRun


def cause_of(run: TracedRun, size: int = 0, working: Trace | None = None) -> Cause:
    """What ended a run.

    Args:
        run: The run that failed.
        size: The size that it was made at.
        working: A trace of the same model at sizes at which it works. It shows which block the
            failed operation was for.

    Raises:
        ValueError: The run did not fail.
    """
    failure = run.failure
    if failure is None:
        raise ValueError("The model did not fail.")
    at = StepLocation(failure.block, failure.file, failure.line)
    raised = run.trace, failure.op or "", failure.operands, at, failure.message
    mismatch = find_shape_mismatch(*raised)
    channels = None if mismatch else find_channel_mismatch(*raised)
    if mismatch is not None and working is not None:
        mismatch = _with_skip_blocks(mismatch, failure, len(run.trace.steps), working)
    return Cause(
        size=size,
        error=failure.headline,
        op=failure.op,
        at=at,
        mismatch=mismatch,
        channels=channels,
        steps=len(run.trace.steps),
    )


def _with_skip_blocks(
    mismatch: ShapeMismatch, failure: RunFailure, step: int, working: Trace
) -> ShapeMismatch:
    """The mismatch with the two blocks of the skip that this step joins where the model works."""
    same = step < len(working.steps) and working.steps[step].op == failure.op
    links = [link for link in skips(working) if same and link.popped == step]
    if len(links) != 1:
        return mismatch
    (link,) = links
    return replace(mismatch, target=link.target, pushed=replace(mismatch.pushed, block=link.source))
