"""Which blocks a picture opens, so that each unit stands at one step of the ladder.

A block is opened when a skip begins or ends in its middle, or when it is a chain in which the
resolution changes between larger blocks. A block that only resamples is not: it is one step.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from tracer.analysis.levels.numbered_skips import Skip
from tracer.analysis.levels.spatial_sizes import Planes, is_resampled, planes
from tracer.analysis.levels.unit_graph import Selection, Unit, UnitGraph, unit_flows
from tracer.record import Block, Trace


def opened_blocks(trace: Trace, skips: Iterable[Skip]) -> frozenset[str]:
    """The calls of the blocks that a picture of the whole model opens, the model's own included."""
    opener = _Opener(trace, planes(trace), _first_uses(trace), {trace.root.call})
    for skip in skips:
        opener.open_source(skip)
        opener.open_target(skip.link.popped)
    for block in list(opener.closed(trace.root)):
        opener.open_chains(block)
    opener.open_wrappers()
    return frozenset(opener.opened)


@dataclass(frozen=True)
class _Opener:
    trace: Trace
    planes: Planes
    first_uses: dict[str, int]
    opened: set[str]

    def open_source(self, skip: Skip) -> None:
        """A block that goes on to use the tensor that it pushed, or pops it itself, is opened.

        A block may end in an operation that the link looks through, and then what it puts out
        counts; another block on the way (a gate) has no say in it.
        """
        left, link = skip.left, skip.link
        for block in _around(self.trace.root, left):
            self.open_if_used(block, skip.pushed, link.popped)
        for block in _around(self.trace.root, link.pushed):
            if not block.first <= left < block.last:
                self.open_if_used(block, link.value.name, link.popped)

    def open_if_used(self, block: Block, value: str, popped: int) -> None:
        if min(popped, self.first_uses.get(value, popped)) < block.last:
            self.opened.add(block.call)

    def open_target(self, popped: int) -> None:
        """A block in which something ran on the way to the join is opened."""
        for block in _around(self.trace.root, popped):
            if block.call not in self.opened and self.ran_before(block, popped):
                self.opened.add(block.call)

    def ran_before(self, block: Block, step: int) -> bool:
        """Whether a child of the block ran before this step, or an operation that resamples."""
        if any(child.first < child.last <= step for child in block.children):
            return True
        return any(map(self.planes.is_resampled_by, self.trace.steps[block.first : step]))

    def closed(self, block: Block) -> Iterator[Block]:
        """The units below a block, as far as it is opened."""
        if block.call not in self.opened:
            yield block
            return
        for child in block.children:
            yield from self.closed(child)

    def open_chains(self, block: Block) -> None:
        """Open a chain of blocks in which the resolution changes, and such chains inside it."""
        if not block.children or not self.is_chain_of_levels(block):
            return
        self.opened.add(block.call)
        for child in block.children:
            self.open_chains(child)

    def is_chain_of_levels(self, block: Block) -> bool:
        """Whether larger blocks follow one another and the resolution changes after the first."""
        graph = unit_flows(self.trace, block, Selection(opened={block.call}), self.planes)
        chain = [unit for unit in graph.units if unit.kind not in {"input", "output"}]
        return (
            any(self.resamples(unit) for unit in chain[1:])
            and any(self.is_large(unit) and not self.resamples(unit) for unit in chain)
            and is_chain(graph, self.planes)
        )

    def resamples(self, unit: Unit) -> bool:
        return is_resampled(self.planes.first(unit.inputs), self.planes.first(unit.outputs))

    def is_large(self, unit: Unit) -> bool:
        """Whether a unit holds other blocks, and runs a convolution or a matrix of weights."""
        if unit.block is None or not unit.block.children:
            return False
        steps = self.trace.steps[unit.first : unit.last]
        return any(len(weight.shape) > 1 for step in steps for weight in step.weights)

    def open_wrappers(self) -> None:
        """A picture of one box would say nothing: open it."""
        units = [block for block in self.closed(self.trace.root) if block.first < block.last]
        while len(units) == 1 and units[0].children:
            self.opened.add(units[0].call)
            units = [block for block in self.closed(units[0]) if block.first < block.last]


def is_chain(graph: UnitGraph, planes: Planes) -> bool:
    """Whether each unit takes a plane from the one before it alone, the first from outside."""
    flows = [flow for flow in graph.flows if planes.of(flow.value)]
    ends = {name for flow in flows for name in (flow.source, flow.target)}
    order = [unit.name for unit in graph.units if unit.name in ends]
    return {(flow.source, flow.target) for flow in flows} == set(pairwise(order))


def _around(block: Block, step: int) -> Iterator[Block]:
    """The blocks that were running when a step ran, the outermost first."""
    found: Block | None = block
    while found is not None and found.first <= step < found.last:
        yield found
        at = bisect_right(found.children, step, key=attrgetter("first"))
        found = found.children[at - 1] if at else None


def _first_uses(trace: Trace) -> dict[str, int]:
    """For the name of each tensor that a step took, the number of the first such step."""
    uses: dict[str, int] = {}
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            uses.setdefault(value.name, number)
    return uses
