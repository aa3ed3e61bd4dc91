"""Which skip of the data flow is which tensor on an observed list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.analysis.skip_stack.ledger_entries import Taken
from tracer.analysis.skip_stack.list_owners import skip_lists
from tracer.analysis.skip_stack.push_pop_pairs import PushPopPair
from tracer.analysis.skips import SkipLink
from tracer.analysis.stack_events import StackEvent
from tracer.record import Value

NEVER_POPPED = 1 << 62


@dataclass(frozen=True, slots=True)
class SkipMatch:
    """A tensor on a list, the skips that it became, or both: one entry of the ledger."""

    pair: PushPopPair | None
    links: tuple[SkipLink, ...]

    @property
    def push(self) -> StackEvent | None:
        """The push, if one was observed."""
        return self.pair.push if self.pair else None

    @property
    def pop(self) -> StackEvent | None:
        """The pop, if one was observed."""
        return self.pair.pop if self.pair else None

    @property
    def read(self) -> StackEvent | None:
        """The read that was done when the tensor was joined, or the first one; None without any."""
        reads = self.pair.reads if self.pair else ()
        joined = self.links[0].popped if self.links else -1
        return next((one for one in reads if one.step > joined), reads[0] if reads else None)

    @property
    def taken(self) -> Taken:
        """How the tensor was taken from its list; one that was on no list is joined."""
        if self.pair and self.pair.replaced and not self.links:
            return "replaced"
        if self.pop:
            return "popped"
        if self.read:
            return "read"
        return "joined" if self.links else "left"

    @property
    def value(self) -> Value:
        """The tensor as it was pushed."""
        return self.push.value if self.push else self.links[0].value


def match_links(pairs: Sequence[PushPopPair], links: Iterable[SkipLink]) -> tuple[SkipMatch, ...]:
    """Return one match per pair, with its skips, and one per tensor that was on no list."""
    ordered = sorted(links, key=lambda link: link.popped)
    candidates = list(_pairs_of_links(pairs, ordered))
    lists = skip_lists([[pairs[number] for number in numbers] for numbers in candidates])
    links_of_pair: dict[int, list[SkipLink]] = defaultdict(list)
    on_no_list: dict[str, list[SkipLink]] = defaultdict(list)
    places = {owner: place for place, owner in enumerate(lists)}
    for link, numbers in zip(ordered, candidates, strict=True):
        if numbers:
            owner = min(
                (pairs[number].owner for number in numbers),
                key=lambda one: places.get(one, len(places)),
            )
            same = (number for number in numbers if pairs[number].owner == owner)
            # twice on one list: the first to be popped is the first to be joined
            first = min(same, key=lambda n: (len(links_of_pair[n]), _pop_step(pairs[n])))
            links_of_pair[first].append(link)
        else:
            on_no_list[link.value.name].append(link)
    matches = (SkipMatch(pair, tuple(links_of_pair[n])) for n, pair in enumerate(pairs))
    return (*matches, *(SkipMatch(None, tuple(group)) for group in on_no_list.values()))


def _pairs_of_links(
    pairs: Sequence[PushPopPair], links: Iterable[SkipLink]
) -> Iterator[Sequence[int]]:
    """For each skip the numbers of the pairs of its tensor."""
    by_tensor: dict[str, list[int]] = defaultdict(list)
    for number, pair in enumerate(pairs):
        for name in pair.tensors:
            by_tensor[name].append(number)
    for link in links:
        # the tensor is on a list as it was joined, as it left its block, or as it was in between
        names = (*(value.name for value in link.path), link.value.name)
        yield next((by_tensor[name] for name in names if name in by_tensor), [])


def _pop_step(pair: PushPopPair) -> int:
    return pair.pop.step if pair.pop else NEVER_POPPED
