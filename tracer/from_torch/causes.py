"""Why a run failed, in the terms of the model, from what was recorded of it."""

from __future__ import annotations

from tracer.clashes import Place, clash
from tracer.from_torch.capture import Recording
from tracer.from_torch.convert import to_trace
from tracer.from_torch.own_line import message
from tracer.laws import Cause


def cause_of(recording: Recording, size: int = 0) -> Cause:
    """What ended a recording that was made at a size.

    Raises ValueError for one that nothing ended.
    """
    failure = recording.failure
    if failure is None:
        raise ValueError("The model did not fail.")
    at = Place(failure.block, *(failure.place or (None, None)))
    return Cause(
        size=size,
        error=message(failure.error).splitlines()[0],
        op=failure.op,
        at=at,
        clash=clash(to_trace(recording), failure.op or "", failure.operands, at),
    )
