"""Which skip of the data flow is which stay on a list, and which lists are stacks of skips."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracer.record import Trace, Value
from tracer.skip_links import SkipLink
from tracer.stack_events import StackEvent
from tracer.stack_ledger.entries import OtherList
from tracer.stack_ledger.pairs import Owner, Stay

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


def matched(trace: Trace, found: Sequence[Stay], links: Iterable[SkipLink]) -> tuple[Match, ...]:
    """Every stay with its skips, and every skip; the skips of one tensor on no list together."""
    taken: dict[int, list[SkipLink]] = defaultdict(list)
    listless: dict[str, list[SkipLink]] = defaultdict(list)
    places = _places(found)
    for link in sorted(links, key=lambda link: link.popped):
        candidates = next((places[name] for name in _names(trace, link) if name in places), [])
        if candidates:
            taken[_best(found, candidates, taken)].append(link)
        else:
            listless[link.value.name].append(link)
    stayed = (Match(stay, tuple(taken[number])) for number, stay in enumerate(found))
    return (*stayed, *(Match(None, tuple(group)) for group in listless.values()))


def on_stacks(matches: Sequence[Match]) -> tuple[tuple[Match, ...], tuple[OtherList, ...]]:
    """What belongs in the ledger, and the lists that do not.

    A list is a stack of skips when the data flow says so. Of the others those are taken that were
    pushed and popped, unless the same tensors merely passed through them (as they do where a block
    is handed a part of the stack). Without any, it is the outermost list that was pushed on.
    """
    owners = {match.stay.owner for match in matches if match.stay and match.links}
    known = {
        name for match in matches if match.links and match.stay for name in _tensors(match.stay)
    }
    foreign = [m.stay for m in matches if m.stay and m.stay.push and not known & _tensors(m.stay)]
    owners |= {stay.owner for stay in foreign if stay.pop}
    if not owners and not any(match.links for match in matches):
        owners = _outermost(foreign)
    kept = tuple(match for match in matches if not match.stay or match.stay.owner in owners)
    left = Counter(stay.owner[1:] for stay in foreign if stay.owner not in owners)
    others = (OtherList(name, function, n) for (function, name), n in left.items())
    return kept, tuple(others)


def _outermost(found: Iterable[Stay]) -> set[Owner]:
    """The lists of the block that is called first: the model's own, if it keeps any."""
    depths = {stay.owner: stay.owner[0].count(".") + bool(stay.owner[0]) for stay in found}
    return {owner for owner, depth in depths.items() if depth == min(depths.values())}


def _places(found: Sequence[Stay]) -> dict[str, list[int]]:
    """For each tensor the numbers of its stays."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, stay in enumerate(found):
        for name in _tensors(stay):
            places[name].append(number)
    return dict(places)


def _tensors(stay: Stay) -> set[str]:
    return {event.value.name for event in stay.events}


def _names(trace: Trace, link: SkipLink) -> list[str]:
    """The names that a skip may have on a list: as it left its block, or as it was joined."""
    operands = trace.steps[link.popped].inputs
    return [link.value.name, *(value.name for value in operands if value != link.joined)]


def _best(
    found: Sequence[Stay], candidates: Sequence[int], taken: dict[int, list[SkipLink]]
) -> int:
    """The stay that a skip is: on the list that held it longest, the first to be popped."""
    longest = min(candidates, key=lambda number: _rank(found[number]))
    same = [number for number in candidates if found[number].owner == found[longest].owner]
    return min(same, key=lambda number: (len(taken.get(number, ())), _end(found[number])))


def _rank(stay: Stay) -> tuple[bool, bool, bool, int]:
    start = stay.push.step if stay.push else FOREVER
    return stay.pop is None, stay.push is None, stay.handed_over, start - _end(stay)


def _end(stay: Stay) -> int:
    return stay.pop.step if stay.pop else FOREVER
