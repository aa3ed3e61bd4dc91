"""The skips of a trace: the candidates that prove to be some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from tracer.record import Step, Trace
from tracer.resized import at
from tracer.skip_links.candidates import Candidate, Candidates
from tracer.skip_links.ends import Ends
from tracer.skip_links.link import JOINS, SkipLink
from tracer.skip_links.reach import Found, Reach


def skips(trace: Trace) -> tuple[SkipLink, ...]:
    """Every skip connection of a trace, in the order of the joins."""
    if trace.symbols:
        return _with_formulas(skips(at(trace)), trace)
    found = list(_found(trace, Candidates(trace)))
    ends = Ends(trace)
    return tuple(ends.link(one) for one in found if not _is_part_of_another(trace, one, found))


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
        )
        for link in links
    )


def _found(trace: Trace, candidates: Candidates) -> Iterator[Found]:
    by_join: defaultdict[int, list[int]] = defaultdict(list)
    for bit, candidate in enumerate(candidates.all):
        by_join[candidate.join].append(bit)
    reach = Reach(candidates)
    for number, step in enumerate(trace.steps):
        found = _of_join(step, by_join[number], reach) if number in by_join else []
        yield from found
        reach.pass_step(step, {one.candidate.operand.name for one in found})


def _of_join(join: Step, bits: list[int], reach: Reach) -> list[Found]:
    """The skips of one join: of each operand the nearest, and never all operands."""
    nearest: dict[str, Found] = {}
    passed: set[int] = set()
    for bit in bits:
        candidate = reach.candidates[bit]
        if candidate.operand.name in nearest or id(candidate.nearer) in passed:
            passed.add(id(candidate))
            continue
        found = reach.found(bit, join)
        if found is not None:
            nearest[candidate.operand.name] = found
        elif reach.leads(bit, join):
            passed.add(id(candidate))  # two branches begin here: behind it, all ways are theirs
    skips = list(nearest.values())
    if len(skips) == len({reach.candidates[bit].operand.name for bit in bits}):
        skips.remove(min(skips, key=lambda found: (found.by_coarser, found.candidate.plain)))
    return skips + _beside(join, bits, skips, reach)


def _beside(join: Step, bits: list[int], skips: list[Found], reach: Reach) -> list[Found]:
    """What a concatenation takes in beside its skips, but for the main path, which comes last.

    So a dense UNet is wired: a node takes in the nodes before it on its level, of which only the
    first leads to the level below.
    """
    if JOINS[join.op] != "cat" or not any(found.by_coarser for found in skips):
        return []
    taken = {found.candidate.operand.name for found in skips}
    left = [
        candidate
        for candidate in map(reach.candidates.__getitem__, bits)
        if candidate.value == candidate.operand
        and candidate.operand.name not in taken
        and candidate.operand.name in reach.order
    ]
    left.sort(key=lambda candidate: reach.order[candidate.operand.name])
    return [Found(one, left[-1].operand, by_coarser=False) for one in left[:-1]]


def _is_part_of_another(trace: Trace, one: Found, found: list[Found]) -> bool:
    """Whether a join only prepares a value for a later one, as the sum inside a gate does."""
    result = trace.steps[one.candidate.join].outputs[0]
    return one.candidate.weighted and any(
        result.name in _made_of(trace, later.candidate, one.candidate.join)
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
