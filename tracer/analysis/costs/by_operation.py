"""What each kind of operation costs, over the whole forward."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.analysis.costs.totals import bytes_written, flops_of, is_uncounted
from tracer.record import Step, Trace


@dataclass(frozen=True, slots=True)
class OperationCost:
    """All operations of one name: how many, what they cost, and how many at an unknown cost."""

    op: str
    count: int
    flops: int
    activation_bytes: int
    uncounted: int


def operation_costs(trace: Trace) -> tuple[OperationCost, ...]:
    """The kinds of operations, the most costly first, then the most frequent.

    Raises TypeError for a trace with formulas for sizes.
    """
    by_name: dict[str, list[Step]] = {}
    for step in trace.steps:
        by_name.setdefault(step.op, []).append(step)
    found = (_of_all(name, steps) for name, steps in by_name.items())
    return tuple(sorted(found, key=lambda one: (-one.flops, -one.count, one.op)))


def _of_all(name: str, steps: list[Step]) -> OperationCost:
    return OperationCost(
        op=name,
        count=len(steps),
        flops=sum(map(flops_of, steps)),
        activation_bytes=sum(map(bytes_written, steps)),
        uncounted=sum(map(is_uncounted, steps)),
    )
