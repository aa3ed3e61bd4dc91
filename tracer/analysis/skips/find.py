"""The skips of a trace: the candidates that another operand of their join was computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from tracer.algebra.substitute import resize
from tracer.analysis.operations import traits
from tracer.analysis.skips.candidate_sets import CandidateSet
from tracer.analysis.skips.candidates import Candidate, CandidateSearch
from tracer.analysis.skips.container_evidence import ContainerEvidence
from tracer.analysis.skips.endpoints import Endpoints
from tracer.analysis.skips.exclusions import without_excluded
from tracer.analysis.skips.indirect_skips import FusedSkips, container_skips
from tracer.analysis.skips.join_operands import is_along_batch, joined_feature_maps
from tracer.analysis.skips.other_operands import OtherOperands, PathKind
from tracer.analysis.skips.reachability import PathSets, Reachability
from tracer.analysis.skips.residuals import Residuals
from tracer.analysis.skips.resolution import Resolutions, resolutions
from tracer.analysis.skips.skip_candidate import FeatureMapJoin, SkipCandidate
from tracer.analysis.skips.skip_link import SkipLink
from tracer.record import Trace, once_per_trace

OTHER_BLOCK, COARSER = attrgetter("other_block"), attrgetter("coarser")
LOW_WEIGHTED_TWICE = attrgetter("low_weighted_twice")


@once_per_trace
def skips(trace: Trace) -> tuple[SkipLink, ...]:
    """Return every skip connection of a trace, in the order of the joins.

    They are found in the data flow, and in what the lines of the model put into their containers
    and took out again (`SkipLink.in_data_flow` tells which); the names of the blocks are not read.
    In a symbolic trace the values of the links have formulas for sizes.

    Args:
        trace: A trace of any model. Without lines, the data flow alone is searched.

    >>> from tracer import Session
    >>> links = skips(Session.open("tiny").trace)
    >>> len(links), links[0].source, links[0].target, links[0].join
    (6, 'down.2.block.0', 'up.2.block.0', 'cat')
    """
    if trace.symbols:
        return _with_formulas(skips(resize(trace)), trace)
    known = resolutions(trace)
    found = without_excluded(trace, list(_SkipSearch(trace, known).find_all()))
    return tuple(map(Endpoints(trace, known, found).link, found))


def _with_formulas(links: tuple[SkipLink, ...], trace: Trace) -> tuple[SkipLink, ...]:
    """The links of a trace at its own sizes, with the values of the symbolic trace."""
    values = {value.name: value for value in trace.inputs}
    values |= {value.name: value for step in trace.steps for value in step.outputs}
    return tuple(
        replace(
            link,
            value=values[link.value.name],
            joined=values[link.joined.name],
            result=values[link.result.name],
            path=tuple(values[value.name] for value in link.path),
            operands=tuple(values[value.name] for value in link.operands),
        )
        for link in links
    )


class _SkipSearch:
    """Passes through the steps once, and decides at each join which candidates are skips."""

    def __init__(self, trace: Trace, resolutions: Resolutions) -> None:
        self._trace = trace
        operands = joined_feature_maps(trace, resolutions)
        residuals = Residuals(trace, resolutions)
        search = CandidateSearch(trace, resolutions, operands, residuals)
        candidates = [one for number in reversed(operands) for one in search.candidates(number)]
        self._reachability = Reachability(trace, candidates, resolutions)
        self._joins: dict[int, FeatureMapJoin] = {}
        for number, of_join in groupby(candidates, key=lambda one: one.join):
            step = trace.steps[number]
            kind = traits(step.op).join
            if kind is not None:
                self._joins[number] = FeatureMapJoin(
                    number,
                    step,
                    kind,
                    operands[number],
                    {name: tuple(ones) for name, ones in groupby(of_join, _operand_name)},
                    kind.mode == "concatenate" and not is_along_batch(step, resolutions),
                )
        self._containers = ContainerEvidence(trace, self._joins)
        self._fused = FusedSkips(trace, residuals)

    def find_all(self) -> Iterator[SkipCandidate]:
        for number, step in enumerate(self._trace.steps):
            join = self._joins.get(number)
            found = self._skips_of(join) if join else []
            yield from found
            names: set[str] = set()
            if join and found and join.kind.mode != "product":  # a product may weight a skip
                names = {one.operand.name for one in found}
            self._reachability.add_step(number, step, names)

    def _skips_of(self, join: FeatureMapJoin) -> list[SkipCandidate]:
        """The skips of one join, in the order of its operands; one operand at least is none."""
        others = OtherOperands(join.operands, self._reachability)
        found = _without_branches(self._nearest(join, others))
        found = [one for one in found if not self._modulates(one, join)]
        names = {one.operand.name for one in found}
        found += self._fused.of_join(join, names, others)
        names = {one.operand.name for one in found}
        found += container_skips(join, names, others, self._reachability.order, self._containers)
        if len(found) == len(join.operands):
            found.remove(min(found, key=self._likelihood))
        found += self._dense_operands(join, found)
        if found and join.kind.mode != "product":
            self._fused.add(join, found)
        return sorted(found, key=lambda one: others.place(one.operand))

    def _nearest(self, join: FeatureMapJoin, others: OtherOperands) -> Collection[SkipCandidate]:
        """For each operand, the nearest candidate that another operand was computed from.

        What was upsampled before the join is the skip of an operand only if nothing else is: a gate
        is upsampled to the size of what it weights. The search ends at a candidate that is part of
        what led to another operand, but proves no skip: two branches begin there.
        """
        nearest: dict[str, SkipCandidate] = {}
        dead_ends: set[int] = set()
        for candidate in sorted(join.all_candidates(), key=lambda one: one.upsampled):
            if candidate.operand.name in nearest or self._is_beyond(candidate, dead_ends):
                dead_ends.add(candidate.number)
                continue
            skip = self._as_skip(candidate, join, others)
            if skip is not None:
                nearest[candidate.operand.name] = skip
            elif others.leads_to_another(candidate):
                dead_ends.add(candidate.number)
        return nearest.values()

    def _is_beyond(self, candidate: Candidate, dead_ends: set[int]) -> bool:
        """Whether a candidate is only reached by way of a dead end or of another join of skips."""
        step = candidate.next
        return step is not None and (
            step.number in dead_ends or self._fused.is_join_of_skips(step.value.name)
        )

    def _as_skip(
        self, candidate: Candidate, join: FeatureMapJoin, others: OtherOperands
    ) -> SkipCandidate | None:
        """The skip that a candidate is, by the paths from it to another operand."""
        if join.kind.mode == "product":
            is_input = candidate.value.name not in self._reachability.order
            if is_input or not candidate.direct:
                return None  # the input under a mask, or a map of weights
        other = others.first(candidate, self._paths_of_proof(candidate, join))
        if other is None:
            return None
        coarser = self._reachability.to(other).coarser
        return SkipCandidate(candidate, other, self._reachability.holds(coarser, candidate))

    def _paths_of_proof(self, candidate: Candidate, join: FeatureMapJoin) -> PathKind:
        """The paths from a candidate to another operand that show it to be a skip."""
        if candidate.upsampled:
            return LOW_WEIGHTED_TWICE
        if join.along_channels:
            return OTHER_BLOCK if candidate.direct else COARSER
        if candidate.direct and join.kind.mode != "stack":
            return self._other_block_by_lower_levels
        return self._coarser_by_lower_levels

    def _other_block_by_lower_levels(self, paths: PathSets) -> CandidateSet:
        return self._reachability.operations.difference(paths.other_block, paths.same_level)

    def _coarser_by_lower_levels(self, paths: PathSets) -> CandidateSet:
        return self._reachability.operations.difference(paths.coarser, paths.same_level)

    def _modulates(self, skip: SkipCandidate, join: FeatureMapJoin) -> bool:
        """Whether an operand and what it is added to are two branches of one value at one level.

        A second origin of such a branch, a map that modulates it, is not a skip.
        """
        if join.along_channels or not skip.candidate.weighted:
            return False
        same_level = self._reachability.to(skip.other).same_level
        return any(
            self._reachability.holds(same_level, one)
            for one in join.candidates[skip.operand.name]
            if not one.upsampled
        )

    def _likelihood(self, skip: SkipCandidate) -> tuple[bool, bool, bool, bool]:
        """How likely an operand is a skip, and not the main path that was upsampled to meet it."""
        candidate = skip.candidate
        in_container = skip.in_container or candidate.number in self._containers.takes
        return in_container, not candidate.upsampled, skip.through_coarser, candidate.direct

    def _dense_operands(
        self, join: FeatureMapJoin, found: list[SkipCandidate]
    ) -> list[SkipCandidate]:
        """What a concatenation takes in beside its skips, but for the main path, which comes last.

        So a dense UNet is wired: a node takes in the nodes before it on its level, of which only
        the first leads to the level below. What comes up from a lower level is none of them.
        """
        if not join.along_channels or not any(one.through_coarser for one in found):
            return []
        names = {one.operand.name for one in found}
        order = self._reachability.order
        others = [
            one
            for one in join.all_candidates()
            if one.next is None and one.value.name not in names and one.value.name in order
        ]
        others.sort(key=lambda one: order[one.value.name])
        upsampled = {one.operand.name for one in join.all_candidates() if one.upsampled}
        return [
            SkipCandidate(one, others[-1].value, through_coarser=False)
            for one in others[:-1]
            if one.value.name not in upsampled
        ]


def _operand_name(candidate: Candidate) -> str:
    return candidate.operand.name


def _without_branches(found: Collection[SkipCandidate]) -> list[SkipCandidate]:
    """The skips, without those that were made from one value through several weighted paths.

    Those are the branches of one block, such as a pyramid of poolings.
    """
    weighted = Counter(one.candidate.value for one in found if one.candidate.weighted)
    return [
        one for one in found if not one.candidate.weighted or weighted[one.candidate.value] == 1
    ]
