"""The skips of a trace: the candidates that prove to be some."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from tracer.algebra.substitute import at
from tracer.analysis.skips.candidates import Candidate, Candidates
from tracer.analysis.skips.endpoints import Ends
from tracer.analysis.skips.reachability import Reach
from tracer.analysis.skips.resolution import Resolutions, resolutions
from tracer.analysis.skips.skip_link import JOINS, SkipLink
from tracer.record import Step, Trace, Value, once_per_trace


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that proved to be a skip, and the operand that was computed from it."""

    candidate: Candidate
    other: Value
    by_coarser: bool


@once_per_trace
def skips(trace: Trace) -> tuple[SkipLink, ...]:
    """Every skip connection of a trace, in the order of the joins."""
    if trace.symbols:
        return _with_formulas(skips(at(trace)), trace)
    known = resolutions(trace)
    found = list(_Search(trace, known).all())
    ends = Ends(trace, known)
    return tuple(
        ends.link(one.candidate, one.other)
        for one in found
        if not _is_part_of_another(trace, one, found)
    )


def _with_formulas(links: tuple[SkipLink, ...], trace: Trace) -> tuple[SkipLink, ...]:
    """The links of a trace at its own sizes, with the values of the trace itself."""
    values = {value.name: value for value in trace.inputs}
    values |= {value.name: value for step in trace.steps for value in step.outputs}
    return tuple(
        replace(
            link,
            value=values[link.value.name],
            joined=values[link.joined.name],
            result=values[link.result.name],
            way=tuple(values[value.name] for value in link.way),
        )
        for link in links
    )


class _Search:
    """Goes through the steps once, and decides about the candidates of each join."""

    def __init__(self, trace: Trace, known: Resolutions) -> None:
        self._trace = trace
        self._candidates = Candidates(trace, known)
        self._reach = Reach(trace, self._candidates.all, known)
        self._joins: set[str] = set()
        """The names of the results of the joins so far that joined skips."""
        self._bits: dict[int, list[int]] = defaultdict(list)
        for bit, candidate in enumerate(self._candidates.all):
            self._bits[candidate.join].append(bit)

    def all(self) -> Iterator[Found]:
        for number, step in enumerate(self._trace.steps):
            found = self._of_join(step, self._bits[number]) if number in self._bits else []
            yield from found
            over = found if JOINS.get(step.op) != "mul" else []
            self._reach.pass_step(number, step, {one.candidate.operand.name for one in over})

    def _of_join(self, join: Step, bits: list[int]) -> list[Found]:
        """The skips of one join: of each operand the nearest, and never all operands.

        What was upsampled on its way is the skip of an operand only if nothing else is: a gate is
        brought to the size of what it weighs.
        """
        nearest: dict[str, Found] = {}
        passed: set[int] = set()
        for bit in sorted(bits, key=lambda bit: self._candidates.all[bit].raised):
            candidate = self._candidates.all[bit]
            if candidate.operand.name in nearest or self._is_behind(candidate, passed):
                passed.add(id(candidate))
                continue
            found = self._found(bit, join)
            if found is not None:
                nearest[candidate.operand.name] = found
            elif any(self._reach.to(other).some >> bit & 1 for other in self._others(candidate)):
                passed.add(id(candidate))  # two branches begin here: behind it, all ways are theirs
        skips = _without_branches(nearest.values())
        skips = [one for one in skips if not self._is_modulated(one, bits, join)]
        if len(skips) == len({self._candidates.all[bit].operand.name for bit in bits}):
            skips.remove(min(skips, key=_likeliness))
        skips += self._beside(join, bits, skips)
        if skips and JOINS[join.op] != "mul":  # a product may weigh a skip on its way
            self._joins.add(join.outputs[0].name)
        parts = self._candidates.joined.parts[self._candidates.all[bits[0]].join]
        return sorted(skips, key=lambda found: parts.index(found.candidate.operand))

    def _is_behind(self, candidate: Candidate, passed: set[int]) -> bool:
        """Whether the way to a candidate goes over one where it ends, or over another join."""
        nearer = candidate.nearer
        return nearer is not None and (id(nearer) in passed or nearer.value.name in self._joins)

    def _others(self, candidate: Candidate) -> list[Value]:
        parts = self._candidates.joined.parts[candidate.join]
        return [value for value in parts if value.name != candidate.operand.name]

    def _found(self, bit: int, join: Step) -> Found | None:
        """The skip that a candidate is, by the ways that led from it to another operand."""
        candidate, kind = self._candidates.all[bit], JOINS[join.op]
        if kind == "mul" and not (candidate.plain and candidate.value.name in self._reach.order):
            return None  # a map of weights, or the input under a mask
        for other in self._others(candidate):
            ways = self._reach.to(other)
            leads = ways.block if candidate.plain and kind != "stack" else ways.coarser
            if candidate.raised:
                leads = ways.low
            elif kind != "cat":
                leads &= ~ways.level
            if leads >> bit & 1:
                return Found(candidate, other, bool(ways.coarser >> bit & 1))
        return None

    def _is_modulated(self, one: Found, bits: list[int], join: Step) -> bool:
        """Whether an operand and what it is added to are two branches of one value at one level.

        A second origin of such a branch, a map that modulates it, is no skip.
        """
        if JOINS[join.op] == "cat" or not one.candidate.weighted:
            return False
        level = self._reach.to(one.other).level
        return any(
            level >> bit & 1
            for bit in bits
            if (candidate := self._candidates.all[bit]).operand == one.candidate.operand
            and not candidate.raised
        )

    def _beside(self, join: Step, bits: list[int], skips: list[Found]) -> list[Found]:
        """What a concatenation takes in beside its skips, but for the main path, which comes last.

        So a dense UNet is wired: a node takes in the nodes before it on its level, of which only
        the first leads to the level below. What comes up from a lower level is none of them.
        """
        if JOINS[join.op] != "cat" or not any(found.by_coarser for found in skips):
            return []
        taken = {found.candidate.operand.name for found in skips}
        order = self._reach.order
        behind = [self._candidates.all[bit] for bit in bits]
        left = [
            one
            for one in behind
            if one.value == one.operand and one.value.name not in taken and one.value.name in order
        ]
        left.sort(key=lambda one: order[one.value.name])
        raised = {one.operand.name for one in behind if one.raised}
        return [
            Found(one, left[-1].value, by_coarser=False)
            for one in left[:-1]
            if one.value.name not in raised
        ]


def _without_branches(found: Collection[Found]) -> list[Found]:
    """What is left without several ways with weights from one value, as a pyramid of poolings has.

    Those are the branches of one block.
    """
    ways = Counter(one.candidate.value for one in found if one.candidate.weighted)
    return [one for one in found if not one.candidate.weighted or ways[one.candidate.value] == 1]


def _likeliness(found: Found) -> tuple[bool, bool, bool]:
    """How likely an operand is a skip, and not the main path that comes up to meet it."""
    return not found.candidate.raised, found.by_coarser, found.candidate.plain


def _is_part_of_another(trace: Trace, one: Found, found: list[Found]) -> bool:
    """Whether a join only prepares a value for a later one, as what a gate does to it."""
    step = trace.steps[one.candidate.join]
    return (one.candidate.weighted or JOINS[step.op] == "mul") and any(
        step.outputs[0].name in _made_of(trace, later.candidate, one.candidate.join)
        for later in found
        if later.candidate.value == one.candidate.value
        and later.candidate.join > one.candidate.join
        and later.candidate.via
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
