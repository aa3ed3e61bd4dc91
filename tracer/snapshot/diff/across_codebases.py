"""Compares models of two codebases, in which nearly all names differ.

Layers are paired in their order; what feeds a layer, and how skips are joined, is compared between
the pairs. The grouping into modules is not compared: a block matches the block of the other
codebase that holds the same layers, if there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tracer.snapshot import BlockSpec, SkipSpec, Snapshot
from tracer.snapshot.diff.block_changes import INPUTS, UnmatchedBlocks, block_differences
from tracer.snapshot.diff.call_names import count_outermost, count_renames
from tracer.snapshot.diff.difference import Comparison, Difference, LayerCounts
from tracer.snapshot.diff.layers import Layers, layers_of
from tracer.snapshot.diff.moves import call_order
from tracer.snapshot.diff.sequence_alignment import align_layers
from tracer.snapshot.diff.skip_changes import KnownBlocks, TranslatedSkip, skip_differences

MIN_COMMON_NAMES = 0.5
"""The share of the smaller model's names below which two models are of different codebases."""
MIN_OVERLAP = 0.5
"""Blocks match if more than this share of their layers is common (Jaccard index)."""
MODEL_ASPECTS = frozenset({INPUTS, "outputs", "parameters"})
"""What is compared of the models themselves; their classes and own forwards differ anyway."""


def are_different_codebases(before: Snapshot, after: Snapshot) -> bool:
    """Whether fewer than half of the names in the smaller model are in both models."""
    common = sum(block.call in after.by_call for block in before.blocks)
    return common < MIN_COMMON_NAMES * min(len(before.blocks), len(after.blocks))


def compare_codebases(before: Snapshot, after: Snapshot) -> Comparison:
    """Compare models of two codebases; a changed name is not a root cause here."""
    pair = CodebasePair.of(before, after)
    blocks = [*_added_and_removed(pair), *_changed(pair), *_rewired(pair)]
    order = call_order(before, after, pair.new_names)
    blocks.sort(key=lambda one: order[one.name])
    known = KnownBlocks(unmatched={*pair.removed, *pair.added}, differ=bool(blocks))
    translated = [TranslatedSkip(skip, _with_new_names(skip, pair)) for skip in before.skips]
    skips = skip_differences(translated, after.skips, known)
    differences = (*blocks, *skips, *_renamed(pair.new_names))
    old_names = {new: old for old, new in pair.new_names.items() if old != new}
    counts = LayerCounts(len(pair.layers), len(pair.old.blocks), len(pair.new.blocks))
    return Comparison(before, after, differences, old_names, counts)


@dataclass(frozen=True)
class CodebasePair:
    """Two models, the pairs of their layers, and the new name of each matched block."""

    before: Snapshot
    after: Snapshot
    old: Layers
    new: Layers
    layers: tuple[tuple[BlockSpec, BlockSpec], ...]
    new_names: Mapping[str, str]

    @staticmethod
    def of(before: Snapshot, after: Snapshot) -> CodebasePair:
        """Pair the layers by the data flow if both have a trace, else by the order of calls."""
        traced = before.trace is not None and after.trace is not None
        old = layers_of(before, before.trace if traced else None)
        new = layers_of(after, after.trace if traced else None)
        layers = tuple(align_layers(old, new))
        names = {one.call: two.call for one, two in layers}
        return CodebasePair(
            before, after, old, new, layers, names | _matching_blocks(old, new, names)
        )

    @property
    def removed(self) -> tuple[str, ...]:
        """The layers that only the first model has, and the blocks with only such layers."""
        return _unmatched(self.old, {one.call for one, _ in self.layers})

    @property
    def added(self) -> tuple[str, ...]:
        """The layers that only the second model has, and the blocks with only such layers."""
        return _unmatched(self.new, {two.call for _, two in self.layers})


def _matching_blocks(old: Layers, new: Layers, layers: Mapping[str, str]) -> dict[str, str]:
    """The blocks with mostly the same layers, matched greedily by their overlap."""
    common: Counter[tuple[str, str]] = Counter()
    for one, two in layers.items():
        common.update((a, b) for a in _enclosing(old, one) for b in _enclosing(new, two))
    overlaps = {
        (a, b): count / (len(old.inside[a]) + len(new.inside[b]) - count)
        for (a, b), count in common.items()
    }
    found: dict[str, str] = {}
    matched: set[str] = set()
    for a, b in sorted(overlaps, key=lambda pair: -overlaps[pair]):
        if overlaps[a, b] > MIN_OVERLAP and a not in found and b not in matched:
            found[a] = b
            matched.add(b)
    return found


def _enclosing(model: Layers, layer: str) -> Iterator[str]:
    """The blocks that enclose a layer, without the layer itself."""
    return (call for call, inside in model.inside.items() if layer in inside and call != layer)


def _unmatched(model: Layers, paired: set[str]) -> tuple[str, ...]:
    return tuple(
        call for call, inside in model.inside.items() if inside and paired.isdisjoint(inside)
    )


def _added_and_removed(pair: CodebasePair) -> Iterator[Difference]:
    for call, count in count_outermost(pair.removed).items():
        kind = pair.before.by_call[call].kind
        yield Difference("removed", "block", call, "block", kind, "", blocks=count)
    for call, count in count_outermost(pair.added).items():
        kind = pair.after.by_call[call].kind
        yield Difference("added", "block", call, "block", "", kind, blocks=count)


def _changed(pair: CodebasePair) -> Iterator[Difference]:
    """The differences of paired layers, and of the inputs and outputs of the models."""
    models = [(pair.before.model, pair.after.model)]
    layers = [(replace(one, call=two.call), two) for one, two in pair.layers]
    unmatched = (*pair.removed, *pair.added)
    first = next((two.call for _, two in layers), None) if unmatched else None
    for one in block_differences([*models, *layers], UnmatchedBlocks(unmatched, first)):
        if one.part != "model" or one.what in MODEL_ASPECTS:
            yield one


def _rewired(pair: CodebasePair) -> Iterator[Difference]:
    """Layers that other layers feed now; the first with a change is the root cause of it."""
    if pair.old.feeds is None or pair.new.feeds is None:
        return
    unmatched = {*pair.removed, *pair.added}
    reported: set[str] = set()
    for one, two in pair.layers:
        before = {_new_name(pair, call) for call in pair.old.feeds[one.call]}
        after = pair.new.feeds[two.call]
        if before != after:
            changed = before ^ after
            own = (call for call in pair.old.feeds[one.call] if _new_name(pair, call) not in after)
            texts = _listed(own), _listed(after - before)
            begins = not (changed <= reported or changed & unmatched)
            yield Difference("changed", "block", two.call, "fed by", *texts, begins)
            reported |= changed


def _new_name(pair: CodebasePair, call: str) -> str:
    return pair.new_names.get(call, call)


def _listed(calls: Iterable[str]) -> str:
    return ", ".join(sorted(calls)) or "-"


def _with_new_names(skip: SkipSpec, pair: CodebasePair) -> SkipSpec:
    """A skip of the first model between blocks of the second."""
    sources = {pair.new.last_of(one.source): one.source for one in pair.after.skips}
    targets = {pair.new.first_of(one.target): one.target for one in pair.after.skips}
    source = _new_endpoint(pair, skip.source, pair.old.last_of(skip.source), sources)
    target = _new_endpoint(pair, skip.target, pair.old.first_of(skip.target), targets)
    return replace(skip, source=source, target=target)


def _by_common_layers(
    pair: CodebasePair, call: str, layer: str | None, endpoints: Mapping[str | None, str]
) -> str | None:
    """The end of a skip whose block shares the most layers with a block of the first model.

    Only ends without a layer of their own to compare count: where `layer`, or that of the end, has
    no pair, because one of the models computes the end of its block with other layers.
    """
    names = {one.call: two.call for one, two in pair.layers}
    inside = {names[one] for one in pair.old.inside.get(call, ()) if one in names}
    paired = set(names.values())
    common = {
        end: len(inside.intersection(pair.new.inside.get(end, ())))
        for new_layer, end in endpoints.items()
        if layer not in names or new_layer not in paired
    }
    best = max(common, key=lambda end: common[end], default=None)
    return best if best is not None and common[best] else None


def _new_endpoint(
    pair: CodebasePair, call: str, layer: str | None, endpoints: Mapping[str | None, str]
) -> str:
    """The block of the second model at which a skip ends that ends at that layer of the first."""
    new_layer = pair.new_names.get(layer) if layer is not None else None
    if new_layer not in endpoints:
        similar = _by_common_layers(pair, call, layer, endpoints)
        if similar is not None:
            return similar
    if layer is not None and new_layer is None:
        return pair.new_names.get(call, call)  # the second model has no such layer
    return endpoints.get(new_layer, pair.new_names.get(call, new_layer or call))


def _renamed(new_names: Mapping[str, str]) -> Iterator[Difference]:
    renamed = {old: new for old, new in new_names.items() if old != new}
    for (old, new), count in count_renames(renamed).items():
        first = next(name for name in renamed.values() if name.startswith(new))
        yield Difference("renamed", "block", first, "name", old, new, begins=False, blocks=count)
