"""Which pop took back which push: the stays of tensors on the local lists of a model.

A list may be handed to another function and be emptied there, under another name; a tensor may be
changed in place while it waits, and come back as another value. Both are paired nevertheless.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from tracer.record import Value
from tracer.stack_events import StackEvent

Owner = tuple[str, str, str]
"""What tells one list from another: the block call, the function and the name of the variable."""


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
        return owner(self.events[0])

    @property
    def events(self) -> tuple[StackEvent, ...]:
        """The push and the pop, as far as they were seen."""
        return tuple(event for event in (self.push, self.pop) if event)

    @property
    def whole(self) -> bool:
        """Whether it was pushed on this list and popped from it, not from another."""
        return self.push is not None and self.pop is not None and owner(self.pop) == self.owner

    @property
    def tensors(self) -> set[str]:
        """The names of the value that was pushed and of that which was popped."""
        return {event.value.name for event in self.events}


def owner(event: StackEvent) -> Owner:
    """The list that an event happened to."""
    return event.block, event.function, event.name


def stays(events: Iterable[StackEvent]) -> tuple[Stay, ...]:
    """The stays on all lists; those of one list in the order of its pushes."""
    lists: dict[Owner, list[StackEvent]] = defaultdict(list)
    for event in events:
        lists[owner(event)].append(event)
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
    waiting: list[int] = []  # where in `found` the tensors on the list are
    to_come = Counter(event.value.name for event in events if event.kind == "pop")
    for event in events:
        if event.kind == "push":
            if event.depth == 1:  # it was empty: the function was called again
                waiting.clear()
            waiting.append(len(found))
            found.append(Stay(event, None))
            continue
        to_come[event.value.name] -= 1
        place = _place_of(event.value, [found[n] for n in waiting], to_come)
        if place is None:
            found.append(Stay(None, event))
        else:
            number = waiting.pop(place)
            found[number] = replace(found[number], pop=event)
    return found


def _place_of(value: Value, waiting: Sequence[Stay], to_come: Counter[str]) -> int | None:
    """Which of the tensors that wait is popped as `value`, the topmost first.

    One that nobody will pop under its own name, and that has the same shape, was changed in place.
    """
    pushed = [stay.push.value for stay in waiting if stay.push]
    same = (n for n in reversed(range(len(pushed))) if pushed[n] == value)
    changed = (
        n
        for n in reversed(range(len(pushed)))
        if not to_come[pushed[n].name] and pushed[n].shape == value.shape
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
