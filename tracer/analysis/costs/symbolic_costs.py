"""What a forward costs as formulas of its sizes: how it grows with image and batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracer.algebra.polynomial import Formula, from_dim
from tracer.analysis.costs.totals import is_uncounted
from tracer.analysis.stack.depth_and_bytes import formula_of_bytes
from tracer.record import Step, Trace, once_per_trace

NOTHING = Formula.of(0)


@dataclass(frozen=True, slots=True)
class CostFormula:
    """What a block costs, its children included, or all operations of one kind, or one forward.

    `flops` sums the operations whose cost is known; `uncounted` names the others and how many there
    were. `activation_bytes` is what the operations wrote into memory of their own.
    """

    steps: int
    flops: Formula
    activation_bytes: Formula
    uncounted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CostFormulas:
    """The costs of a trace as formulas: in total, by block call, and by kind of operation."""

    total: CostFormula
    blocks: Mapping[str, CostFormula]
    operations: Mapping[str, CostFormula]


@once_per_trace
def cost_formulas(trace: Trace) -> CostFormulas:
    """The costs of a forward as formulas of the sizes that its shapes speak of.

    Raises ValueError for a tensor of an unknown dtype.
    """
    single = [_of_step(step) for step in trace.steps]
    by_name: dict[str, list[CostFormula]] = {}
    for step, one in zip(trace.steps, single, strict=True):
        by_name.setdefault(step.op, []).append(one)
    return CostFormulas(
        total=summed(single),
        blocks={
            call: summed(single[block.first : block.last]) for call, block in trace.blocks.items()
        },
        operations={name: summed(some) for name, some in by_name.items()},
    )


def summed(costs: Iterable[CostFormula], times: int = 1) -> CostFormula:
    """What several costs come to together, each so many times."""
    found = tuple(costs)
    uncounted: Counter[str] = Counter()
    for one in found:
        uncounted.update(one.uncounted)
    return CostFormula(
        steps=times * sum(one.steps for one in found),
        flops=times * _sum(one.flops for one in found),
        activation_bytes=times * _sum(one.activation_bytes for one in found),
        uncounted={name: times * count for name, count in uncounted.most_common()},
    )


def _of_step(step: Step) -> CostFormula:
    written = step.outputs if step.memory_of is None else ()
    return CostFormula(
        steps=1,
        flops=NOTHING if step.flops is None else from_dim(step.flops),
        activation_bytes=_sum(map(formula_of_bytes, written)),
        uncounted={step.op: 1} if is_uncounted(step) else {},
    )


def _sum(formulas: Iterable[Formula]) -> Formula:
    """A sum of many, most of which have the same few terms."""
    terms: Counter[Formula] = Counter(formulas)
    return sum((one * count for one, count in terms.items()), start=NOTHING)
