"""The two witnesses, the data flow and the observed lists, brought together in one ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tracer.analysis.skips import SkipLink, skips
from tracer.analysis.stack.depth_and_bytes import Count, PushKey, Wait, playback
from tracer.analysis.stack.events_in_source import ListHistory
from tracer.analysis.stack.ledger import Ledger, LedgerEntry, OtherList
from tracer.analysis.stack.list_owners import outermost, strangers
from tracer.analysis.stack.match_skips import Match, matched
from tracer.analysis.stack.push_pop_pairs import stays
from tracer.analysis.stack_events import Owner, StackEvent, stack
from tracer.record import Trace, once_per_trace

UNSEEN = -1
"""Sorts what no line was seen doing before the events of the same step."""


@once_per_trace
def ledger(trace: Trace) -> Ledger:
    """The ledger of a trace."""
    return reconciled(trace, stack(trace), skips(trace))


def reconciled(trace: Trace, events: Sequence[StackEvent], links: Iterable[SkipLink]) -> Ledger:
    """The ledger that these events and these skips of a trace make."""
    matches = matched(stays(events), links)
    stacks = _stacks(matches)
    told = [match for match in matches if not match.stay or match.stay.owner in stacks]
    order = {id(event): number for number, event in enumerate(events)}
    waits = [(_wait(match, order), match) for match in told if match.links or match.pushed]
    waits.sort(key=lambda pair: pair[0].start)
    played = playback([wait for wait, _ in waits])
    witness = ListHistory(trace, events)
    return Ledger(
        entries=tuple(
            _entry(witness, match, now)
            for (_, match), now in zip(waits, played.counts, strict=True)
        ),
        last_in_first_out=played.last_in_first_out,
        others=_others(matches, stacks),
    )


def _stacks(matches: Sequence[Match]) -> set[Owner]:
    """The lists that are told of.

    A list is a stack of skips when the data flow says so, or when it was pushed and popped like
    one; but not when its tensors only pass through it, and are on another stack as well. Where
    neither is so, as in a model that failed half-way, it is the outermost list.
    """
    found = [match.stay for match in matches if match.stay]
    if not any(match.links for match in matches):
        return outermost(found)
    stacks = {match.stay.owner for match in matches if match.stay and match.links}
    return stacks | {stay.owner for stay in strangers(found, stacks) if stay.whole}


def _others(matches: Sequence[Match], stacks: set[Owner]) -> tuple[OtherList, ...]:
    """The lists that are not told of, by name and function; the calls of a function together."""
    found = strangers((match.stay for match in matches if match.stay), stacks)
    pushes = Counter((stay.owner[2], stay.owner[1]) for stay in found)
    return tuple(OtherList(name, function, number) for (name, function), number in pushes.items())


def _wait(match: Match, order: dict[int, int]) -> Wait:
    """From when to when the tensor waits; by the joins where no pop was seen."""
    pushed, popped, links = match.pushed, match.popped, match.links
    start = _key(pushed, order) if pushed else (links[0].pushed + 1, UNSEEN)
    end = (links[-1].popped + 1, UNSEEN) if links else None
    end = _key(popped, order) if popped else end
    if end and start >= end:
        # a line is seen when it is done, and what it called may have used the tensor by then
        start = end[0], end[1] - 1
    return Wait(match.stay.owner if match.stay else None, start, end, match.value)


def _key(event: StackEvent, order: dict[int, int]) -> PushKey:
    return event.step, order[id(event)]


def _entry(witness: ListHistory, match: Match, now: Count) -> LedgerEntry:
    pushed, popped = match.pushed, match.popped
    return LedgerEntry(
        value=match.value,
        stack=match.stay.owner[-1] if match.stay else "",
        pushed=witness.pushed(match),
        popped=witness.popped(match),
        joins=match.links,
        depth=pushed.depth if pushed else now.depth,
        held=now.held,
        changed=bool(pushed and popped and pushed.value != popped.value),
    )
