"""Which pop returned which push, on the local lists of a model.

A list may be passed to another function and be emptied there, under another name; a tensor may be
changed in place while it is on the list, and come back as another value. Both are paired.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import groupby

from tracer.analysis.stack_events import Owner, StackEvent
from tracer.record import Dim, Value

NO_PUSH = -1


@dataclass(frozen=True, slots=True)
class PushPopPair:
    """One tensor on one list, from its push to its pop.

    `pop` is None if it never left. `push` is None if the list was made where no line was observed.
    `reads` are the lines that took the tensor and left it on the list. `replaced` says that the
    line that popped it put another tensor in its place.
    """

    push: StackEvent | None
    pop: StackEvent | None
    reads: tuple[StackEvent, ...] = ()
    replaced: bool = False

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
    """Return the pairs of all lists, with their reads; those of one list in push order."""
    by_list: dict[Owner, list[StackEvent]] = defaultdict(list)
    reads: dict[str, list[StackEvent]] = defaultdict(list)
    for event in events:
        if event.kind == "read":
            reads[event.value.name].append(event)
        else:
            by_list[event.owner].append(event)
    pairs = [
        pair
        for of_list in by_list.values()
        for pair in _pairs_of_list(list(_without_rearranging(of_list)))
    ]
    return tuple(_with_reads(pair, reads) for pair in _across_lists(pairs))


def _with_reads(pair: PushPopPair, reads: dict[str, list[StackEvent]]) -> PushPopPair:
    """The pair with what was read of its tensor while it was on the list, on whichever list."""
    if pair.push is None or pair.push.value.name not in reads:
        return pair
    first, last = pair.push.step, pair.pop.step if pair.pop else None
    found = [one for one in reads[pair.push.value.name] if first <= one.step]
    return replace(pair, reads=tuple(one for one in found if last is None or one.step <= last))


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
    later_pops = Counter(event.value.name for event in events if event.kind == "pop")
    places = {_place(event, event.depth) for event in events if event.kind == "push"}
    on_list = OpenPushes(later_pops)
    for event in events:
        if event.kind == "push":
            if event.depth == 1:  # it was empty: the function was called again
                on_list = OpenPushes(later_pops)
            on_list.push(len(pairs), event.value)
            pairs.append(PushPopPair(event, None))
            continue
        later_pops[event.value.name] -= 1
        number = on_list.pop(event.value)
        if number is None:
            pairs.append(PushPopPair(None, event))
        else:
            replaced = _place(event, event.depth + 1) in places
            pairs[number] = replace(pairs[number], pop=event, replaced=replaced)
    return pairs


def _place(event: StackEvent, depth: int) -> tuple[str, int, int, int]:
    """The execution of a line, and a place on the list."""
    return event.file, event.line, event.step, depth


class OpenPushes:
    """The tensors on one list, by the numbers of their pairs: a later push has a higher number.

    Args:
        later_pops: How often each tensor is still popped under its own name.
    """

    def __init__(self, later_pops: Mapping[str, int]) -> None:
        self._later_pops = later_pops
        self._on_list: set[int] = set()
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._never_popped: dict[tuple[Dim, ...], list[int]] = defaultdict(list)
        """By shape, heaps of the negative numbers: the topmost is first."""

    def push(self, number: int, value: Value) -> None:
        """Put a tensor on the list."""
        self._on_list.add(number)
        self._by_name[value.name].append(number)
        if not self._later_pops[value.name]:
            heappush(self._never_popped[value.shape], -number)

    def pop(self, popped: Value) -> int | None:
        """Take off the tensor that comes back as `popped`, the topmost first; return its number.

        A tensor of the same shape that is never popped under its own name was changed in place.
        """
        numbers, never_popped = self._by_name[popped.name], self._never_popped[popped.shape]
        if not self._later_pops[popped.name]:
            for one in numbers:
                heappush(never_popped, -one)
        if numbers:
            number = numbers.pop()
        else:
            changed = (-heappop(never_popped) for _ in range(len(never_popped)))
            number = next((one for one in changed if one in self._on_list), NO_PUSH)
        if number not in self._on_list:
            return None
        self._on_list.remove(number)
        return number


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
