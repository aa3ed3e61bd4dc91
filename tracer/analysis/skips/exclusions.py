"""Joins that look like those of skips, and are none: see `without_excluded`."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.analysis.operations import traits
from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.skip_candidate import SkipCandidate
from tracer.record import Trace


def without_excluded(trace: Trace, found: Sequence[SkipCandidate]) -> list[SkipCandidate]:
    """Return the skips, without residual connections around a UNet and joins that only prepare.

    Args:
        trace: The trace.
        found: The skips of all its joins, in the order of the joins.
    """
    rest = [one for one in found if not _is_residual_of_unet(trace, one, found)]
    return [one for one in rest if not _prepares_another(trace, one, rest)]


def _is_residual_of_unet(trace: Trace, skip: SkipCandidate, found: Sequence[SkipCandidate]) -> bool:
    """Whether a block adds its input to its output, after it joined skips at that resolution.

    If it made those skips itself, the block is a UNet of its own, and the addition is the residual
    connection around it. Otherwise it is a level of a decoder, and the addition joins another skip.
    """
    candidate = skip.candidate
    step = trace.steps[candidate.join]
    block = trace.blocks[candidate.block]
    kind = traits(step.op).join
    if not block.call or kind is None or kind.mode != "sum":
        return False
    if candidate.value not in block.inputs or step.outputs[0] not in block.outputs:
        return False
    return any(
        other.candidate.block == block.call
        and other.candidate.positions == candidate.positions
        and block.first <= trace.producers.get(other.candidate.value.name, -1)
        and other.candidate.join < candidate.join
        for other in found
    )


def _prepares_another(trace: Trace, skip: SkipCandidate, found: Sequence[SkipCandidate]) -> bool:
    """Whether a join only prepares a value for a later one, as a gate does."""
    step = trace.steps[skip.candidate.join]
    kind = traits(step.op).join
    if not skip.candidate.weighted and (kind is None or kind.mode != "product"):
        return False
    return any(
        step.outputs[0].name in _origin_names(trace, later.candidate, skip.candidate.join)
        for later in found
        if later.candidate.value == skip.candidate.value
        and later.candidate.join > skip.candidate.join
        and later.candidate.via
    )


def _origin_names(trace: Trace, candidate: Candidate, first: int) -> set[str]:
    """The names of all values since step `first` that the operand of a candidate was made from."""
    visited: set[str] = set()
    queue = [candidate.operand.name]
    while queue:
        name = queue.pop()
        number = trace.producers.get(name, -1)
        if name not in visited and number >= first:
            visited.add(name)
            queue += [value.name for value in trace.steps[number].inputs]
    return visited
