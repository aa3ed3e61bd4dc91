"""The differences between the skips of two models: endpoints, joins, shapes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from tracer.snapshot import SkipSpec
from tracer.snapshot.block_text import format_tensors
from tracer.snapshot.diff.difference import ChangeKind, Difference
from tracer.snapshot.skip_text import format_join, source_text, target_text

SkipKey = Callable[[SkipSpec], Hashable]
NumberedSkips = dict[int, SkipSpec]
SKIP_KEYS: tuple[SkipKey, ...] = (
    lambda skip: (skip.source, skip.target, skip.tensor),
    lambda skip: (skip.source, skip.target),
    lambda skip: skip.target,
    lambda skip: skip.source,
)
"""What is equal in matching skips, the strictest key first."""


@dataclass(frozen=True, slots=True)
class KnownBlocks:
    """What is known of the blocks: new names, the unmatched ones, and whether any differs."""

    new_names: Mapping[str, str]
    unmatched: Set[str]
    differ: bool


def skip_differences(
    before: Sequence[SkipSpec], after: Sequence[SkipSpec], blocks: KnownBlocks
) -> Iterator[Difference]:
    """Yield the differences of matching skips in the order of the pushes, then unmatched skips.

    Args:
        before: The skips of the old model.
        after: The skips of the new model.
        blocks: The result of matching the blocks.
    """
    old = dict(enumerate(_with_new_names(skip, blocks.new_names) for skip in before))
    new = dict(enumerate(after))
    for key in SKIP_KEYS:
        for one, two in _matches(old, new, key):
            yield from _changes(old.pop(one), new.pop(two), blocks)
    for skip in old.values():
        yield _unmatched("removed", skip, blocks)
    for skip in new.values():
        yield _unmatched("added", skip, blocks)


def _matches(old: NumberedSkips, new: NumberedSkips, key: SkipKey) -> list[tuple[int, int]]:
    """The numbers of skips with equal keys; several with the same key are paired in order."""
    candidates: dict[Hashable, list[int]] = {}
    for number, skip in reversed(new.items()):
        candidates.setdefault(key(skip), []).append(number)
    found = ((number, candidates.get(key(skip))) for number, skip in old.items())
    return [(number, numbers.pop()) for number, numbers in found if numbers]


def _with_new_names(skip: SkipSpec, new_names: Mapping[str, str]) -> SkipSpec:
    source, target = (new_names.get(name, name) for name in (skip.source, skip.target))
    return replace(skip, source=source, target=target)


def _changes(old: SkipSpec, new: SkipSpec, blocks: KnownBlocks) -> Iterator[Difference]:
    follows = bool(blocks.unmatched & {old.source, new.source, old.target, new.target})
    aspects = (
        ("source", source_text(old), source_text(new), not follows),
        ("target", target_text(old), target_text(new), not follows),
        ("done on the way", ", ".join(old.via), ", ".join(new.via), True),
        ("join", format_join(old), format_join(new), _join_order(old) != _join_order(new)),
        ("shape", format_tensors([old.tensor]), format_tensors([new.tensor]), not blocks.differ),
    )
    for what, before, after, is_root in aspects:
        if before != after:
            name = new.target or old.target or new.source
            begins = is_root or not blocks.differ
            yield Difference("changed", "skip", name, what, before, after, begins)


def _join_order(skip: SkipSpec) -> tuple[str | None, ...]:
    """The join and the order of its operands, without sizes: ``("cat", "h", "skip")``."""
    return skip.join, *(operand.partition(" ")[0] for operand in skip.operands)


def _unmatched(change: ChangeKind, skip: SkipSpec, blocks: KnownBlocks) -> Difference:
    begins = not blocks.unmatched & {skip.source, skip.target}
    text = f"{source_text(skip)} -> {target_text(skip)}"
    before, after = (text, "") if change == "removed" else ("", text)
    return Difference(change, "skip", skip.target or skip.source, "skip", before, after, begins)
