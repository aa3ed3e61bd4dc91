"""A candidate that is a skip, and the join that it is a candidate of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from tracer.analysis.operations import JoinKind
from tracer.analysis.skips.candidates import Candidate
from tracer.record import Step, Value


@dataclass(frozen=True, slots=True)
class SkipCandidate:
    """A candidate that is a skip, and the other operand, which was computed from it.

    `through_coarser`: it was, by a path through a lower resolution. `in_container`: a container
    shows the skip, whether or not the data flow does.
    """

    candidate: Candidate
    other: Value
    through_coarser: bool
    in_container: bool = False

    @property
    def operand(self) -> Value:
        """The operand of the join that was made from the candidate."""
        return self.candidate.operand


@dataclass(frozen=True, slots=True)
class FeatureMapJoin:
    """A step that joins feature maps, how, and the candidates behind its operands.

    `candidates` are those of each operand by its name, in the order of the operands.
    `along_channels`: it concatenates their channels.
    """

    number: int
    step: Step
    kind: JoinKind
    operands: tuple[Value, ...]
    candidates: Mapping[str, tuple[Candidate, ...]]
    along_channels: bool

    def all_candidates(self) -> Iterator[Candidate]:
        """Yield the candidates of all operands."""
        return chain.from_iterable(self.candidates.values())

    def others(self, candidate: Candidate) -> list[Value]:
        """Return the operands that were not made from a candidate."""
        return [value for value in self.operands if value.name != candidate.operand.name]
