"""The order in which blocks are told of, and those that changed places.

A block changed places where another now feeds it that had run behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.record import Trace
from tracer.snapshot import BlockSpec, Snapshot
from tracer.snapshot.diff.renames import parents

MovedPair = tuple[BlockSpec, BlockSpec]


def places(before: Snapshot, after: Snapshot, renamed: Mapping[str, str]) -> dict[str, float]:
    """Where in the order of the calls to tell of a block; one that is gone, where it was."""
    found: dict[str, float] = {"": -1.0}
    found |= {block.call: number for number, block in enumerate(after.blocks)}
    last = -1.0
    gone: dict[str, float] = {}
    for block in before.blocks:
        name = renamed.get(block.call, block.call)
        if name in found:
            last = found[name]
        else:
            gone[block.call] = last + 0.5
    return found | gone


@dataclass(frozen=True, slots=True)
class Move:
    """A block that is now fed by one that it ran before; both by their new names."""

    call: str
    behind: str


def moves(before: Sequence[BlockSpec], pairs: Sequence[MovedPair], trace: Trace) -> Iterator[Move]:
    """What changed places, outermost blocks only, from the trace of the new model.

    Blocks that changed their order but do not depend on each other (the queries and keys of an
    attention) did not change places: nothing tells their order but the clock.
    """
    ran = {block.call: number for number, block in enumerate(before)}
    places = [(new.call, ran[old.call]) for old, new in pairs if old.call in ran]
    if all(one < two for (_, one), (_, two) in pairwise(places)):
        return
    feeds = Feeds(trace)
    told: set[str] = set()
    for position, (call, place) in enumerate(places):
        if told.intersection(parents(call)):
            continue
        overtaken = (other for other, later in places[:position] if later > place)
        behind = next((other for other in overtaken if feeds.into(other, call)), None)
        if behind is not None:
            told.add(call)
            yield Move(call, behind)


class Feeds:
    """Which blocks the inputs of a block were computed by; a set of blocks is an int of bits."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._bits = {call: 1 << number for number, call in enumerate(trace.blocks)}
        self._inside = self._enclosing()
        self._made_by: dict[str, int] = {}
        for step in trace.steps:
            bits = self._inside.get(step.block, 0)
            for value in step.inputs:
                bits |= self._made_by.get(value.name, 0)
            self._made_by |= dict.fromkeys((value.name for value in step.outputs), bits)

    def into(self, source: str, target: str) -> bool:
        """Whether what `target` takes in was computed by `source`, and that is not around it."""
        if self._inside[target] & self._bits[source]:
            return False
        taken = self._trace.blocks[target].inputs
        return any(self._made_by.get(value.name, 0) & self._bits[source] for value in taken)

    def _enclosing(self) -> dict[str, int]:
        """For each block, the bits of those around it and its own."""
        found: dict[str, int] = {}
        waiting = [(self._trace.root, 0)]
        while waiting:
            block, around = waiting.pop()
            found[block.call] = around | self._bits[block.call]
            waiting += ((child, found[block.call]) for child in block.children)
        return found
