"""Names of calls: which blocks enclose a block, and which blocks were renamed in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set


def enclosing_calls(call: str) -> Iterator[str]:
    """Yield the names of the blocks that may enclose a call, the innermost first.

    A call ``a.b@1`` may have run in ``a@1``, or in ``a``.

    >>> list(enclosing_calls("mid.block.conv"))
    ['mid.block', 'mid']
    >>> list(enclosing_calls("a.b@1"))
    ['a@1', 'a']
    """
    path, at, number = call.partition("@")
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:count])
        yield from (f"{name}@{number}", name) if at else (name,)


def all_enclosing(calls: Iterable[str]) -> Set[str]:
    """Return every name that may enclose one of the calls, the model's own (empty) included."""
    return {outer for call in calls for outer in (*enclosing_calls(call), "")}


def count_outermost(calls: Iterable[str]) -> dict[str, int]:
    """Return the calls that no other of them encloses, and how many each encloses, plus itself.

    >>> count_outermost(["mid", "mid.conv", "up.norm"])
    {'mid': 2, 'up.norm': 1}
    """
    known = dict.fromkeys(calls)
    counts: dict[str, int] = {}
    for call in known:
        outer = [name for name in enclosing_calls(call) if name in known]
        outermost = outer[-1] if outer else call
        counts[outermost] = counts.get(outermost, 0) + 1
    return counts


def count_renames(new_names: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Return the changes in names, each with the number of blocks that were renamed that way.

    >>> count_renames({"mid.norm": "middle.norm", "mid.conv": "middle.conv"})
    {('mid', 'middle'): 2}
    """
    counts: dict[tuple[str, str], int] = {}
    for old, new in new_names.items():
        change = changed_part(old, new)
        counts[change] = counts.get(change, 0) + 1
    return counts


def changed_part(old: str, new: str) -> tuple[str, str]:
    """Return two names without the parts at their ends that are equal."""
    before, after = old.split("."), new.split(".")
    while len(before) > 1 and len(after) > 1 and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return ".".join(before), ".".join(after)
