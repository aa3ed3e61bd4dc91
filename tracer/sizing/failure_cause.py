"""Why a run failed, in the terms of the model, from the trace of it that ends at the failure.

Sizes that break a rule by the same remainder fail at the same operation: a UNet that halves a size
three times fails at its innermost join for 4 more, and at its outermost for 1 more. So there is one
cause for each kind of size: the greatest common divisor of its distance from the size that works
and the multiple of the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import gcd

from tracer.analysis.channel_mismatch import find_channel_mismatch
from tracer.analysis.shape_mismatch import ShapeMismatch, find_shape_mismatch
from tracer.analysis.size_rules import Cause, Rule
from tracer.analysis.skips import skips
from tracer.analysis.value_origin import StepLocation
from tracer.record import Trace
from tracer.sizing.runner import RunFailure, TracedRun
from tracer.sizing.sized_model import SizedModel

MOST_KINDS = 12
"""So many kinds of sizes are run; a multiple with more divisors is no power of two."""
MOST_TRIALS = 4
"""So many sizes of one kind are looked at for one that breaks the rule."""


def cause_of(run: TracedRun, size: int = 0, working: Trace | None = None) -> Cause:
    """What ended a run.

    Args:
        run: The run that failed.
        size: The size that it was made at.
        working: A trace of the same model at sizes at which it works. It shows which block the
            failed operation was for.

    Raises:
        ValueError: The run did not fail.
    """
    failure = run.failure
    if failure is None:
        raise ValueError("The model did not fail.")
    at = StepLocation(failure.block, failure.file, failure.line)
    raised = run.trace, failure.op or "", failure.operands, at, failure.message
    mismatch = find_shape_mismatch(*raised)
    channels = None if mismatch else find_channel_mismatch(*raised)
    if mismatch is not None and working is not None:
        mismatch = _with_skip_blocks(mismatch, failure, len(run.trace.steps), working)
    return Cause(
        size=size,
        error=failure.headline,
        op=failure.op,
        at=at,
        mismatch=mismatch,
        channels=channels,
        steps=len(run.trace.steps),
    )


def _with_skip_blocks(
    mismatch: ShapeMismatch, failure: RunFailure, step: int, working: Trace
) -> ShapeMismatch:
    """The mismatch with the two blocks of the skip that this step joins where the model works."""
    same = step < len(working.steps) and working.steps[step].op == failure.op
    links = [link for link in skips(working) if same and link.popped == step]
    if len(links) != 1:
        return mismatch
    (link,) = links
    return replace(mismatch, target=link.target, pushed=replace(mismatch.pushed, block=link.source))


def kind_of(rule: Rule, size: int) -> int:
    """Return which kind of size one is by a rule.

    >>> rule = Rule("H", given=32, multiple=8, minimum=8)
    >>> [kind_of(rule, size) for size in (33, 34, 36, 38, 44)]
    [1, 2, 4, 2, 4]
    """
    return gcd(size - rule.given, rule.multiple)


def with_every_kind(model: SizedModel, rule: Rule) -> Rule:
    """Return a rule with a cause for each kind of size that fails, in the order of the kinds.

    The causes that it has are kept, one of each kind; for other kinds the model is run, unless it
    runs on real data.
    """
    found: dict[int, Cause] = {}
    for cause in rule.causes:
        found.setdefault(kind_of(rule, cause.size), cause)
    if not model.uses_real_data:
        for kind, size in _further_sizes(rule, found):
            tied = [rule.name, rule.tied_to] if rule.tied_to else [rule.name]
            run = model.trace(dict.fromkeys(tied, size))
            if run.failure is not None:
                found[kind] = cause_of(run, size, model.base)
    return replace(rule, causes=tuple(found[kind] for kind in sorted(found)))


def _further_sizes(rule: Rule, found: dict[int, Cause]) -> Iterator[tuple[int, int]]:
    """A size of each kind that breaks the rule and that no cause is known for."""
    kinds = [kind for kind in range(1, rule.multiple) if rule.multiple % kind == 0]
    for kind in kinds[:MOST_KINDS]:
        if kind not in found:
            sizes = (rule.given + times * kind for times in range(1, 2 * MOST_TRIALS))
            of_kind = (size for size in sizes if kind_of(rule, size) == kind)
            failing = next((size for size in of_kind if not rule.allows(size)), None)
            if failing is not None:
                yield kind, failing
