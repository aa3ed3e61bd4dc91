"""Which of a model's lists of tensors are stacks of skips."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heapreplace

from tracer.analysis.skip_stack.push_pop_pairs import PushPopPair
from tracer.analysis.stack_events import Owner


def skip_lists(pairs_of_skips: Iterable[Sequence[PushPopPair]]) -> list[Owner]:
    """Return the fewest lists on which all skips were (a greedy set cover).

    A tensor may be on several lists: blocks may return it in a tuple of their own, or be handed a
    part of the stack. The stack itself is the list on which most skips were pushed and popped.

    Args:
        pairs_of_skips: For each skip, the pushes and pops of its tensor.
    """
    return _Cover([{pair.owner: pair for pair in pairs} for pairs in pairs_of_skips]).lists()


class _Cover:
    """The choice of the best list for the skips that are on none of those chosen before.

    A list gets no better by the choice of another. So the lists stay in a heap with the ranks that
    they once had, and only the first one is ranked again.
    """

    def __init__(self, skips: Sequence[Mapping[Owner, PushPopPair]]) -> None:
        self._skips = skips
        self._uncovered: dict[Owner, deque[int]] = defaultdict(deque)
        self._counts: dict[Owner, Counter[str]] = defaultdict(Counter)
        self._covered: set[int] = set()
        for number, by_owner in enumerate(skips):
            for owner, pair in by_owner.items():
                self._uncovered[owner].append(number)
                self._counts[owner].update(_counts(pair))

    def lists(self) -> list[Owner]:
        """The lists, the best first."""
        found: list[Owner] = []
        heap = [self._rank(owner) for owner in self._uncovered]
        heapify(heap)
        while heap:
            *rank, owner = heap[0]
            if not self._counts[owner]["total"]:
                heappop(heap)
            elif tuple(rank) != (now := self._rank(owner))[:-1]:
                heapreplace(heap, now)
            else:
                heappop(heap)
                found.append(owner)
                self._cover(owner)
        return found

    def _cover(self, chosen: Owner) -> None:
        for number in self._uncovered[chosen]:
            if number not in self._covered:
                self._covered.add(number)
                for owner, pair in self._skips[number].items():
                    self._counts[owner].subtract(_counts(pair))

    def _rank(self, owner: Owner) -> tuple[int, int, int, int, int, Owner]:
        """How good a list is, the best first; of equal ones, that of the first skip."""
        skips, counts = self._uncovered[owner], self._counts[owner]
        while skips and skips[0] in self._covered:
            skips.popleft()
        first = skips[0] if skips else len(self._skips)
        place = list(self._skips[first]).index(owner) if skips else 0
        return -counts["complete"], -counts["popped"], -counts["total"], first, place, owner


def _counts(pair: PushPopPair) -> dict[str, int]:
    return {"complete": pair.is_complete, "popped": bool(pair.pop), "total": 1}


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
    least = min(depths.values(), default=0)
    outermost = [owner for owner in tensors if depths[owner] == least]
    found: set[Owner] = set()
    holders: dict[str, set[Owner]] = defaultdict(set)
    for owner in sorted(outermost, key=lambda owner: len(tensors[owner]), reverse=True):
        holding = holders[next(iter(tensors[owner]))]
        if not any(tensors[owner] <= tensors[other] for other in holding):
            found.add(owner)
            for name in tensors[owner]:
                holders[name].add(owner)
    return found
