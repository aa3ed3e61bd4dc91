"""Compares two snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tracer.snapshot import Snapshot
from tracer.snapshot.diff.across_codebases import are_different_codebases, compare_codebases
from tracer.snapshot.diff.block_changes import UnmatchedBlocks, block_differences
from tracer.snapshot.diff.call_names import count_outermost, count_renames, enclosing_calls
from tracer.snapshot.diff.difference import CLASS, Comparison, Difference
from tracer.snapshot.diff.moves import call_order, moved_blocks
from tracer.snapshot.diff.rename_detection import BlockMatching, match_blocks
from tracer.snapshot.diff.skip_changes import KnownBlocks, TranslatedSkip, skip_differences

RuleTexts = Mapping[str, str]


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """Compare two models, or a lock file with a model.

    Args:
        before: The snapshot of the first model, such as the one in a lock file.
        after: The snapshot of the second model. With a trace, blocks that changed places are found.

    Returns:
        All differences, those of blocks in the order of the calls. Models with mostly different
        names are compared layer by layer, see `tracer.snapshot.diff.across_codebases`.

    >>> from tracer.snapshot import BlockSpec, TensorSpec
    >>> image = TensorSpec((1, 3, 32, 32), "float32")
    >>> model = BlockSpec("", "Net", (image,), (image,), 84)
    >>> before = Snapshot("net.py:Net", model, skips=(), blocks=())
    >>> after = Snapshot("net.py:Net", replace(model, parameters=96), skips=(), blocks=())
    >>> compare(before, before).same
    True
    >>> [(one.what, one.before, one.after) for one in compare(before, after).differences]
    [('parameters', '84', '96')]
    """
    if are_different_codebases(before, after):
        return compare_codebases(before, after)
    matching = match_blocks(before, after)
    blocks = [
        *_totals(before, after),
        *_added_and_removed(before, after, matching),
        *_moved(before, after, matching),
        *block_differences(matching.pairs, _unmatched(before, after, matching)),
    ]
    order = call_order(before, after, matching.new_names)
    blocks = sorted(_with_replaced_blocks(blocks), key=lambda one: order[one.name])
    known = KnownBlocks(
        unmatched={block.call for block in (*matching.removed, *matching.added)},
        differ=bool(blocks),
    )
    translated = [TranslatedSkip.of(skip, matching.new_names) for skip in before.skips]
    skips = skip_differences(translated, after.skips, known)
    old_names = {new: old for old, new in matching.new_names.items()}
    return Comparison(before, after, (*blocks, *skips), old_names)


def _totals(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    if before.buffers != after.buffers:
        numbers = f"{before.buffers:,}", f"{after.buffers:,}"
        yield Difference("changed", "model", "", "buffers", *numbers)
    if before.size_rules and after.size_rules:
        yield from _size_rules(before.size_rules.rules, after.size_rules.rules)


def _size_rules(before: RuleTexts, after: RuleTexts) -> Iterator[Difference]:
    """The rules that differ; names with the same change are one difference."""
    changes: dict[tuple[str, str], list[str]] = {}
    for name in dict.fromkeys((*before, *after)):
        changes.setdefault((before.get(name, ""), after.get(name, "")), []).append(name)
    for (old, new), names in changes.items():
        if old != new:
            what = f"size rule for {', '.join(names)}"
            yield Difference("changed", "model", "", what, old, new)


def _added_and_removed(
    before: Snapshot, after: Snapshot, matching: BlockMatching
) -> Iterator[Difference]:
    """The outermost blocks that were removed, added or renamed, with the number of blocks."""
    for call, count in count_outermost(block.call for block in matching.removed).items():
        kind = before.by_call[call].kind
        yield Difference("removed", "block", call, "block", kind, "", blocks=count)
    for call, count in count_outermost(block.call for block in matching.added).items():
        kind = after.by_call[call].kind
        yield Difference("added", "block", call, "block", "", kind, blocks=count)
    for (old, new), count in count_renames(matching.new_names).items():
        first = next(name for name in matching.new_names.values() if name.startswith(new))
        yield Difference("renamed", "block", first, "name", old, new, blocks=count)


def _moved(before: Snapshot, after: Snapshot, matching: BlockMatching) -> Iterator[Difference]:
    """The blocks that changed places; only a trace shows what feeds a block."""
    if after.trace is not None:
        old_names = {new: old for old, new in matching.new_names.items()}
        for move in moved_blocks(before.blocks, matching.pairs, after.trace):
            old, other = (old_names.get(name, name) for name in (move.call, move.behind))
            texts = (
                f"before {_without_outer(other, old)}",
                f"behind {_without_outer(move.behind, move.call)}",
            )
            yield Difference("moved", "block", move.call, "place", *texts)


def _without_outer(name: str, call: str) -> str:
    """A name without the block that encloses another one, if it encloses both."""
    outer = call.rpartition(".")[0]
    return name.removeprefix(f"{outer}.") if outer else name


def _with_replaced_blocks(blocks: Sequence[Difference]) -> Iterator[Difference]:
    """Mark what is inside a replaced block (another class, other parts) as following from it."""
    outer = {
        name for one in blocks if one.change != "changed" for name in enclosing_calls(one.name)
    }
    replaced = {one.name for one in blocks if one.what == CLASS and one.begins} & outer
    for one in blocks:
        inside = not replaced.isdisjoint(enclosing_calls(one.name))
        yield replace(one, begins=one.begins and not inside)


def _unmatched(before: Snapshot, after: Snapshot, matching: BlockMatching) -> UnmatchedBlocks:
    """The removed and added blocks, and the first matched block that runs after one of them."""
    removed = {block.call for block in matching.removed}
    added = {block.call for block in matching.added}
    old = next((n for n, block in enumerate(before.blocks) if block.call in removed), None)
    later: set[str] = set()
    if old is not None:
        later |= {matching.new_names.get(b.call, b.call) for b in before.blocks[old:]}
    new = next((n for n, block in enumerate(after.blocks) if block.call in added), None)
    if new is not None:
        later |= {block.call for block in after.blocks[new:]}
    first = next((block.call for _, block in matching.pairs if block.call in later), None)
    return UnmatchedBlocks((*removed, *added), first)
