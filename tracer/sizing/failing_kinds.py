"""Why sizes fail that break a rule, one cause for each kind of them.

Sizes that break a rule by the same remainder fail at the same operation: a UNet that halves a size
three times fails at its innermost join for 4 more, and at its outermost for 1 more. How far a size
can be halved tells them apart: the greatest common divisor of its distance from the size that works
and the multiple of the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import gcd

from tracer.analysis.size_rules import Cause, Rule
from tracer.sizing.failure_cause import cause_of
from tracer.sizing.sized_model import SizedModel

MOST_KINDS = 12
"""So many kinds of sizes are run; a multiple with more divisors is no power of two."""
MOST_TRIALS = 4
"""So many sizes of one kind are looked at for one that breaks the rule."""


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
