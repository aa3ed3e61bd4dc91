"""Skips that the other operand of a join was not computed from: fused ones, and those of containers.

The other operand was computed from what such a skip was made from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.container_evidence import ContainerEvidence
from tracer.analysis.skips.reachability import Reachability
from tracer.analysis.skips.skip_candidate import FeatureMapJoin, SkipCandidate

PAIR = 2
"""A fused map is joined with one other: the main path."""


def fused_skips(
    join: FeatureMapJoin,
    found: Collection[str],
    reachability: Reachability,
    joined_skips: Mapping[str, Collection[str]],
) -> Iterator[SkipCandidate]:
    """Yields the operands that were made from a join of skips beside the main path.

    Encoder maps may be fused across scales before the decoder takes them in. The other operand then
    has nothing of the fused map, but was computed from a skip in it through a lower resolution. The
    value of the skip is the fused map, as far as it was only moved since.

    Args:
        join: The join.
        found: The names of its operands that are known to be skips.
        reachability: The paths to its operands.
        joined_skips: The operands that were skips, for the result of each join of skips before.
    """
    if join.kind.mode == "product" or len(join.operands) != PAIR:
        return
    found = set(found)
    for candidate in join.candidates:
        fused = candidate.next
        if candidate.operand.name in found or candidate.upsampled or fused is None:
            continue
        if candidate.value.name not in joined_skips.get(fused.value.name, ()):
            continue
        if any(leads_to_another(one, join, reachability) for one in _chain(fused)):
            continue
        skip = _through_coarser(candidate, join, reachability)
        if skip is not None:
            found.add(candidate.operand.name)
            yield replace(skip, candidate=_moved_since(fused))


def container_skips(
    join: FeatureMapJoin,
    found: Collection[str],
    reachability: Reachability,
    evidence: ContainerEvidence,
) -> Iterator[SkipCandidate]:
    """Yields the operands that a container shows to be skips.

    Args:
        join: The join.
        found: The names of its operands that are known to be skips.
        reachability: The paths to its operands.
        evidence: What the containers of the model show.
    """
    found = set(found)
    order = reachability.order
    for candidate in join.candidates:
        if candidate.operand.name in found or candidate.number not in evidence.takes:
            continue
        if _is_of_one_unet(candidate, join, reachability, evidence):
            found.add(candidate.operand.name)
            others = join.others(candidate)
            last = max(others, key=lambda value: order.get(value.name, -1))
            yield SkipCandidate(candidate, last, through_coarser=False)


def leads_to_another(
    candidate: Candidate, join: FeatureMapJoin, reachability: Reachability
) -> bool:
    """Returns whether another operand is a candidate, or was computed from it in any way."""
    return any(
        other == candidate.value or reachability.to(other).any >> candidate.number & 1
        for other in join.others(candidate)
    )


def _through_coarser(
    candidate: Candidate, join: FeatureMapJoin, reachability: Reachability
) -> SkipCandidate | None:
    """The skip that a candidate is if another operand comes from it by a lower resolution."""
    for other in join.others(candidate):
        paths = reachability.to(other)
        proofs = paths.coarser
        if join.kind.mode != "concatenate":
            proofs &= ~paths.same_level
        if proofs >> candidate.number & 1:
            return SkipCandidate(candidate, other, through_coarser=True)
    return None


def _is_of_one_unet(
    candidate: Candidate,
    join: FeatureMapJoin,
    reachability: Reachability,
    evidence: ContainerEvidence,
) -> bool:
    """Whether both operands are of the UNet that took the one out of a container.

    The other was computed from what it was made from, beyond an input of the model. If both only
    have that in common, what another block put in is a branch: a ControlNet beside the UNet.
    """
    if evidence.was_put_in_by_taker(candidate):
        return True
    origins = (one for one in join.candidates if candidate in _chain(one))
    return any(
        one.value.name in reachability.order and leads_to_another(one, join, reachability)
        for one in origins
    )


def _chain(candidate: Candidate) -> Iterator[Candidate]:
    """A candidate and those after it, up to the operand of the join."""
    following: Candidate | None = candidate
    while following is not None:
        yield following
        following = following.next


def _moved_since(candidate: Candidate) -> Candidate:
    """The last candidate after this one that was computed with weights, or this one itself."""
    chain = list(_chain(candidate))
    weighted = (two for one, two in pairwise(chain) if one.weighted and not two.weighted)
    return next(weighted, candidate)
