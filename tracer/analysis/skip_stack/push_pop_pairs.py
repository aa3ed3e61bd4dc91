"""Which pop returned which push, on the local lists of a model.

A list may be passed to another function and be emptied there, under another name; a tensor may be
changed in place while it is on the list, and come back as another value. Both are paired.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from tracer.analysis.stack_events import Owner, StackEvent
from tracer.record import Value


@dataclass(frozen=True, slots=True)
class PushPopPair:
    """One tensor on one list, from its push to its pop.

    `pop` is None if it never left. `push` is None if the list was made where no line was observed.
    """

    push: StackEvent | None
    pop: StackEvent | None

    @property
    def owner(self) -> Owner:
        """The list that it was pushed on, or else popped from."""
        return self.events[0].owner

    @property
    def events(self) -> tuple[StackEvent, ...]:
        """The push and the pop, as far as they were observed."""
        return tuple(event for event in (self.push, self.pop) if event)

    @property
    def is_complete(self) -> bool:
        """Whether it was pushed on this list and popped from it, not from another."""
        return self.push is not None and self.pop is not None and self.pop.owner == self.owner

    @property
    def tensors(self) -> set[str]:
        """The names of the value that was pushed and of the one that was popped."""
        return {event.value.name for event in self.events}


def pair_pushes_and_pops(events: Iterable[StackEvent]) -> tuple[PushPopPair, ...]:
    """Return the pairs of all lists; those of one list in the order of its pushes."""
    by_list: dict[Owner, list[StackEvent]] = defaultdict(list)
    for event in events:
        by_list[event.owner].append(event)
    pairs = [
        pair
        for of_list in by_list.values()
        for pair in _pairs_of_list(list(_without_rearranging(of_list)))
    ]
    return _across_lists(pairs)


def _without_rearranging(events: Iterable[StackEvent]) -> Iterator[StackEvent]:
    """The events, except for those of a line that popped tensors and pushed them back."""
    for _, of_line in groupby(events, key=lambda event: (event.file, event.line, event.step)):
        one_line = list(of_line)
        pushes, pops = (
            Counter(event.value.name for event in one_line if event.kind == kind)
            for kind in ("push", "pop")
        )
        for event in one_line:
            opposite = pops if event.kind == "push" else pushes
            if opposite[event.value.name]:
                opposite[event.value.name] -= 1
            else:
                yield event


def _pairs_of_list(events: Sequence[StackEvent]) -> list[PushPopPair]:
    """The pairs of one list, from its events in order."""
    pairs: list[PushPopPair] = []
    on_list: list[tuple[int, Value]] = []  # the number of the pair of each tensor on the list
    later_pops = Counter(event.value.name for event in events if event.kind == "pop")
    for event in events:
        if event.kind == "push":
            if event.depth == 1:  # it was empty: the function was called again
                on_list.clear()
            on_list.append((len(pairs), event.value))
            pairs.append(PushPopPair(event, None))
            continue
        later_pops[event.value.name] -= 1
        position = _position(event.value, on_list, later_pops)
        if position is None:
            pairs.append(PushPopPair(None, event))
        else:
            number, _ = on_list.pop(position)
            pairs[number] = replace(pairs[number], pop=event)
    return pairs


def _position(
    popped: Value, on_list: Sequence[tuple[int, Value]], later_pops: Counter[str]
) -> int | None:
    """Which of the tensors on the list comes back as `popped`, the topmost first.

    A tensor of the same shape that is never popped under its own name was changed in place.
    """
    from_the_top = range(len(on_list) - 1, -1, -1)
    same = (position for position in from_the_top if on_list[position][1] == popped)
    changed = (
        position
        for position in from_the_top
        if not later_pops[on_list[position][1].name] and on_list[position][1].shape == popped.shape
    )
    return next(chain(same, changed), None)


def _across_lists(pairs: Sequence[PushPopPair]) -> tuple[PushPopPair, ...]:
    """The pairs, where a push without a pop and a pop without a push of one tensor are made one."""
    lone_pops = {pair.pop.value.name: pair.pop for pair in pairs if pair.pop and not pair.push}
    joined: list[PushPopPair] = []
    for pair in pairs:
        if pair.push and not pair.pop:
            joined.append(replace(pair, pop=lone_pops.pop(pair.push.value.name, None)))
        elif pair.push:
            joined.append(pair)
    return (*joined, *(PushPopPair(None, pop) for pop in lone_pops.values()))
