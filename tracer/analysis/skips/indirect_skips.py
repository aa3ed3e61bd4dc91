"""Skips that no operand was computed from: fused maps, and what containers show.

The other operand was computed from what such a skip was made from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tracer.analysis.skips.candidates import Candidate
from tracer.analysis.skips.container_evidence import ContainerEvidence
from tracer.analysis.skips.other_operands import OtherOperands
from tracer.analysis.skips.residuals import Residuals
from tracer.analysis.skips.skip_candidate import FeatureMapJoin, SkipCandidate
from tracer.record import Trace, Value

PAIR = 2
"""A fused map is joined with one other: the main path."""


class FusedSkips:
    """Finds operands that were made from a join of skips beside the main path.

    Encoder maps may be fused across scales before the decoder takes them in. The other operand of
    its join then has nothing of the fused map, but was computed from a skip in it through a lower
    resolution. The value of the skip is the fused map.
    """

    def __init__(self, trace: Trace, residuals: Residuals) -> None:
        self._trace = trace
        self._residuals = residuals
        self._joined: dict[str, list[Value]] = {}

    def add(self, join: FeatureMapJoin, skips: Collection[SkipCandidate]) -> None:
        """Add the skips that a join joined."""
        self._joined[join.step.outputs[0].name] = [one.candidate.value for one in skips]

    def is_join_of_skips(self, name: str) -> bool:
        """Return whether a value is the result of a join that was added."""
        return name in self._joined

    def of_join(
        self, join: FeatureMapJoin, found: Collection[str], others: OtherOperands
    ) -> Iterator[SkipCandidate]:
        """Yield the fused maps that a join joins, unless what they are joined with is a skip.

        Then the fused map is the main path, which took in other skips before.

        Args:
            join: The join.
            found: The names of its operands that are known to be skips.
            others: The operands that its candidates lead to.
        """
        if join.kind.mode == "product" or len(join.operands) != PAIR:
            return
        for candidate in join.all_candidates():
            skips = self._joined.get(candidate.value.name)
            if not skips or candidate.operand.name in found or candidate.upsampled:
                continue
            if any(map(others.leads_to_another, candidate.chain())):
                continue
            (other,) = join.others(candidate)
            if other.name in found:
                continue
            fused = self._as_it_left_its_block(candidate, join)
            if not self._waited(fused, other, join):
                continue
            if any(self._residuals.comes_by_lower_level(skip, other) for skip in skips):
                yield SkipCandidate(fused, other, through_coarser=True)
                return

    def _waited(self, fused: Candidate, other: Value, join: FeatureMapJoin) -> bool:
        """Whether the main path was still computed when the fused map was made.

        Otherwise that is the end of the main path, and is joined with a side output.
        """
        steps, producers = self._trace.steps, self._trace.producers
        of_other = (one.value.name for one in join.candidates[other.name])
        numbers = (producers.get(name, -1) for name in of_other)
        weighted = (number for number in numbers if number >= 0 and steps[number].weights)
        return next(weighted, -1) > producers[fused.value.name]

    def _as_it_left_its_block(self, candidate: Candidate, join: FeatureMapJoin) -> Candidate:
        """The last candidate of a chain that another block made than the one that runs the join."""
        steps, producers = self._trace.steps, self._trace.producers
        for one in reversed(list(candidate.chain())):
            if steps[producers[one.value.name]].block != join.step.block:
                return one
        return candidate


def container_skips(
    join: FeatureMapJoin,
    found: Collection[str],
    others: OtherOperands,
    order: Mapping[str, int],
    evidence: ContainerEvidence,
) -> Iterator[SkipCandidate]:
    """Yield the operands that a container shows to be skips.

    The value of the skip is what the other operand was computed from, as it is of other skips: the
    tensor that was taken out, or what that was made from with weights of its own. If both operands
    have only an input of the model in common, what another call put in is no skip, but a branch: a
    ControlNet beside the UNet.

    Args:
        join: The join.
        found: The names of its operands that are known to be skips.
        others: The operands that its candidates lead to.
        order: For each value that a step put out, how many were put out before it.
        evidence: What the containers of the model show.
    """
    found = set(found)
    latest = sorted(join.operands, key=lambda value: order.get(value.name, -1), reverse=True)
    for candidate in join.all_candidates():
        if candidate.operand.name in found or candidate.number not in evidence.takes:
            continue
        origins = (
            one for one in join.candidates[candidate.operand.name] if candidate in one.chain()
        )
        leading = (
            one for one in origins if one.value.name in order and others.leads_to_another(one)
        )
        own = candidate if evidence.was_put_in_by_taker(candidate) else None
        origin = next(leading, own)
        if origin is not None:
            found.add(candidate.operand.name)
            last = next(value for value in latest if value.name != candidate.operand.name)
            yield SkipCandidate(origin, last, through_coarser=False, in_container=True)
