"""One difference, and all of them: plain, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.snapshot import Snapshot

ChangeKind = Literal["added", "removed", "renamed", "moved", "changed"]
DifferencePart = Literal["model", "block", "skip"]

FLOPS, CLASS = "FLOPs", "class"
REMARKS = frozenset({FLOPS, CLASS})
"""What may differ and no shape with it: what PyTorch counts, and how a class is called."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same before and after.

    `name` is the block's (of a skip, the block that takes it in), `what` the thing, as "outputs".
    `begins` says that it does not follow from another difference: a block that only passes on what
    it was given follows. `blocks` counts those that a block brought or took with it, or that were
    renamed alike, itself included.
    """

    change: ChangeKind
    part: DifferencePart
    name: str
    what: str
    before: str = ""
    after: str = ""
    begins: bool = True
    blocks: int = 1


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """How many layers of two models of different code bases were paired, and how many each has."""

    paired: int
    before: int
    after: int


@dataclass(frozen=True)
class Comparison:
    """All differences, those of the blocks in the order of the calls, and what was compared.

    `renamed` has the old name of each block that has another one after. `layers` is there where the
    two are of different code bases; then other names begin nothing.
    """

    before: Snapshot
    after: Snapshot
    differences: tuple[Difference, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    layers: LayerCounts | None = None

    @property
    def beginnings(self) -> tuple[Difference, ...]:
        """The differences that do not follow from others."""
        return tuple(one for one in self.differences if one.begins)

    @property
    def same(self) -> bool:
        """Whether nothing differs at all."""
        return not self.differences

    @property
    def same_shapes(self) -> bool:
        """Whether nothing differs but counts of FLOPs and names of classes."""
        return all(one.what in REMARKS for one in self.differences)

    @property
    def same_but_for_names(self) -> bool:
        """Whether nothing differs but names: of blocks, and of classes."""
        return all(one.change == "renamed" or one.what == CLASS for one in self.differences)
