"""Skip connections, found in the data flow of a trace alone.

A skip is an operand of a join (cat, add) that another operand of the same join was computed from,
by way of at least one other block. No list is looked for, so it works on any model.

An addition is a skip only if *every* way from it to the other operand leads through a lower
resolution; any other addition is a residual connection. What was done to a value on its way to the
join is looked through, back to the last join before: a crop, a pad or a scale as it is; weights
or a gate only if the other operand came through a lower resolution, or two branches of one block
would be skips of each other. The main path is never a skip: where every operand could be one, the
likeliest are.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from tracer.record import Block, Dim, Step, Trace, Value

Join = Literal["cat", "add"]
Size = tuple[Dim, ...]

JOINS: dict[str, Join] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), "cat"),
    **dict.fromkeys(("add", "add_", "radd", "iadd"), "add"),
}

FEATURE_MAP_RANK = 3
"""Batch, channels and at least one axis of space; an embedding (B, C) is not a feature map."""


@dataclass(frozen=True, slots=True)
class SkipLink:
    """One skip: a value that leaves `source`, waits, and joins the main path before `target`.

    `source` and `target` are block calls. `joined` is the other operand, `result` what the join put
    out. `pushed` and `popped` are step numbers: the step that made the value (-1 for an input of
    the model), the step that joined it. `via` names what was done to the value on the way
    (``"pad"``), nearest to the join last.
    """

    source: str
    target: str
    value: Value
    joined: Value
    result: Value
    join: Join
    pushed: int
    popped: int
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may be the skip of a join: one of its operands, or what that was made from.

    `plain` says that nothing was done to it on the way but to move, cut or scale it, `weighted`
    that it went through weights.
    """

    value: Value
    operand: Value
    join: int
    block: str
    size: Size
    via: tuple[str, ...] = ()
    plain: bool = True
    weighted: bool = False


def skips(trace: Trace) -> tuple[SkipLink, ...]:
    """Every skip connection of a trace, in the order of the joins."""
    candidates = [
        candidate
        for number, step in enumerate(trace.steps)
        if step.op in JOINS
        for candidate in _candidates(trace, number)
    ]
    found = list(_found(trace, candidates))
    ends = Ends(trace)
    return tuple(ends.link(one) for one in found if not _is_part_of_another(trace, one, found))


def _is_part_of_another(trace: Trace, one: Found, all_found: list[Found]) -> bool:
    """Whether a join only prepares a value for a later one, as the sum inside a gate does."""
    result = trace.steps[one.candidate.join].outputs[0]
    return any(
        result.name in _made_of(trace, later.candidate, one.candidate.join)
        for later in all_found
        if later.candidate.value == one.candidate.value
        and later.candidate.join > one.candidate.join
        and not later.candidate.plain
    )


def _made_of(trace: Trace, candidate: Candidate, first: int) -> set[str]:
    """The names of all values since step `first` that the operand of a candidate was made from."""
    seen: set[str] = set()
    waiting = [candidate.operand.name]
    while waiting:
        name = waiting.pop()
        number = trace.producers.get(name, -1)
        if name not in seen and number >= first:
            seen.add(name)
            waiting += [value.name for value in trace.steps[number].inputs]
    return seen


def _candidates(trace: Trace, number: int) -> Iterator[Candidate]:
    """The feature maps that one join joins, each followed back, nearest first."""
    join = trace.steps[number]
    for operand in dict.fromkeys(join.inputs):
        if len(operand.shape) < FEATURE_MAP_RANK:
            continue
        size = join.outputs[0].shape[2:]
        waiting = deque([Candidate(operand, operand, number, join.block, size)])
        seen = {operand.name}
        while waiting:
            candidate = waiting.popleft()
            yield candidate
            for before in _before(trace, candidate):
                if before.value.name not in seen:
                    seen.add(before.value.name)
                    waiting.append(before)


def _before(trace: Trace, candidate: Candidate) -> Iterator[Candidate]:
    """The candidates that one was made from by a single step.

    An addition ends the way back, and so does a concatenation, unless all of it is what is joined.
    """
    number = trace.producers.get(candidate.value.name)
    step = None if number is None else trace.steps[number]
    if step is None or (step.op in JOINS and (JOINS[step.op] == "add" or candidate.weighted)):
        return
    plain = candidate.plain and not step.weights and len(set(step.inputs)) == 1
    done = replace(
        candidate,
        via=(step.op, *candidate.via),
        plain=plain,
        weighted=candidate.weighted or bool(step.weights),
    )
    for value in step.inputs:
        size = value.shape[2:]
        if len(value.shape) >= FEATURE_MAP_RANK and not _is_coarser(size, candidate.size):
            yield replace(done, value=value)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that proved to be a skip, and the operand that was computed from it."""

    candidate: Candidate
    other: Value
    by_coarser: bool


def _found(trace: Trace, candidates: list[Candidate]) -> Iterator[Found]:
    """The candidates that are skips, in the order of the joins."""
    by_join: defaultdict[int, list[int]] = defaultdict(list)
    for bit, candidate in enumerate(candidates):
        by_join[candidate.join].append(bit)
    reach = Reach(candidates)
    for number, step in enumerate(trace.steps):
        if number in by_join:
            yield from _of_join(step, by_join[number], reach)
        reach.pass_step(step)


def _of_join(join: Step, bits: list[int], reach: Reach) -> list[Found]:
    """The skips of one join: of each operand the nearest, and never all operands."""
    nearest: dict[str, Found] = {}
    for bit in bits:
        operand = reach.candidates[bit].operand.name
        if operand not in nearest:
            found = reach.found(bit, join)
            if found is not None:
                nearest[operand] = found
    skips = list(nearest.values())
    if len(skips) == len({value.name for value in join.inputs}):
        skips.remove(min(skips, key=lambda found: (found.by_coarser, found.candidate.plain)))
    return skips + _beside(join, bits, skips, reach)


def _beside(join: Step, bits: list[int], skips: list[Found], reach: Reach) -> list[Found]:
    """What a concatenation takes in beside its skips, but for the main path, which comes last.

    So a dense UNet is wired: a node takes in the nodes before it on its level, of which only the
    first leads to the level below.
    """
    taken = {found.candidate.operand.name for found in skips}
    left = [
        candidate
        for candidate in map(reach.candidates.__getitem__, bits)
        if candidate.value == candidate.operand
        and candidate.operand.name not in taken
        and candidate.operand.name in reach.order
    ]
    left.sort(key=lambda candidate: reach.order[candidate.operand.name])
    if not skips or JOINS[join.op] != "cat":
        return []
    return [Found(one, left[-1].operand, by_coarser=False) for one in left[:-1]]


class Reach:
    """Which candidates each value was computed from; a set of candidates is an int, a bit for each.

    One pass over the steps answers all the joins, whatever their number.
    """

    def __init__(self, candidates: list[Candidate]) -> None:
        self._starts: defaultdict[str, int] = defaultdict(int)
        self._in_block: defaultdict[str, int] = defaultdict(int)
        self._of_size: defaultdict[Size, int] = defaultdict(int)
        self.candidates = candidates
        for bit, candidate in enumerate(candidates):
            self._starts[candidate.value.name] |= 1 << bit
            self._in_block[candidate.block] |= 1 << bit
            self._of_size[candidate.size] |= 1 << bit
        self._any: dict[str, int] = {}
        """By the name of a value: the candidates that some path led from."""
        self._by_block: dict[str, int] = {}
        """The same, where a path led by way of another block than that of the join."""
        self._by_coarser: dict[str, int] = {}
        """The same, where a path led through a lower resolution than that of the join."""
        self._level: dict[str, int] = {}
        """The same, where a path never led through a lower resolution than that of the join."""
        self.order: dict[str, int] = {}
        """By the name of a value: how many came before it. An input of the model has no place."""
        self._coarser: dict[Size, int] = {}

    def found(self, bit: int, join: Step) -> Found | None:
        """The skip that a candidate is, by the paths that led from it to another operand."""
        candidate = self.candidates[bit]
        others = [value for value in join.inputs if value.name != candidate.operand.name]
        for other in others:
            by_coarser = bool(self._by_coarser.get(other.name, 0) >> bit & 1)
            by_block = bool(self._by_block.get(other.name, 0) >> bit & 1)
            level = bool(self._level.get(other.name, 0) >> bit & 1)
            leads = by_block if candidate.plain else by_coarser
            if leads and (JOINS[join.op] == "cat" or not level):
                return Found(candidate, other, by_coarser)
        return None

    def pass_step(self, step: Step) -> None:
        """Go over one step, from what it took in to what it put out."""
        some = by_block = by_coarser = level = 0
        for value in step.inputs:
            start = self._starts.get(value.name, 0)
            some |= self._any.get(value.name, 0) | start
            by_block |= self._by_block.get(value.name, 0)
            by_coarser |= self._by_coarser.get(value.name, 0)
            level |= self._level.get(value.name, 0) | start
        by_block |= some & ~self._in_block.get(step.block, 0)
        for value in step.outputs:
            coarser = self._coarser_than(value)
            self.order[value.name] = len(self.order)
            self._any[value.name] = some
            self._by_block[value.name] = by_block
            self._by_coarser[value.name] = by_coarser | some & coarser
            self._level[value.name] = level & ~coarser

    def _coarser_than(self, value: Value) -> int:
        """The candidates whose joins have a higher resolution than `value`."""
        size = value.shape[2:]
        found = self._coarser.get(size)
        if found is None:
            found = self._coarser[size] = sum(
                bits for other, bits in self._of_size.items() if _is_coarser(size, other)
            )
        return found


def _is_coarser(size: Size, other: Size) -> bool:
    numbers = [dim for dim in (*size, *other) if isinstance(dim, int)]
    comparable = len(size) == len(other) and len(numbers) == len(size) + len(other)
    return comparable and prod(numbers[: len(size)]) < prod(numbers[len(size) :])


class Ends:
    """The blocks at both ends of a skip: the outermost ones that do not also hold the join."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._makers: defaultdict[str, list[Block]] = defaultdict(list)
        self._takers: defaultdict[str, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.outputs:
                self._makers[value.name].append(block)
            for value in block.inputs:
                self._takers[value.name].append(block)
        self._users = {value.name: step for step in reversed(trace.steps) for value in step.inputs}

    def link(self, found: Found) -> SkipLink:
        """The link that a found skip is."""
        candidate = found.candidate
        step = self._trace.steps[candidate.join]
        return SkipLink(
            source=self._source(candidate),
            target=self._target(candidate.join, step),
            value=candidate.value,
            joined=found.other,
            result=step.outputs[0],
            join=JOINS[step.op],
            pushed=self._trace.producers.get(candidate.value.name, -1),
            popped=candidate.join,
            via=candidate.via,
        )

    def _source(self, candidate: Candidate) -> str:
        name = candidate.value.name
        block = _outermost(self._makers[name], candidate.join)
        if block is not None:
            return block
        number = self._trace.producers.get(name)
        return "" if number is None else self._trace.steps[number].block

    def _target(self, join: int, step: Step) -> str:
        """The first block that takes the joined value in, as it is or after some operations."""
        value: Value | None = step.outputs[0]
        while value is not None:
            block = _outermost(self._takers[value.name], join)
            if block is not None:
                return block
            user = self._users.get(value.name)
            value = user.outputs[0] if user and user.outputs and user.block == step.block else None
        return step.block


def _outermost(blocks: list[Block], join: int) -> str | None:
    """The first of `blocks`, which come outermost first, that did not run the join itself."""
    return next((block.call for block in blocks if not block.first <= join < block.last), None)
