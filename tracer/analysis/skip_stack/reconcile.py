"""Brings the skips of the data flow and the observed lists together in one ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tracer.algebra.substitute import resize
from tracer.analysis.skip_stack.depth_and_bytes import (
    EventTime,
    StackInterval,
    StackState,
    stack_history,
)
from tracer.analysis.skip_stack.events_in_source import EventLocator
from tracer.analysis.skip_stack.failed_join import matches_of_failed_join
from tracer.analysis.skip_stack.ledger_entries import Ledger, LedgerEntry, OtherList
from tracer.analysis.skip_stack.list_owners import outermost_lists, pairs_on_other_lists
from tracer.analysis.skip_stack.match_skips import SkipMatch, match_links
from tracer.analysis.skip_stack.push_pop_pairs import pair_pushes_and_pops
from tracer.analysis.skips import SkipLink, skips
from tracer.analysis.skips.resolution import resolutions
from tracer.analysis.stack_events import Owner, StackEvent, list_reads, pushes_of_tensors, stack
from tracer.record import Step, Trace, once_per_trace

BEFORE_EVENTS = -1
"""Sorts what no line was observed to do before the events after the same step."""


@once_per_trace
def ledger(trace: Trace) -> Ledger:
    """Return the skip stack of a trace: each tensor that was pushed or joined as a skip."""
    links = skips(trace)
    pushes_and_pops = (*stack(trace), *_pushes_on_whole_lists(trace, links))
    events = sorted((*pushes_and_pops, *list_reads(trace)), key=lambda event: event.step)
    return build_ledger(trace, without_tables(trace, events), links)


def build_ledger(trace: Trace, events: Sequence[StackEvent], links: Iterable[SkipLink]) -> Ledger:
    """Return the ledger of a trace from its stack events and its skips.

    Args:
        trace: The trace that both are from.
        events: The observed pushes, pops and reads. Without any, the skips alone make the ledger.
        links: The skips of the trace.
    """
    matches = match_links(pair_pushes_and_pops(events), links)
    stacks = _stacks(matches)
    on_stacks = [one for one in matches if not one.pair or one.pair.owner in stacks]
    order = {id(event): number for number, event in enumerate(events)}
    rows = [(_interval(one, order), one) for one in on_stacks if one.links or one.push]
    rows.sort(key=lambda row: row[0].start)
    history = stack_history([interval for interval, _ in rows])
    locator = EventLocator(trace, events, [match for _, match in rows])
    failed = matches_of_failed_join(trace, [match for _, match in rows])
    return Ledger(
        entries=tuple(
            _entry(locator, match, state, trace.failed if match in failed else None)
            for (_, match), state in zip(rows, history.states, strict=True)
        ),
        last_in_first_out=history.last_in_first_out,
        others=_others(matches, stacks),
        failed=trace.failed,
    )


def _pushes_on_whole_lists(trace: Trace, links: Iterable[SkipLink]) -> Iterator[StackEvent]:
    """The pushes of lists that a single line made whole, if they alone show a skip."""
    tensors = {
        value.name for link in links if not link.in_data_flow for value in (link.value, *link.path)
    }
    tensors -= {event.value.name for event in stack(trace)}
    pushes = list(pushes_of_tensors(trace)) if tensors else []
    owners = {event.owner for event in pushes if event.value.name in tensors}
    yield from (event for event in pushes if event.owner in owners)


def without_tables(trace: Trace, events: Sequence[StackEvent]) -> list[StackEvent]:
    """Return the events without those of tables, which were computed from no input of the model."""
    numbers = resize(trace) if trace.symbols else trace
    tables = trace.producers.keys() - resolutions(numbers).from_inputs
    return [event for event in events if event.value.name not in tables]


def _stacks(matches: Sequence[SkipMatch]) -> set[Owner]:
    """The lists that are stacks of skips.

    A list is one if the data flow joins its tensors, or if it was pushed and popped like one; but
    not if its tensors only pass through it and are on another stack as well. If there is neither,
    as in a model that failed half-way, the outermost list counts.
    """
    pairs = [match.pair for match in matches if match.pair]
    if not any(match.links for match in matches):
        return outermost_lists(pairs)
    stacks = {match.pair.owner for match in matches if match.pair and match.links}
    others = pairs_on_other_lists(pairs, stacks)
    return stacks | {pair.owner for pair in others if pair.is_complete}


def _others(matches: Sequence[SkipMatch], stacks: set[Owner]) -> tuple[OtherList, ...]:
    """The lists that are no stacks, by name and function; the calls of a function together."""
    pairs = pairs_on_other_lists((match.pair for match in matches if match.pair), stacks)
    pushes = Counter((pair.owner[2], pair.owner[1]) for pair in pairs)
    return tuple(OtherList(name, function, number) for (name, function), number in pushes.items())


def _interval(match: SkipMatch, order: dict[int, int]) -> StackInterval:
    """When the tensor is on the stack; until its last join if no pop was observed."""
    push, pop, links = match.push, match.pop, match.links
    start = _time(push, order) if push else (links[0].pushed + 1, BEFORE_EVENTS)
    end = (links[-1].popped + 1, BEFORE_EVENTS) if links else None
    end = _time(pop, order) if pop else end
    if end and start >= end:
        # a line is recorded when it is done, and what it called may have used the tensor by then
        start = end[0], end[1] - 1
    return StackInterval(match.pair.owner if match.pair else None, start, end, match.value)


def _time(event: StackEvent, order: dict[int, int]) -> EventTime:
    return event.step, order[id(event)]


def _entry(
    locator: EventLocator, match: SkipMatch, state: StackState, failed: Step | None
) -> LedgerEntry:
    push, pop = match.push, match.pop
    popped = locator.pop_moment(match) if failed is None else locator.failed_moment(match, failed)
    return LedgerEntry(
        value=match.value,
        stack=match.pair.owner[-1] if match.pair else "",
        pushed=locator.push_moment(match),
        popped=popped,
        joins=match.links,
        depth=push.depth if push else state.depth,
        total_bytes=state.total_bytes,
        changed=bool(push and pop and push.value != pop.value),
        taken=match.taken if failed is None else "failed",
        source_differs=locator.source_differs(match),
    )
