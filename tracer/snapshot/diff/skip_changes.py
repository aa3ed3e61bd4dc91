"""What differs between the skips of two models: ends, joins, shapes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from tracer.snapshot import SkipSpec
from tracer.snapshot.block_text import tensors_text
from tracer.snapshot.diff.difference import ChangeKind, Difference
from tracer.snapshot.skip_text import NOWHERE, OUTSIDE, join_text

SkipKey = Callable[[SkipSpec], Hashable]
Numbered = dict[int, SkipSpec]
KEYS: tuple[SkipKey, ...] = (
    lambda skip: (skip.source, skip.target, skip.tensor),
    lambda skip: (skip.source, skip.target),
    lambda skip: skip.target,
    lambda skip: skip.source,
)
"""What makes two skips the same one, the surest sign first."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is known of the blocks: new names, those that came or went, whether any differs."""

    renamed: Mapping[str, str]
    unpaired: Set[str]
    differ: bool


def changed_skips(
    before: Sequence[SkipSpec], after: Sequence[SkipSpec], blocks: Blocks
) -> Iterator[Difference]:
    """What differs in each skip, in the order of the pushes, then what came and went."""
    old = dict(enumerate(_with_new_names(skip, blocks.renamed) for skip in before))
    new = dict(enumerate(after))
    for key in KEYS:
        for one, other in _paired(old, new, key):
            yield from _changes(old.pop(one), new.pop(other), blocks)
    for skip in old.values():
        yield _alone("removed", skip, blocks)
    for skip in new.values():
        yield _alone("added", skip, blocks)


def _paired(old: Numbered, new: Numbered, key: SkipKey) -> list[tuple[int, int]]:
    """The numbers of skips with equal keys, the first of the one side with that of the other."""
    waiting: dict[Hashable, list[int]] = {}
    for number, skip in reversed(new.items()):
        waiting.setdefault(key(skip), []).append(number)
    found = ((number, waiting.get(key(skip))) for number, skip in old.items())
    return [(number, others.pop()) for number, others in found if others]


def _with_new_names(skip: SkipSpec, renamed: Mapping[str, str]) -> SkipSpec:
    source, target = (renamed.get(name, name) for name in (skip.source, skip.target))
    return replace(skip, source=source, target=target)


def _changes(old: SkipSpec, new: SkipSpec, blocks: Blocks) -> Iterator[Difference]:
    follows = bool(blocks.unpaired & {old.source, new.source, old.target, new.target})
    aspects = (
        ("source", _source(old), _source(new), not follows),
        ("target", _target(old), _target(new), not follows),
        ("done on the way", ", ".join(old.via), ", ".join(new.via), True),
        ("join", join_text(old), join_text(new), _wiring(old) != _wiring(new)),
        ("shape", tensors_text([old.tensor]), tensors_text([new.tensor]), not blocks.differ),
    )
    for what, before, after, begins in aspects:
        if before != after:
            name = new.target or old.target or new.source
            alone = begins or not blocks.differ
            yield Difference("changed", "skip", name, what, before, after, alone)


def _wiring(skip: SkipSpec) -> tuple[str | None, ...]:
    """How a skip is joined, sizes left out: ``("cat", "h", "skip")``."""
    return skip.join, *(operand.partition(" ")[0] for operand in skip.operands)


def _alone(change: ChangeKind, skip: SkipSpec, blocks: Blocks) -> Difference:
    begins = not blocks.unpaired & {skip.source, skip.target}
    ends = f"{_source(skip)} -> {_target(skip)}"
    before, after = (ends, "") if change == "removed" else ("", ends)
    return Difference(change, "skip", skip.target or skip.source, "skip", before, after, begins)


def _source(skip: SkipSpec) -> str:
    return skip.source or OUTSIDE


def _target(skip: SkipSpec) -> str:
    return NOWHERE if skip.join is None else skip.target or OUTSIDE
