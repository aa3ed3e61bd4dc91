"""Which block of one model is which block of another: by name, or by structure in its place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from tracer.snapshot import BlockSpec, Snapshot
from tracer.snapshot.diff.renames import without_ending

StructureKey = Callable[[BlockSpec], Hashable]
BlockPairs = list[tuple[BlockSpec, BlockSpec]]

ALIKE: tuple[StructureKey, ...] = (
    lambda block: (block.kind, block.inputs, block.outputs, block.parameters),
    lambda block: (block.inputs, block.outputs, block.parameters),
)
"""What makes two blocks the same under other names, the surest sign first."""


@dataclass(frozen=True)
class Matching:
    """Pairs of blocks that are the same, and those without a counterpart, in the call order."""

    pairs: tuple[tuple[BlockSpec, BlockSpec], ...]
    removed: tuple[BlockSpec, ...]
    added: tuple[BlockSpec, ...]

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The new name of each block that has one."""
        return {old.call: new.call for old, new in self.pairs if old.call != new.call}


def matched(before: Snapshot, after: Snapshot) -> Matching:
    """Match the blocks of two models; a model itself is matched with the other."""
    common = [block for block in before.blocks if block.call in after.by_call]
    pairs: BlockPairs = [(before.model, after.model)]
    pairs += ((block, after.by_call[block.call]) for block in common)
    removed, added = _only_in(before, after), _only_in(after, before)
    for found in _renamed(before, after):
        pairs += found
        removed, added = _without(removed, found, 0), _without(added, found, 1)
    order = {block.call: number for number, block in enumerate((after.model, *after.blocks))}
    pairs.sort(key=lambda pair: order[pair[1].call])
    return Matching(tuple(pairs), tuple(removed), tuple(added))


def _renamed(before: Snapshot, after: Snapshot) -> Iterator[BlockPairs]:
    """Blocks that have another name in the same place, by one sign after the other."""
    removed, added = _only_in(before, after), _only_in(after, before)
    removed, added = _new_to(after, removed), _new_to(before, added)
    for key in ALIKE:
        alike = _alike(removed, added, key)
        found = [pair for pair in alike if _in_the_same_place(*pair, before, after)]
        yield found
        removed, added = _without(removed, found, 0), _without(added, found, 1)


def _only_in(one: Snapshot, other: Snapshot) -> list[BlockSpec]:
    return [block for block in one.blocks if block.call not in other.by_call]


def _new_to(other: Snapshot, blocks: Sequence[BlockSpec]) -> list[BlockSpec]:
    """The blocks whose module another model has not: a further call of one is no new name."""
    known = {call.partition("@")[0] for call in other.by_call}
    return [block for block in blocks if block.call.partition("@")[0] not in known]


def _alike(
    before: Sequence[BlockSpec], after: Sequence[BlockSpec], key: StructureKey
) -> BlockPairs:
    """The longest runs of blocks with equal keys, in the order of the calls."""
    if not before or not after:
        return []
    keys = [key(block) for block in before], [key(block) for block in after]
    runs = SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks()
    return [(before[run.a + step], after[run.b + step]) for run in runs for step in range(run.size)]


def _in_the_same_place(old: BlockSpec, new: BlockSpec, before: Snapshot, after: Snapshot) -> bool:
    """Whether two names differ in one part only, and that part is in the same kind of block."""
    around, elsewhere = (name.rpartition(".")[0] for name in without_ending(old.call, new.call))
    one, other = before.by_call.get(around), after.by_call.get(elsewhere)
    return around == elsewhere and (one and one.kind) == (other and other.kind)


def _without(blocks: Sequence[BlockSpec], pairs: BlockPairs, side: int) -> list[BlockSpec]:
    taken = {pair[side].call for pair in pairs}
    return [block for block in blocks if block.call not in taken]
