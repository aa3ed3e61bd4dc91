"""The comparison of a model with one of another code base, where nearly all names are others.

Layers are paired in their order; what feeds a layer, and how skips are joined, is compared by these
pairs. The grouping into modules is not: a block of one code base is the block of the other that
holds the same layers, if there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tracer.snapshot import BlockSpec, SkipSpec, Snapshot
from tracer.snapshot.diff.block_changes import INPUTS, Unpaired, changed_blocks
from tracer.snapshot.diff.difference import Comparison, Difference, LayerCounts
from tracer.snapshot.diff.layers import Layers, layers_of
from tracer.snapshot.diff.moves import places
from tracer.snapshot.diff.renames import alike, outermost
from tracer.snapshot.diff.sequence_alignment import aligned
from tracer.snapshot.diff.skip_changes import Blocks, changed_skips

NAMES_IN_COMMON = 0.5
"""Below this part of the smaller model two models are of different code bases."""
HALF = 0.5
"""Blocks that have more than this part of their layers in common are the same one."""
OF_THE_MODEL = frozenset({INPUTS, "outputs", "parameters"})
"""What is compared of a model as a whole: its class is another, and what its own forward does."""


def are_elsewhere(before: Snapshot, after: Snapshot) -> bool:
    """Whether two models are of different code bases."""
    common = sum(block.call in after.by_call for block in before.blocks)
    return common < NAMES_IN_COMMON * min(len(before.blocks), len(after.blocks))


def compare_elsewhere(before: Snapshot, after: Snapshot) -> Comparison:
    """All that differs between models of two code bases; other names begin nothing."""
    both = Both.of(before, after)
    blocks = [*_came_and_went(both), *_changed(both), *_fed_otherwise(both)]
    in_order = places(before, after, both.names)
    blocks.sort(key=lambda one: in_order[one.name])
    unpaired = {*both.removed, *both.added}
    known = Blocks(renamed={}, unpaired=unpaired, differ=bool(blocks))
    skips = changed_skips([_as_named(skip, both) for skip in before.skips], after.skips, known)
    names = both.names
    differences = (*blocks, *skips, *_renamed(names))
    old_names = {new: old for old, new in names.items() if old != new}
    counts = LayerCounts(len(both.pairs), len(both.old.blocks), len(both.new.blocks))
    return Comparison(before, after, differences, old_names, counts)


@dataclass(frozen=True)
class Both:
    """Two models, the pairs of their layers, and which block of one is which of the other."""

    before: Snapshot
    after: Snapshot
    old: Layers
    new: Layers
    pairs: tuple[tuple[BlockSpec, BlockSpec], ...]
    names: Mapping[str, str]

    @staticmethod
    def of(before: Snapshot, after: Snapshot) -> Both:
        traced = before.trace is not None and after.trace is not None  # or else by their calls
        old = layers_of(before, before.trace if traced else None)
        new = layers_of(after, after.trace if traced else None)
        pairs = tuple(aligned(old, new))
        layers = {one.call: two.call for one, two in pairs}
        return Both(before, after, old, new, pairs, layers | _same_blocks(old, new, layers))

    @property
    def removed(self) -> tuple[str, ...]:
        """The layers that only the first has, and the blocks that hold no others."""
        return _unpaired(self.old, {one.call for one, _ in self.pairs})

    @property
    def added(self) -> tuple[str, ...]:
        """The layers that only the second has, and the blocks that hold no others."""
        return _unpaired(self.new, {two.call for _, two in self.pairs})


def _same_blocks(old: Layers, new: Layers, layers: Mapping[str, str]) -> dict[str, str]:
    """The blocks that hold the same layers, those that have most in common first."""
    common: Counter[tuple[str, str]] = Counter()
    for one, two in layers.items():
        common.update((a, b) for a in _around(old, one) for b in _around(new, two))
    shares = {
        (a, b): count / (len(old.inside[a]) + len(new.inside[b]) - count)
        for (a, b), count in common.items()
    }
    found: dict[str, str] = {}
    taken: set[str] = set()
    for a, b in sorted(shares, key=lambda pair: -shares[pair]):
        if shares[a, b] > HALF and a not in found and b not in taken:
            found[a] = b
            taken.add(b)
    return found


def _around(model: Layers, layer: str) -> Iterator[str]:
    """The blocks that hold a layer, itself left out."""
    return (call for call, inside in model.inside.items() if layer in inside and call != layer)


def _unpaired(model: Layers, paired: set[str]) -> tuple[str, ...]:
    return tuple(
        call for call, inside in model.inside.items() if inside and paired.isdisjoint(inside)
    )


def _came_and_went(both: Both) -> Iterator[Difference]:
    for call, count in outermost(both.removed).items():
        kind = both.before.by_call[call].kind
        yield Difference("removed", "block", call, "block", kind, "", blocks=count)
    for call, count in outermost(both.added).items():
        kind = both.after.by_call[call].kind
        yield Difference("added", "block", call, "block", "", kind, blocks=count)


def _changed(both: Both) -> Iterator[Difference]:
    """What differs in each layer, and in what the whole model takes and gives."""
    ends = [(both.before.model, both.after.model)]
    pairs = [(replace(one, call=two.call), two) for one, two in both.pairs]
    first = next((two.call for _, two in pairs), None) if both.removed or both.added else None
    for one in changed_blocks([*ends, *pairs], Unpaired((*both.removed, *both.added), first)):
        if one.part != "model" or one.what in OF_THE_MODEL:
            yield one


def _fed_otherwise(both: Both) -> Iterator[Difference]:
    """Layers that take in what others made; told once where the same holds for several."""
    if both.old.feeds is None or both.new.feeds is None:
        return
    alone = {*both.removed, *both.added}
    told: set[str] = set()
    for one, two in both.pairs:
        was = {both.names.get(call, call) for call in both.old.feeds[one.call]}
        now = both.new.feeds[two.call]
        if was != now:
            differ = was ^ now
            texts = _listed(was - now), _listed(now - was)
            begins = not (differ <= told or differ & alone)
            yield Difference("changed", "block", two.call, "fed by", *texts, begins)
            told |= differ


def _listed(calls: Iterable[str]) -> str:
    return ", ".join(sorted(calls)) or "-"


def _as_named(skip: SkipSpec, both: Both) -> SkipSpec:
    """A skip of the first model, between blocks of the second."""
    sources = {both.new.last_of(one.source): one.source for one in both.after.skips}
    targets = {both.new.first_of(one.target): one.target for one in both.after.skips}
    source = _block_at(both, skip.source, both.old.last_of(skip.source), sources)
    target = _block_at(both, skip.target, both.old.first_of(skip.target), targets)
    return replace(skip, source=source, target=target)


def _block_at(both: Both, call: str, layer: str | None, ends: Mapping[str | None, str]) -> str:
    """The block of the second model where a skip ends that ends at that layer of the first."""
    same = both.names.get(layer) if layer is not None else None
    if layer is not None and same is None:
        return both.names.get(call, call)  # the second has no such layer
    return ends.get(same, both.names.get(call, same or call))


def _renamed(names: Mapping[str, str]) -> Iterator[Difference]:
    renamed = {old: new for old, new in names.items() if old != new}
    for (old, new), count in alike(renamed).items():
        first = next(name for name in renamed.values() if name.startswith(new))
        yield Difference("renamed", "block", first, "name", old, new, begins=False, blocks=count)
