"""Joins that look like those of skips, and are none: see `without_excluded`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from tracer.analysis.operations import traits
from tracer.analysis.skips.candidate_sets import (
    EMPTY,
    CandidateNumbers,
    CandidateSet,
    SetOperations,
)
from tracer.analysis.skips.skip_candidate import SkipCandidate
from tracer.record import Block, Step, Trace, Value


def without_excluded(trace: Trace, found: Sequence[SkipCandidate]) -> list[SkipCandidate]:
    """Return the skips, without residual connections around a UNet and joins that only prepare.

    Args:
        trace: The trace.
        found: The skips of all its joins, in the order of the joins.
    """
    of_block: dict[str, list[SkipCandidate]] = defaultdict(list)
    for one in found:
        of_block[one.candidate.block].append(one)
    residuals = {
        one.candidate.number
        for call, skips in of_block.items()
        for one in _residuals_of_unet(trace, trace.blocks[call], skips)
    }
    rest = [one for one in found if one.candidate.number not in residuals]
    preparing = _preparing_others(trace, rest)
    return [one for one in rest if one.candidate.number not in preparing]


def _residuals_of_unet(
    trace: Trace, block: Block, skips: Sequence[SkipCandidate]
) -> Iterator[SkipCandidate]:
    """The skips of a block that add its input to its output, after it joined at that resolution.

    If it made those skips itself, the block is a UNet of its own, and the addition is the residual
    connection around it. Otherwise it is a level of a decoder, and the addition joins another skip.
    """
    inputs, outputs = ({value.name for value in values} for values in (block.inputs, block.outputs))
    first_joins: dict[tuple[int, int], int] = {}
    for skip in skips:
        one = skip.candidate
        step = trace.steps[one.join]
        positions = one.positions.as_integer_ratio()
        if (
            block.call
            and _mode(step) == "sum"
            and one.value.name in inputs
            and step.outputs[0].name in outputs
            and first_joins.get(positions, one.join) < one.join
        ):
            yield skip
        if block.first <= trace.producers.get(one.value.name, -1):
            first_joins.setdefault(positions, one.join)


def _preparing_others(trace: Trace, found: Sequence[SkipCandidate]) -> set[int]:
    """The candidates whose join only prepares a value for a later skip of theirs, as a gate does.

    One pass finds for each value the joins of such candidates that it was computed from.
    """
    known = [one for one in found if one.candidate.weighted or _mode_of(trace, one) == "product"]
    numbers = CandidateNumbers(len(known))
    union = SetOperations(len(known)).union
    at_join: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(known):
        at_join[one.candidate.join].append(number)
    computed_from: dict[str, CandidateSet] = {}
    for number, step in enumerate(trace.steps if known else ()):
        sets = [computed_from[one.name] for one in step.inputs if one.name in computed_from]
        if number in at_join:
            sets.append(numbers.set_of(at_join[number]))
        if sets:
            computed_from.update(dict.fromkeys(_names(step.outputs), reduce(union, sets)))
    prepared: dict[str, CandidateSet] = defaultdict(lambda: EMPTY)
    for later in found:
        if later.candidate.next and later.operand.name in computed_from:
            name = later.candidate.value.name
            prepared[name] = union(prepared[name], computed_from[later.operand.name])
    return {
        one.candidate.number
        for number, one in enumerate(known)
        if numbers.holds(prepared[one.candidate.value.name], number)
    }


def _mode_of(trace: Trace, skip: SkipCandidate) -> str:
    return _mode(trace.steps[skip.candidate.join])


def _mode(join: Step) -> str:
    kind = traits(join.op).join
    return kind.mode if kind else ""


def _names(values: Iterable[Value]) -> Iterator[str]:
    return (value.name for value in values)
