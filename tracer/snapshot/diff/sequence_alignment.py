"""Aligns the layers of two models with the algorithm of Gotoh (1982).

It finds the pairs, in the order of both sequences, with the largest sum of similarities minus the
costs of gaps. Gap costs are affine with an extension cost of zero: a gap costs the same however
many layers it skips, so a removed stage is one gap.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from tracer.snapshot import BlockSpec
from tracer.snapshot.diff.layers import Layers

AlignedPairs = list[tuple[BlockSpec, BlockSpec]]
ScoreTable = list[list[int]]
GapCosts = Sequence[int]

BLOCK_GAP_COST, INNER_GAP_COST = 4, 7
"""The cost of a gap that starts at the first layer of a block, and of one that starts elsewhere."""
MIN_BLOCK_LAYERS = 3
"""A block with fewer layers, such as a norm and its convolution, is not one that models repeat."""


def align_layers(old: Layers, new: Layers) -> AlignedPairs:
    """Return the pairs of the best alignment, in the order of both models."""
    tables = AlignmentTables.of(_similarities(old, new), _gap_costs(old), _gap_costs(new))
    return [(old.blocks[one], new.blocks[two]) for one, two in tables.pairs()]


def _gap_costs(model: Layers) -> GapCosts:
    """The cost of a gap that starts at each layer."""
    firsts = {
        min(inside, key=model.positions.__getitem__)
        for inside in model.inside.values()
        if len(inside) >= MIN_BLOCK_LAYERS
    }
    return [BLOCK_GAP_COST if block.call in firsts else INNER_GAP_COST for block in model.blocks]


@dataclass(frozen=True)
class AlignmentTables:
    """The best scores from each position to the end: in any state, and inside a gap on a side.

    `scores` has a row per old layer and a column per new one.
    """

    scores: ScoreTable
    gap_costs: tuple[GapCosts, GapCosts]
    best: ScoreTable
    old_gap: ScoreTable
    new_gap: ScoreTable

    @staticmethod
    def of(scores: ScoreTable, old: GapCosts, new: GapCosts) -> AlignmentTables:
        """Fill the tables from the end.

        >>> tables = AlignmentTables.of([[9, 0], [0, 0], [0, 9]], [4, 4, 4], [4, 4])
        >>> list(tables.pairs())
        [(0, 0), (2, 1)]
        """
        best, old_gap, new_gap = (
            [[0] * (len(new) + 1) for _ in range(len(old) + 1)] for _ in "123"
        )
        tables = AlignmentTables(scores, (old, new), best, old_gap, new_gap)
        for one in reversed(range(len(old) + 1)):
            for two in reversed(range(len(new) + 1)):
                best[one][two] = max((score for score, _ in tables.choices(one, two)), default=0)
                old_gap[one][two] = new_gap[one][two] = best[one][two]
                if one < len(old):
                    old_gap[one][two] = max(best[one][two], old_gap[one + 1][two])
                if two < len(new):
                    new_gap[one][two] = max(best[one][two], new_gap[one][two + 1])
        return tables

    def choices(self, one: int, two: int) -> Iterator[tuple[int, str]]:
        """Yield the score of each choice at a position: a pair, or a gap on either side."""
        old, new = self.gap_costs
        if one < len(old) and two < len(new) and self.scores[one][two]:
            yield self.best[one + 1][two + 1] + self.scores[one][two], "pair"
        if one < len(old):
            yield self.old_gap[one + 1][two] - old[one], "old"
        if two < len(new):
            yield self.new_gap[one][two + 1] - new[two], "new"

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Trace back the pairs that gave the best score."""
        old, new = map(len, self.gap_costs)
        one = two = 0
        while one < old and two < new:
            _, choice = max(self.choices(one, two), key=lambda choice: choice[0])
            if choice == "pair":
                yield one, two
                one, two = one + 1, two + 1
            elif choice == "old":
                one = self._gap_end(self.old_gap, (one + 1, two), (1, 0))[0]
            else:
                two = self._gap_end(self.new_gap, (one, two + 1), (0, 1))[1]

    def _gap_end(
        self, gap: ScoreTable, start: tuple[int, int], step: tuple[int, int]
    ) -> tuple[int, int]:
        """The position at which a gap from `start` ends in the best alignment."""
        one, two = start
        while gap[one][two] != self.best[one][two]:
            one, two = one + step[0], two + step[1]
        return one, two


def _similarities(old: Layers, new: Layers) -> ScoreTable:
    """The similarity of each pair of layers; equal specifications are compared once."""
    known: dict[tuple[Hashable, Hashable], int] = {}
    rows: ScoreTable = []
    for one in old.blocks:
        row = []
        for two in new.blocks:
            key = _specification(one), _specification(two)
            if key not in known:
                known[key] = similarity(one, two)
            score = known[key]
            row.append(score + bool(score and old.fan_out[one.call] == new.fan_out[two.call]))
        rows.append(row)
    return rows


def similarity(one: BlockSpec, two: BlockSpec) -> int:
    """Return how similar two layers are, from 0 (never paired) to 9 (equal)."""
    same_kind, same_parameters = one.kind == two.kind, one.parameters == two.parameters
    if same_parameters and (one.inputs, one.outputs) == (two.inputs, two.outputs):
        return 8 + same_kind
    if _ranks(one) != _ranks(two):
        return 2 * same_parameters
    return 3 * same_parameters + 2 * same_kind


def _specification(block: BlockSpec) -> Hashable:
    return block.kind, block.inputs, block.outputs, block.parameters


def _ranks(block: BlockSpec) -> tuple[tuple[int, ...], ...]:
    """The ranks of the inputs and of the outputs."""
    sides = block.inputs, block.outputs
    return tuple(tuple(len(tensor.shape) for tensor in side) for side in sides)
