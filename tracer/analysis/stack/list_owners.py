"""Which of a model's lists of tensors are stacks of skips."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tracer.analysis.stack.push_pop_pairs import Stay
from tracer.analysis.stack_events import Owner


def lists_of(skips: Iterable[Sequence[Stay]]) -> list[Owner]:
    """The fewest lists that held all the skips, of each of which the stays are given.

    A tensor may be on several lists: where blocks put it out in a tuple of their own, or are handed
    a part of the stack. The stack itself is where most skips were pushed and popped.
    """
    rest = [{stay.owner: stay for stay in stays} for stays in skips if stays]
    lists: list[Owner] = []
    while rest:
        worth: dict[Owner, Counter[str]] = defaultdict(Counter)
        for stays in rest:
            for owner, stay in stays.items():
                worth[owner].update(whole=stay.whole, popped=bool(stay.pop), held=1)
        best = max(
            worth, key=lambda one: [worth[one][what] for what in ("whole", "popped", "held")]
        )
        lists.append(best)
        rest = [stays for stays in rest if best not in stays]
    return lists


def strangers(stays: Iterable[Stay], stacks: set[Owner]) -> list[Stay]:
    """The stays of tensors that were on none of the stacks."""
    stays = list(stays)
    known = {name for stay in stays if stay.owner in stacks for name in stay.tensors}
    return [stay for stay in stays if stay.push and not known & stay.tensors]


def outermost(stays: Iterable[Stay]) -> set[Owner]:
    """The lists of the first block that keeps any, but for those that hold a part of another."""
    tensors: dict[Owner, set[str]] = defaultdict(set)
    for stay in stays:
        tensors[stay.owner] |= stay.tensors
    depths = {owner: owner[0].count(".") + bool(owner[0]) for owner in tensors}
    outermost = [owner for owner in tensors if depths[owner] == min(depths.values())]
    found: set[Owner] = set()
    for owner in sorted(outermost, key=lambda owner: len(tensors[owner]), reverse=True):
        if not any(tensors[owner] <= tensors[other] for other in found):
            found.add(owner)
    return found
