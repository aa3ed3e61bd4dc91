"""Which blocks a diagram expands, so that each unit is at one resolution and on one side of a skip.

A block is expanded if a skip begins or ends in its middle, or if it is a chain in which the
resolution changes between larger blocks. A block that only resamples is not: it is one unit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from tracer.analysis.levels.numbered_skips import NumberedSkip
from tracer.analysis.levels.spatial_sizes import SpatialSizes, is_resampled
from tracer.analysis.levels.unit_graph import Unit, UnitGraph, UnitSelection, build_unit_graph
from tracer.record import Block, Trace


def find_expanded_blocks(
    trace: Trace, skips: Iterable[NumberedSkip], sizes: SpatialSizes
) -> frozenset[str]:
    """Return the calls of the blocks that a diagram of the model expands, the root included."""
    expansion = _Expansion(trace, sizes, _first_uses(trace), {trace.root.call})
    for skip in skips:
        expansion.expand_source(skip)
        expansion.expand_target(skip.link.popped)
    for block in list(expansion.units(trace.root)):
        expansion.expand_chains(block)
    expansion.expand_wrappers()
    return frozenset(expansion.expanded)


@dataclass(frozen=True)
class _Expansion:
    """The blocks that are `expanded` so far."""

    trace: Trace
    sizes: SpatialSizes
    first_uses: dict[str, int]
    expanded: set[str]

    def expand_source(self, skip: NumberedSkip) -> None:
        """Expand the blocks that go on to use the tensor that they pushed, or pop it themselves.

        A block may end in an operation that the link is followed through. Then its output counts,
        and another block between it and the join, such as a gate, does not.
        """
        link = skip.link
        for block in _running_blocks(self.trace.root, skip.source_step):
            self.expand_if_used(block, skip.source_value, link.popped)
        for block in _running_blocks(self.trace.root, link.pushed):
            if not block.first <= skip.source_step < block.last:
                self.expand_if_used(block, link.value.name, link.popped)

    def expand_if_used(self, block: Block, value: str, popped: int) -> None:
        if min(popped, self.first_uses.get(value, popped)) < block.last:
            self.expanded.add(block.call)

    def expand_target(self, popped: int) -> None:
        """Expand the blocks that hold the join and ran something before it."""
        for block in _running_blocks(self.trace.root, popped):
            if block.call not in self.expanded and self.ran_before(block, popped):
                self.expanded.add(block.call)

    def ran_before(self, block: Block, step: int) -> bool:
        """Whether a child of the block ran before this step, or an operation that resamples."""
        if any(child.first < child.last <= step for child in block.children):
            return True
        return any(map(self.sizes.is_resampled_by, self.trace.steps[block.first : step]))

    def units(self, block: Block) -> Iterator[Block]:
        """The blocks at and below one that are not expanded themselves."""
        if block.call not in self.expanded:
            yield block
            return
        for child in block.children:
            yield from self.units(child)

    def expand_chains(self, block: Block) -> None:
        """Expand a chain of blocks in which the resolution changes, and such chains inside it."""
        if not block.children or not self.is_chain_of_levels(block):
            return
        self.expanded.add(block.call)
        for child in block.children:
            self.expand_chains(child)

    def is_chain_of_levels(self, block: Block) -> bool:
        """Whether larger blocks follow one another and the resolution changes after the first."""
        graph = build_unit_graph(self.trace, block, UnitSelection({block.call}), self.sizes)
        chain = [unit for unit in graph.units if unit.kind not in {"input", "output"}]
        return (
            any(self.resamples(unit) for unit in chain[1:])
            and any(self.is_large(unit) and not self.resamples(unit) for unit in chain)
            and is_chain(graph, self.sizes)
        )

    def resamples(self, unit: Unit) -> bool:
        return is_resampled(self.sizes.first(unit.inputs), self.sizes.first(unit.outputs))

    def is_large(self, unit: Unit) -> bool:
        """Whether a unit holds other blocks, and runs a convolution or a linear layer."""
        if unit.block is None or not unit.block.children:
            return False
        steps = self.trace.steps[unit.first : unit.last]
        return any(len(weight.shape) > 1 for step in steps for weight in step.weights)

    def expand_wrappers(self) -> None:
        """Expand a block that is the only unit: a diagram of one box would say nothing."""
        units = [block for block in self.units(self.trace.root) if block.first < block.last]
        while len(units) == 1 and units[0].children:
            self.expanded.add(units[0].call)
            units = [block for block in self.units(units[0]) if block.first < block.last]


def is_chain(graph: UnitGraph, sizes: SpatialSizes) -> bool:
    """Return whether each unit takes feature maps only from the one before it."""
    flows = [flow for flow in graph.flows if sizes.of(flow.value)]
    ends = {name for flow in flows for name in (flow.source, flow.target)}
    order = [unit.name for unit in graph.units if unit.name in ends]
    return {(flow.source, flow.target) for flow in flows} == set(pairwise(order))


def _running_blocks(root: Block, step: int) -> Iterator[Block]:
    """The blocks that were running when a step ran, the outermost first."""
    block: Block | None = root
    while block is not None and block.first <= step < block.last:
        yield block
        position = bisect_right(block.children, step, key=attrgetter("first"))
        block = block.children[position - 1] if position else None


def _first_uses(trace: Trace) -> dict[str, int]:
    """For the name of each tensor that a step took in, the number of the first such step."""
    uses: dict[str, int] = {}
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            uses.setdefault(value.name, number)
    return uses
