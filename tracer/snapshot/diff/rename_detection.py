"""Matches the blocks of two models: by name, or by structure in the same place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from tracer.snapshot import BlockSpec, Snapshot
from tracer.snapshot.diff.call_names import changed_part

StructureKey = Callable[[BlockSpec], Hashable]
BlockPairs = list[tuple[BlockSpec, BlockSpec]]

STRUCTURE_KEYS: tuple[StructureKey, ...] = (
    lambda block: (block.kind, block.inputs, block.outputs, block.parameters),
    lambda block: (block.inputs, block.outputs, block.parameters),
)
"""What is equal in blocks that differ in their names only, the strictest key first."""


@dataclass(frozen=True)
class BlockMatching:
    """Pairs of matching blocks, and the unmatched ones, in the order of the calls."""

    pairs: tuple[tuple[BlockSpec, BlockSpec], ...]
    removed: tuple[BlockSpec, ...]
    added: tuple[BlockSpec, ...]

    @cached_property
    def new_names(self) -> dict[str, str]:
        """The new name of each renamed block."""
        return {old.call: new.call for old, new in self.pairs if old.call != new.call}


def match_blocks(before: Snapshot, after: Snapshot) -> BlockMatching:
    """Match the blocks of two models; the models themselves are a pair, too."""
    common = [block for block in before.blocks if block.call in after.by_call]
    pairs: BlockPairs = [(before.model, after.model)]
    pairs += ((block, after.by_call[block.call]) for block in common)
    removed, added = _only_in(before, after), _only_in(after, before)
    for renamed in _renamed(before, after):
        pairs += renamed
        removed, added = _without(removed, renamed, 0), _without(added, renamed, 1)
    order = {block.call: number for number, block in enumerate((after.model, *after.blocks))}
    pairs.sort(key=lambda pair: order[pair[1].call])
    return BlockMatching(tuple(pairs), tuple(removed), tuple(added))


def _renamed(before: Snapshot, after: Snapshot) -> Iterator[BlockPairs]:
    """Pairs of blocks with different names in the same place, by one key after the other."""
    removed, added = _only_in(before, after), _only_in(after, before)
    removed, added = _new_modules(removed, after), _new_modules(added, before)
    for key in STRUCTURE_KEYS:
        pairs = _equal_runs(removed, added, key)
        renamed = [pair for pair in pairs if _in_same_place(*pair, before, after)]
        yield renamed
        removed, added = _without(removed, renamed, 0), _without(added, renamed, 1)


def _only_in(one: Snapshot, other: Snapshot) -> list[BlockSpec]:
    return [block for block in one.blocks if block.call not in other.by_call]


def _new_modules(blocks: Sequence[BlockSpec], other: Snapshot) -> list[BlockSpec]:
    """The blocks whose module the other model lacks; one more call of a module is no rename."""
    known = {call.partition("@")[0] for call in other.by_call}
    return [block for block in blocks if block.call.partition("@")[0] not in known]


def _equal_runs(
    before: Sequence[BlockSpec], after: Sequence[BlockSpec], key: StructureKey
) -> BlockPairs:
    """The pairs in the longest runs of blocks with equal keys (Ratcliff and Obershelp)."""
    if not before or not after:
        return []
    keys = [key(block) for block in before], [key(block) for block in after]
    runs = SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks()
    return [(before[run.a + step], after[run.b + step]) for run in runs for step in range(run.size)]


def _in_same_place(old: BlockSpec, new: BlockSpec, before: Snapshot, after: Snapshot) -> bool:
    """Whether two names differ in one part only, inside blocks of the same class."""
    old_outer, new_outer = (name.rpartition(".")[0] for name in changed_part(old.call, new.call))
    one, two = before.by_call.get(old_outer), after.by_call.get(new_outer)
    return old_outer == new_outer and (one and one.kind) == (two and two.kind)


def _without(blocks: Sequence[BlockSpec], pairs: BlockPairs, side: int) -> list[BlockSpec]:
    paired = {pair[side].call for pair in pairs}
    return [block for block in blocks if block.call not in paired]
