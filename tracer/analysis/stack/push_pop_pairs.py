"""Which pop took back which push: the stays of tensors on the local lists of a model.

A list may be handed to another function and be emptied there, under another name; a tensor may be
changed in place while it waits, and come back as another value. Both are paired nevertheless.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from tracer.analysis.stack_events import Owner, StackEvent
from tracer.record import Value


@dataclass(frozen=True, slots=True)
class Stay:
    """One tensor on one list, from its push to its pop.

    `pop` is None when it never left. `push` is None when the list came from somewhere unseen.
    """

    push: StackEvent | None
    pop: StackEvent | None

    @property
    def owner(self) -> Owner:
        """The list that it was pushed on, or else popped from."""
        return self.events[0].owner

    @property
    def events(self) -> tuple[StackEvent, ...]:
        """The push and the pop, as far as they were seen."""
        return tuple(event for event in (self.push, self.pop) if event)

    @property
    def whole(self) -> bool:
        """Whether it was pushed on this list and popped from it, not from another."""
        return self.push is not None and self.pop is not None and self.pop.owner == self.owner

    @property
    def tensors(self) -> set[str]:
        """The names of the value that was pushed and of that which was popped."""
        return {event.value.name for event in self.events}


def stays(events: Iterable[StackEvent]) -> tuple[Stay, ...]:
    """The stays on all lists; those of one list in the order of its pushes."""
    lists: dict[Owner, list[StackEvent]] = defaultdict(list)
    for event in events:
        lists[event.owner].append(event)
    found = [stay for one in lists.values() for stay in _stays_on(list(_without_rearranging(one)))]
    return _handed_over(found)


def _without_rearranging(events: Iterable[StackEvent]) -> Iterator[StackEvent]:
    """The events without those of a line that took tensors off a list and put them back."""
    for _, of_line in groupby(events, key=lambda event: (event.file, event.line, event.step)):
        one_line = list(of_line)
        pushed, popped = (
            Counter(event.value.name for event in one_line if event.kind == kind)
            for kind in ("push", "pop")
        )
        for event in one_line:
            put_back = popped if event.kind == "push" else pushed
            if put_back[event.value.name]:
                put_back[event.value.name] -= 1
            else:
                yield event


def _stays_on(events: Sequence[StackEvent]) -> list[Stay]:
    """The stays on one list, played back event by event."""
    found: list[Stay] = []
    waiting: list[tuple[int, Value]] = []  # where in `found` a tensor on the list is
    to_come = Counter(event.value.name for event in events if event.kind == "pop")
    for event in events:
        if event.kind == "push":
            if event.depth == 1:  # it was empty: the function was called again
                waiting.clear()
            waiting.append((len(found), event.value))
            found.append(Stay(event, None))
            continue
        to_come[event.value.name] -= 1
        place = _place_of(event.value, waiting, to_come)
        if place is None:
            found.append(Stay(None, event))
        else:
            number, _ = waiting.pop(place)
            found[number] = replace(found[number], pop=event)
    return found


def _place_of(
    popped: Value, waiting: Sequence[tuple[int, Value]], to_come: Counter[str]
) -> int | None:
    """Which of the tensors that wait comes back as `popped`, the topmost first.

    One that nobody will pop under its own name, and that has the same shape, was changed in place.
    """
    from_the_top = range(len(waiting) - 1, -1, -1)
    same = (place for place in from_the_top if waiting[place][1] == popped)
    changed = (
        place
        for place in from_the_top
        if not to_come[waiting[place][1].name] and waiting[place][1].shape == popped.shape
    )
    return next(chain(same, changed), None)


def _handed_over(found: Sequence[Stay]) -> tuple[Stay, ...]:
    """The same, where a pop without a push and a push without a pop of one tensor are one stay."""
    orphans = {stay.pop.value.name: stay.pop for stay in found if stay.pop and not stay.push}
    joined: list[Stay] = []
    for stay in found:
        if stay.push and not stay.pop:
            joined.append(replace(stay, pop=orphans.pop(stay.push.value.name, None)))
        elif stay.push:
            joined.append(stay)
    return (*joined, *(Stay(None, orphan) for orphan in orphans.values()))
