"""Skip connections, found in the data flow of a trace alone.

A skip is an operand of a join (cat, add) that another operand of the same join was computed from,
by way of at least one other block. No list is looked for, so it works on any model.

An addition is a skip only if *every* way from it to the other operand leads through a lower
resolution; any other addition is a residual connection. What was done to a value on its way to the
join (a crop, a pad, a scale) is looked through, as long as it was done without weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

from tracer.record import Block, Dim, Step, Trace, Value

Join = Literal["cat", "add"]
Size = tuple[Dim, ...]

JOINS: dict[str, Join] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), "cat"),
    **dict.fromkeys(("add", "add_", "radd", "iadd"), "add"),
}


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
    """A value that may be the skip of a join: one of its operands, or what that was made from."""

    value: Value
    operand: Value
    join: int
    block: str
    size: Size
    via: tuple[str, ...]


def skips(trace: Trace) -> tuple[SkipLink, ...]:
    """Every skip connection of a trace, in the order of the joins."""
    candidates = [
        candidate
        for number, step in enumerate(trace.steps)
        if step.op in JOINS
        for candidate in _candidates(trace, number)
    ]
    ends = Ends(trace)
    return tuple(ends.link(*found) for found in _found(trace, candidates))


def _candidates(trace: Trace, number: int) -> Iterator[Candidate]:
    """The operands of one join that have a size, each followed back to where it was computed."""
    join = trace.steps[number]
    for operand in dict.fromkeys(join.inputs):
        if len(operand.shape) < 3:  # noqa: PLR2004 - (B, C): an embedding, not a feature map
            continue
        value: Value | None = operand
        via: tuple[str, ...] = ()
        while value is not None:
            size = join.outputs[0].shape[2:]
            yield Candidate(value, operand, number, join.block, size, via)
            value, via = _before(trace, value, via)


def _before(
    trace: Trace, value: Value, via: tuple[str, ...]
) -> tuple[Value | None, tuple[str, ...]]:
    """What `value` was made from by an operation without weights, on one tensor alone."""
    number = trace.producers.get(value.name)
    step = None if number is None else trace.steps[number]
    if step is None or step.weights or len(step.inputs) != 1:
        return None, via
    return step.inputs[0], (step.op, *via)


def _found(trace: Trace, candidates: list[Candidate]) -> Iterator[tuple[Candidate, Value]]:
    """Those candidates that the other operand of their join was computed from, and that operand."""
    by_join: defaultdict[int, list[int]] = defaultdict(list)
    for bit, candidate in enumerate(candidates):
        by_join[candidate.join].append(bit)
    reach = Reach(candidates)
    for number, step in enumerate(trace.steps):
        taken: set[str] = set()
        for bit in by_join.get(number, ()):
            candidate = candidates[bit]
            other = next((v for v in step.inputs if reach.leads(bit, v, JOINS[step.op])), None)
            if other is not None and candidate.operand.name not in taken:
                taken.add(candidate.operand.name)
                yield candidate, other
        reach.pass_step(step)


class Reach:
    """Which candidates each value was computed from; a set of candidates is an int, a bit for each.

    One pass over the steps answers all the joins, whatever their number.
    """

    def __init__(self, candidates: list[Candidate]) -> None:
        self._starts: defaultdict[str, int] = defaultdict(int)
        self._in_block: defaultdict[str, int] = defaultdict(int)
        self._of_size: defaultdict[Size, int] = defaultdict(int)
        for bit, candidate in enumerate(candidates):
            self._starts[candidate.value.name] |= 1 << bit
            self._in_block[candidate.block] |= 1 << bit
            self._of_size[candidate.size] |= 1 << bit
        self._any: dict[str, int] = {}
        """By the name of a value: the candidates that some path led from."""
        self._by_block: dict[str, int] = {}
        """The same, where a path led by way of another block than that of the join."""
        self._level: dict[str, int] = {}
        """The same, where a path never led through a lower resolution than that of the join."""
        self._coarser: dict[Size, int] = {}

    def leads(self, bit: int, value: Value, join: Join) -> bool:
        """Whether the path from a candidate to `value`, the other operand, makes it a skip."""
        by_block = self._by_block.get(value.name, 0) >> bit & 1
        level = self._level.get(value.name, 0) >> bit & 1
        return bool(by_block) and not (join == "add" and level)

    def pass_step(self, step: Step) -> None:
        """Go over one step, from what it took in to what it put out."""
        some = by_block = level = 0
        for value in step.inputs:
            start = self._starts.get(value.name, 0)
            some |= self._any.get(value.name, 0) | start
            by_block |= self._by_block.get(value.name, 0)
            level |= self._level.get(value.name, 0) | start
        by_block |= some & ~self._in_block.get(step.block, 0)
        for value in step.outputs:
            self._any[value.name] = some
            self._by_block[value.name] = by_block
            self._level[value.name] = level & ~self._coarser_than(value)

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

    def link(self, candidate: Candidate, other: Value) -> SkipLink:
        """The link of a candidate that was found to be a skip."""
        step = self._trace.steps[candidate.join]
        return SkipLink(
            source=self._source(candidate),
            target=self._target(candidate.join, step),
            value=candidate.value,
            joined=other,
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
