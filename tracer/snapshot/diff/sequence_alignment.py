"""Two rows of layers side by side, so that as many as possible stand beside one like them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from tracer.snapshot import BlockSpec
from tracer.snapshot.diff.layers import Layers

AlignedPairs = list[tuple[BlockSpec, BlockSpec]]
ScoreTable = list[list[int]]
GapCosts = Sequence[int]

GAP_COST, PART = 4, 7
"""What it costs to leave out layers: from where a block of several begins, and from elsewhere."""
SEVERAL = 3
"""Layers of a block that a model is built of; one of fewer is a norm with its convolution, say."""


def aligned(old: Layers, new: Layers) -> AlignedPairs:
    """The pairs that are most alike in sum, in the order of both, with few and whole gaps.

    Gaps cost by how many there are, not by how long they are (Gotoh, 1982).
    """
    tables = AlignmentTables.of(_likenesses(old, new), _costs(old), _costs(new))
    return [(old.blocks[one], new.blocks[two]) for one, two in tables.way()]


def _costs(model: Layers) -> GapCosts:
    """What it costs to leave out layers from each one on."""
    firsts = {
        min(inside, key=model.places.__getitem__)
        for inside in model.inside.values()
        if len(inside) >= SEVERAL
    }
    return [GAP_COST if block.call in firsts else PART for block in model.blocks]


@dataclass(frozen=True)
class AlignmentTables:
    """The best sums from each place on: of anything, and inside a gap on either side."""

    likeness: ScoreTable
    costs: tuple[GapCosts, GapCosts]
    best: ScoreTable
    in_old: ScoreTable
    in_new: ScoreTable

    @staticmethod
    def of(likeness: ScoreTable, old: GapCosts, new: GapCosts) -> AlignmentTables:
        """Fill the tables from the end."""
        best, in_old, in_new = ([[0] * (len(new) + 1) for _ in range(len(old) + 1)] for _ in "abc")
        found = AlignmentTables(likeness, (old, new), best, in_old, in_new)
        for one in reversed(range(len(old) + 1)):
            for two in reversed(range(len(new) + 1)):
                best[one][two] = max((sum_ for sum_, *_ in found.choices(one, two)), default=0)
                in_old[one][two] = in_new[one][two] = best[one][two]
                if one < len(old):
                    in_old[one][two] = max(best[one][two], in_old[one + 1][two])
                if two < len(new):
                    in_new[one][two] = max(best[one][two], in_new[one][two + 1])
        return found

    def choices(self, one: int, two: int) -> Iterator[tuple[int, str]]:
        """The sums of what can be done at a place: a pair, or a gap on either side."""
        old, new = self.costs
        if one < len(old) and two < len(new) and self.likeness[one][two]:
            yield self.best[one + 1][two + 1] + self.likeness[one][two], "pair"
        if one < len(old):
            yield self.in_old[one + 1][two] - old[one], "old"
        if two < len(new):
            yield self.in_new[one][two + 1] - new[two], "new"

    def way(self) -> Iterator[tuple[int, int]]:
        """The pairs that gave the best sum."""
        old, new = map(len, self.costs)
        one = two = 0
        while one < old and two < new:
            _, done = max(self.choices(one, two), key=lambda choice: choice[0])
            if done == "pair":
                yield one, two
                one, two = one + 1, two + 1
            elif done == "old":
                one = self._end(self.in_old, (one + 1, two), (1, 0))[0]
            else:
                two = self._end(self.in_new, (one, two + 1), (0, 1))[1]

    def _end(
        self, gap: ScoreTable, place: tuple[int, int], step: tuple[int, int]
    ) -> tuple[int, int]:
        """Where a gap ends that is best left out."""
        one, two = place
        while gap[one][two] != self.best[one][two]:
            one, two = one + step[0], two + step[1]
        return one, two


def _likenesses(old: Layers, new: Layers) -> ScoreTable:
    """How much each layer is like each other one; layers that look the same are compared once."""
    known: dict[tuple[Hashable, Hashable], int] = {}
    rows: ScoreTable = []
    for one in old.blocks:
        row = []
        for two in new.blocks:
            key = _looks(one), _looks(two)
            if key not in known:
                known[key] = likeness(one, two)
            alike = known[key]
            row.append(alike + bool(alike and old.fans[one.call] == new.fans[two.call]))
        rows.append(row)
    return rows


def likeness(one: BlockSpec, two: BlockSpec) -> int:
    """How much a layer is like another: 0 for those that are not to stand side by side."""
    same_kind, same_parameters = one.kind == two.kind, one.parameters == two.parameters
    if same_parameters and (one.inputs, one.outputs) == (two.inputs, two.outputs):
        return 8 + same_kind
    if _ranks(one) != _ranks(two):
        return 2 * same_parameters
    return 3 * same_parameters + 2 * same_kind


def _looks(block: BlockSpec) -> Hashable:
    return block.kind, block.inputs, block.outputs, block.parameters


def _ranks(block: BlockSpec) -> tuple[tuple[int, ...], ...]:
    """How many axes the tensors have that go in and come out."""
    sides = block.inputs, block.outputs
    return tuple(tuple(len(tensor.shape) for tensor in side) for side in sides)
