"""The two witnesses, the data flow and the observed lists, brought together in one ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracer.record import Trace
from tracer.skip_links import SkipLink, skips
from tracer.stack_events import StackEvent, stack
from tracer.stack_ledger.entries import Entry, Ledger, Moment
from tracer.stack_ledger.matches import Match, matched, on_stacks
from tracer.stack_ledger.pairs import stays
from tracer.stack_ledger.playback import Count, Key, Wait, playback

UNSEEN = -1
"""Sorts what no line was seen doing before the events of the same step."""


def ledger(trace: Trace) -> Ledger:
    """The ledger of a trace."""
    return reconciled(trace, stack(trace), skips(trace))


def reconciled(trace: Trace, events: Sequence[StackEvent], links: Iterable[SkipLink]) -> Ledger:
    """The ledger that these events and these skips of a trace make."""
    kept, others = on_stacks(matched(trace, stays(events), links))
    order = {id(event): number for number, event in enumerate(events)}
    entries = sorted(
        ((_wait(match, order), match) for match in kept if match.links or match.pushed),
        key=lambda pair: pair[0].start,
    )
    played_back = playback([wait for wait, _ in entries])
    return Ledger(
        entries=tuple(
            _entry(trace, match, now)
            for (_, match), now in zip(entries, played_back.counts, strict=True)
        ),
        last_in_first_out=played_back.last_in_first_out,
        others=others,
    )


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


def _key(event: StackEvent, order: dict[int, int]) -> Key:
    return event.step, order[id(event)]


def _entry(trace: Trace, match: Match, now: Count) -> Entry:
    pushed, popped = match.pushed, match.popped
    return Entry(
        value=match.value,
        stack=match.stay.owner[-1] if match.stay else "",
        pushed=_pushed(trace, match),
        popped=_popped(trace, match),
        joins=match.links,
        depth=pushed.depth if pushed else now.depth,
        held=now.held,
        changed=bool(pushed and popped and pushed.value != popped.value),
    )


def _pushed(trace: Trace, match: Match) -> Moment:
    """Where the tensor was put aside; where it was made when no push was seen."""
    if match.pushed:
        block = match.links[0].source if match.links else _maker(trace, match.pushed)
        return _seen(match.pushed, block)
    return _unseen(trace, match.links[0].pushed, match.links[0].source)


def _popped(trace: Trace, match: Match) -> Moment | None:
    """Where the tensor was taken back; where it was joined last when no pop was seen."""
    if match.popped:
        return _seen(match.popped, match.links[-1].target if match.links else None)
    if match.links:
        return _unseen(trace, match.links[-1].popped, match.links[-1].target)
    return None


def _seen(event: StackEvent, block: str | None) -> Moment:
    return Moment(event.step, block, event.file, event.line, seen=True)


def _unseen(trace: Trace, number: int, block: str) -> Moment:
    if number < 0:  # an input of the model: no step made it
        return Moment(0, block, None, None, seen=False)
    step = trace.steps[number]
    return Moment(number + 1, block, step.file, step.line, seen=False)


def _maker(trace: Trace, event: StackEvent) -> str | None:
    """The outermost block that had put out a pushed tensor by then; None for an input."""
    for block in trace.root.walk():
        if event.value in block.outputs and block.last <= event.step:
            return block.call
    number = trace.producers.get(event.value.name)
    return None if number is None else trace.steps[number].block
