"""Which skip of the data flow is which stay on a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.analysis.skips import SkipLink
from tracer.analysis.stack.list_owners import lists_of
from tracer.analysis.stack.push_pop_pairs import Stay
from tracer.analysis.stack_events import Owner, StackEvent
from tracer.record import Value

FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Match:
    """A stay on a list, the skips that the tensor became, or both: one entry of the ledger."""

    stay: Stay | None
    links: tuple[SkipLink, ...]

    @property
    def pushed(self) -> StackEvent | None:
        """The push, if one was seen."""
        return self.stay.push if self.stay else None

    @property
    def popped(self) -> StackEvent | None:
        """The pop, if one was seen."""
        return self.stay.pop if self.stay else None

    @property
    def value(self) -> Value:
        """The tensor as it was put aside."""
        return self.pushed.value if self.pushed else self.links[0].value


def matched(found: Sequence[Stay], links: Iterable[SkipLink]) -> tuple[Match, ...]:
    """Every stay with its skips, and every skip; the skips of one tensor on no list together."""
    ordered = sorted(links, key=lambda link: link.popped)
    candidates = list(_candidates(found, ordered))
    lists = lists_of([[found[number] for number in numbers] for numbers in candidates])
    taken: dict[int, list[SkipLink]] = defaultdict(list)
    listless: dict[str, list[SkipLink]] = defaultdict(list)
    for link, numbers in zip(ordered, candidates, strict=True):
        same = next((of_one for owner in lists if (of_one := _on(found, numbers, owner))), [])
        if same:
            # twice on one list: the first to be popped is the first to be joined
            taken[min(same, key=lambda n: (len(taken[n]), _end(found[n])))].append(link)
        else:
            listless[link.value.name].append(link)
    stayed = (Match(stay, tuple(taken[number])) for number, stay in enumerate(found))
    return (*stayed, *(Match(None, tuple(group)) for group in listless.values()))


def _candidates(found: Sequence[Stay], links: Iterable[SkipLink]) -> Iterator[Sequence[int]]:
    """For each skip the numbers of the stays of its tensor."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, stay in enumerate(found):
        for name in stay.tensors:
            places[name].append(number)
    for link in links:
        # the tensor is on a list as it left its block, as it was joined, or as it was in between
        names = (link.value.name, *(value.name for value in link.way))
        yield next((places[name] for name in names if name in places), [])


def _on(found: Sequence[Stay], numbers: Iterable[int], owner: Owner) -> list[int]:
    """Those of the stays that are on one list."""
    return [number for number in numbers if found[number].owner == owner]


def _end(stay: Stay) -> int:
    return stay.pop.step if stay.pop else FOREVER
