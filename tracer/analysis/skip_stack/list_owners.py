"""Which of a model's lists of tensors are stacks of skips."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tracer.analysis.skip_stack.push_pop_pairs import PushPopPair
from tracer.analysis.stack_events import Owner


def skip_lists(pairs_of_skips: Iterable[Sequence[PushPopPair]]) -> list[Owner]:
    """Return the fewest lists on which all skips were (a greedy set cover).

    A tensor may be on several lists: blocks may return it in a tuple of their own, or be handed a
    part of the stack. The stack itself is the list on which most skips were pushed and popped.

    Args:
        pairs_of_skips: For each skip, the pushes and pops of its tensor.
    """
    rest = [{pair.owner: pair for pair in pairs} for pairs in pairs_of_skips if pairs]
    lists: list[Owner] = []
    while rest:
        counts: dict[Owner, Counter[str]] = defaultdict(Counter)
        for by_owner in rest:
            for owner, pair in by_owner.items():
                counts[owner].update(complete=pair.is_complete, popped=bool(pair.pop), total=1)
        best = max(counts, key=lambda one: _rank(counts[one]))
        lists.append(best)
        rest = [by_owner for by_owner in rest if best not in by_owner]
    return lists


def _rank(counts: Counter[str]) -> tuple[int, int, int]:
    return counts["complete"], counts["popped"], counts["total"]


def pairs_on_other_lists(pairs: Iterable[PushPopPair], stacks: set[Owner]) -> list[PushPopPair]:
    """Return the pairs with a push whose tensors were on none of the stacks."""
    pairs = list(pairs)
    names = {name for pair in pairs if pair.owner in stacks for name in pair.tensors}
    return [pair for pair in pairs if pair.push and not names & pair.tensors]


def outermost_lists(pairs: Iterable[PushPopPair]) -> set[Owner]:
    """Return the lists of the outermost block with any, except for parts of another list."""
    tensors: dict[Owner, set[str]] = defaultdict(set)
    for pair in pairs:
        tensors[pair.owner] |= pair.tensors
    depths = {owner: owner[0].count(".") + bool(owner[0]) for owner in tensors}
    outermost = [owner for owner in tensors if depths[owner] == min(depths.values())]
    found: set[Owner] = set()
    for owner in sorted(outermost, key=lambda owner: len(tensors[owner]), reverse=True):
        if not any(tensors[owner] <= tensors[other] for other in found):
            found.add(owner)
    return found
