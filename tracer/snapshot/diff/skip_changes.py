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
class TranslatedSkip:
    """A skip of the old model: by its own names, and between blocks of the new model."""

    own: SkipSpec
    new: SkipSpec

    @staticmethod
    def of(skip: SkipSpec, new_names: Mapping[str, str]) -> TranslatedSkip:
        """Translate the ends of a skip by the new names of blocks."""
        source, target = (new_names.get(name, name) for name in (skip.source, skip.target))
        return TranslatedSkip(skip, replace(skip, source=source, target=target))


@dataclass(frozen=True, slots=True)
class KnownBlocks:
    """What is known of the blocks: the unmatched ones, and whether any differs."""

    unmatched: Set[str]
    differ: bool


def skip_differences(
    before: Sequence[TranslatedSkip], after: Sequence[SkipSpec], blocks: KnownBlocks
) -> Iterator[Difference]:
    """Yield the differences of matching skips in the order of the pushes, then unmatched skips.

    Args:
        before: The skips of the old model. They are compared by their new names, and shown by
            their own.
        after: The skips of the new model.
        blocks: The result of matching the blocks.
    """
    old = {number: skip.new for number, skip in enumerate(before)}
    new = dict(enumerate(after))
    for key in SKIP_KEYS:
        for one, two in _matches(old, new, key):
            del old[one]
            yield from _changes(before[one], new.pop(two), blocks)
    for number in old:
        yield _unmatched("removed", before[number].own, blocks)
    for skip in new.values():
        yield _unmatched("added", skip, blocks)


def _matches(old: NumberedSkips, new: NumberedSkips, key: SkipKey) -> list[tuple[int, int]]:
    """The numbers of skips with equal keys; several with the same key are paired in order."""
    candidates: dict[Hashable, list[int]] = {}
    for number, skip in reversed(new.items()):
        candidates.setdefault(key(skip), []).append(number)
    found = ((number, candidates.get(key(skip))) for number, skip in old.items())
    return [(number, numbers.pop()) for number, numbers in found if numbers]


def _changes(skip: TranslatedSkip, new: SkipSpec, blocks: KnownBlocks) -> Iterator[Difference]:
    own, old = skip.own, skip.new
    ends = {own.source, old.source, new.source, own.target, old.target, new.target}
    follows = bool(blocks.unmatched & ends)
    name = new.target or old.target or new.source
    old_name = own.target or own.source
    for what, text, is_root in (
        ("source", source_text, not follows),
        ("target", target_text, not follows),
        ("done on the way", _way_text, True),
        ("join", format_join, _join_order(old) != _join_order(new)),
        ("shape", _shape_text, not blocks.differ),
    ):
        if text(old) != text(new):
            begins = is_root or not blocks.differ
            yield Difference(
                "changed", "skip", name, what, text(own), text(new), begins, old_name=old_name
            )


def _way_text(skip: SkipSpec) -> str:
    return ", ".join(skip.via)


def _shape_text(skip: SkipSpec) -> str:
    return format_tensors([skip.tensor])


def _join_order(skip: SkipSpec) -> tuple[str | None, ...]:
    """The join and the order of its operands, without sizes: ``("cat", "h", "skip")``."""
    return skip.join, *(operand.partition(" ")[0] for operand in skip.operands)


def _unmatched(change: ChangeKind, skip: SkipSpec, blocks: KnownBlocks) -> Difference:
    begins = not blocks.unmatched & {skip.source, skip.target}
    text = f"{source_text(skip)} -> {target_text(skip)}"
    before, after = (text, "") if change == "removed" else ("", text)
    return Difference(change, "skip", skip.target or skip.source, "skip", before, after, begins)
