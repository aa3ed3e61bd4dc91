"""The comparison of two blueprints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tracer.snapshot import Snapshot
from tracer.snapshot.diff.across_codebases import are_elsewhere, compare_elsewhere
from tracer.snapshot.diff.block_changes import Unpaired, changed_blocks
from tracer.snapshot.diff.difference import CLASS, Comparison, Difference
from tracer.snapshot.diff.moves import moves, places
from tracer.snapshot.diff.rename_detection import Matching, matched
from tracer.snapshot.diff.renames import alike, outermost, parents
from tracer.snapshot.diff.skip_changes import Blocks, changed_skips

Rules = Mapping[str, str]


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """All that differs between two models, or between a lock file and a model."""
    if are_elsewhere(before, after):
        return compare_elsewhere(before, after)
    matching = matched(before, after)
    blocks = [
        *_totals(before, after),
        *_came_and_went(before, after, matching),
        *_moved(before, after, matching),
        *changed_blocks(matching.pairs, _unpaired(before, after, matching)),
    ]
    in_order = places(before, after, matching.renamed)
    blocks = sorted(_without_the_inside(blocks), key=lambda one: in_order[one.name])
    known = Blocks(
        renamed=matching.renamed,
        unpaired={block.call for block in (*matching.removed, *matching.added)},
        differ=bool(blocks),
    )
    skips = changed_skips(before.skips, after.skips, known)
    old_names = {new: old for old, new in matching.renamed.items()}
    return Comparison(before, after, (*blocks, *skips), old_names)


def _totals(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    if before.buffers != after.buffers:
        numbers = f"{before.buffers:,}", f"{after.buffers:,}"
        yield Difference("changed", "model", "", "buffers", *numbers)
    if before.law and after.law:
        yield from _rules(before.law.rules, after.law.rules)


def _rules(before: Rules, after: Rules) -> Iterator[Difference]:
    """What sizes have to be, where that differs; those of which the same is said together."""
    told: dict[tuple[str, str], list[str]] = {}
    for name in dict.fromkeys((*before, *after)):
        told.setdefault((before.get(name, ""), after.get(name, "")), []).append(name)
    for (old, new), names in told.items():
        if old != new:
            yield Difference("changed", "model", "", f"law of {', '.join(names)}", old, new)


def _came_and_went(before: Snapshot, after: Snapshot, matching: Matching) -> Iterator[Difference]:
    """Outermost blocks, with the number of those that came or went with them."""
    for call, count in outermost(block.call for block in matching.removed).items():
        kind = before.by_call[call].kind
        yield Difference("removed", "block", call, "block", kind, "", blocks=count)
    for call, count in outermost(block.call for block in matching.added).items():
        kind = after.by_call[call].kind
        yield Difference("added", "block", call, "block", "", kind, blocks=count)
    for (old, new), count in alike(matching.renamed).items():
        first = next(name for name in matching.renamed.values() if name.startswith(new))
        yield Difference("renamed", "block", first, "name", old, new, blocks=count)


def _moved(before: Snapshot, after: Snapshot, matching: Matching) -> Iterator[Difference]:
    """What changed places; only a trace tells what a block is fed by, a lock file does not."""
    if after.trace is not None:
        for move in moves(before.blocks, matching.pairs, after.trace):
            around = move.call.rpartition(".")[0]
            other = move.behind.removeprefix(f"{around}.") if around else move.behind
            yield Difference(
                "moved", "block", move.call, "place", f"before {other}", f"behind {other}"
            )


def _without_the_inside(blocks: Sequence[Difference]) -> Iterator[Difference]:
    """All of them; what is inside a block of another class, with other parts, follows from that."""
    others = {name for one in blocks if one.change != "changed" for name in parents(one.name)}
    exchanged = {one.name for one in blocks if one.what == CLASS and one.begins} & others
    for one in blocks:
        inside = not exchanged.isdisjoint(parents(one.name))
        yield replace(one, begins=one.begins and not inside)


def _unpaired(before: Snapshot, after: Snapshot, matching: Matching) -> Unpaired:
    """What came or went, and the first block that ran behind one of them."""
    gone = {block.call for block in matching.removed}
    come = {block.call for block in matching.added}
    old = next((n for n, block in enumerate(before.blocks) if block.call in gone), None)
    behind: set[str] = set()
    if old is not None:
        behind |= {matching.renamed.get(b.call, b.call) for b in before.blocks[old:]}
    new = next((n for n, block in enumerate(after.blocks) if block.call in come), None)
    if new is not None:
        behind |= {block.call for block in after.blocks[new:]}
    first = next((new.call for _, new in matching.pairs if new.call in behind), None)
    return Unpaired((*gone, *come), first)
