"""Names of blocks that belong together: a block and those inside it, blocks renamed alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set


def parents(call: str) -> Iterator[str]:
    """The names that stand before a name, the nearest first; those of the same call before others.

    ``a.b@1`` may have run inside ``a@1``, or inside ``a``.
    """
    path, at, number = call.partition("@")
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:count])
        yield from (f"{name}@{number}", name) if at else (name,)


def outermost(calls: Iterable[str]) -> dict[str, int]:
    """The calls that are inside no other of them, and how many each of them holds, itself too."""
    known = dict.fromkeys(calls)
    held: dict[str, int] = {}
    for call in known:
        tops = [parent for parent in parents(call) if parent in known]
        top = tops[-1] if tops else call
        held[top] = held.get(top, 0) + 1
    return held


def holders(calls: Iterable[str]) -> Set[str]:
    """Every name that stands before one of these names; the model's own, which is empty, too."""
    return {parent for call in calls for parent in (*parents(call), "")}


def alike(renamed: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Blocks that were renamed alike, by what changed in their names, and how many there are."""
    found: dict[tuple[str, str], int] = {}
    for old, new in renamed.items():
        change = without_ending(old, new)
        found[change] = found.get(change, 0) + 1
    return found


def without_ending(old: str, new: str) -> tuple[str, str]:
    """Two names without the last parts that they have in common: what was renamed."""
    before, after = old.split("."), new.split(".")
    while len(before) > 1 and len(after) > 1 and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return ".".join(before), ".".join(after)
