"""Operations that cost no arithmetic: their cost is known to be zero, and not unknown."""

from __future__ import annotations

from tracer.analysis.operations import traits
from tracer.record import Step


def is_free(step: Step) -> bool:
    """Returns whether a step computes nothing: it moves, selects, looks up or fills."""
    return traits(step.op).free
