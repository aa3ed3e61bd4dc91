"""The order in which differences are listed, and the blocks that changed places.

A block changed places if a block that ran after it before now computes its input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.record import Trace
from tracer.snapshot import BlockSpec, Snapshot
from tracer.snapshot.diff.call_names import enclosing_calls

MovedPair = tuple[BlockSpec, BlockSpec]


def call_order(before: Snapshot, after: Snapshot, new_names: Mapping[str, str]) -> dict[str, float]:
    """Return a sort key for every call of two models: its position in the new one.

    A removed block is placed after the block that preceded it.
    """
    positions: dict[str, float] = {"": -1.0}
    positions |= {block.call: number for number, block in enumerate(after.blocks)}
    last = -1.0
    removed: dict[str, float] = {}
    for block in before.blocks:
        name = new_names.get(block.call, block.call)
        if name in positions:
            last = positions[name]
        else:
            removed[block.call] = last + 0.5
    return positions | removed


@dataclass(frozen=True, slots=True)
class Move:
    """A block, and the one it ran before that now computes its input; both by their new names."""

    call: str
    behind: str


def moved_blocks(
    before: Sequence[BlockSpec], pairs: Sequence[MovedPair], trace: Trace
) -> Iterator[Move]:
    """Yield the outermost blocks that changed places.

    Blocks that changed their order but do not depend on each other (the queries and keys of an
    attention block) did not change places.

    Args:
        before: The blocks of the old model in the order of the calls.
        pairs: The old and new block of each pair, in the new order.
        trace: The trace of the new model.
    """
    old_positions = {block.call: number for number, block in enumerate(before)}
    calls = [(new.call, old_positions[old.call]) for old, new in pairs if old.call in old_positions]
    if all(one < two for (_, one), (_, two) in pairwise(calls)):
        return
    sources = BlockSources(trace)
    moved: set[str] = set()
    for number, (call, position) in enumerate(calls):
        if moved.intersection(enclosing_calls(call)):
            continue
        overtaking = (other for other, later in calls[:number] if later > position)
        behind = next((other for other in overtaking if sources.feeds(other, call)), None)
        if behind is not None:
            moved.add(call)
            yield Move(call, behind)


class BlockSources:
    """Which blocks computed the inputs of a block; a set of blocks is an int of bits."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._bits = {call: 1 << number for number, call in enumerate(trace.blocks)}
        self._enclosing = self._enclosing_bits()
        self._made_by: dict[str, int] = {}
        for step in trace.steps:
            bits = self._enclosing.get(step.block, 0)
            for value in step.inputs:
                bits |= self._made_by.get(value.name, 0)
            self._made_by |= dict.fromkeys((value.name for value in step.outputs), bits)

    def feeds(self, source: str, target: str) -> bool:
        """Whether `source`, which does not enclose `target`, computed one of its inputs."""
        if self._enclosing[target] & self._bits[source]:
            return False
        inputs = self._trace.blocks[target].inputs
        return any(self._made_by.get(value.name, 0) & self._bits[source] for value in inputs)

    def _enclosing_bits(self) -> dict[str, int]:
        """For each block, its bit and those of the blocks that enclose it."""
        found: dict[str, int] = {}
        stack = [(self._trace.root, 0)]
        while stack:
            block, outer = stack.pop()
            found[block.call] = outer | self._bits[block.call]
            stack += ((child, found[block.call]) for child in block.children)
        return found
