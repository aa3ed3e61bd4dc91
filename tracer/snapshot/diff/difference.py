"""A difference, and a comparison with all of them: plain, frozen data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.printed_result import DisplayedResult
from tracer.snapshot import Snapshot

ChangeKind = Literal["added", "removed", "renamed", "moved", "changed"]
DifferencePart = Literal["model", "block", "skip"]

FLOPS, CLASS = "FLOPs", "class"
MINOR_ASPECTS = frozenset({FLOPS, CLASS})
"""What may differ between equal shapes: the cost that PyTorch counts, and names of classes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    `name` is the block (of a skip, the block that receives it), `what` the aspect, such as
    "outputs". `begins` marks a root cause: the difference does not follow from another one, as it
    does in a block that only passes on a changed input. `blocks` counts the blocks that were added,
    removed or renamed together, this one included. `old_name` is the name in the first model, if it
    is not that of a matched block. `before` has names of the first model, `after` of the second.
    """

    change: ChangeKind
    part: DifferencePart
    name: str
    what: str
    before: str = ""
    after: str = ""
    begins: bool = True
    blocks: int = 1
    old_name: str = ""


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """How many layers of two codebases were paired, and how many each model has."""

    paired: int
    before: int
    after: int


@dataclass(frozen=True, repr=False)
class Comparison(DisplayedResult):
    """Two snapshots and their differences, those of blocks in the order of the calls.

    It is a sequence of the differences: iterate over it, take its `len`; it is false if there are
    none.

    `old_names` has the old name of each renamed block by its new one. `layers` is present if the
    models are from different codebases; then a changed name is not a root cause.
    """

    before: Snapshot
    after: Snapshot
    differences: tuple[Difference, ...]
    old_names: Mapping[str, str] = field(default_factory=dict)
    layers: LayerCounts | None = None

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.differences)

    def __len__(self) -> int:
        return len(self.differences)

    @property
    def root_causes(self) -> tuple[Difference, ...]:
        """The differences that do not follow from others."""
        return tuple(one for one in self.differences if one.begins)

    @property
    def is_with_older(self) -> bool:
        """Whether one of the two is a lock file that an older version wrote."""
        return self.before.older or self.after.older

    @property
    def may_be_of_version(self) -> bool:
        """Whether all differences may come from what an older version found, or from its mode.

        Neither changes the number of parameters or the inputs.
        """
        one, other = self.before.model, self.after.model
        same_model = one.parameters == other.parameters and one.inputs == other.inputs
        return self.is_with_older and same_model and not self.same

    @property
    def modes_differ(self) -> bool:
        """Whether the two models ran in different modes, as far as that is known."""
        return None not in (self.before.mode, self.after.mode) and (
            self.before.mode != self.after.mode
        )

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def same_lock(self) -> bool:
        """Whether both have the same lock file: nothing differs, also of what is not compared."""
        one, other = self.before, self.after
        rest = one.size_rules == other.size_rules and one.mode == other.mode
        return self.same and rest and not self.is_with_older

    @property
    def same_shapes(self) -> bool:
        """Whether nothing differs except FLOPs and names of classes."""
        return all(one.what in MINOR_ASPECTS for one in self.differences)

    @property
    def same_but_for_names(self) -> bool:
        """Whether nothing differs except names of blocks and of classes."""
        return all(one.change == "renamed" or one.what == CLASS for one in self.differences)
