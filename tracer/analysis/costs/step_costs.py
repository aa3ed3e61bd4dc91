"""The cost of one operation: its FLOPs, and whether they are known."""

from __future__ import annotations

from tracer.algebra.polynomial import from_dim
from tracer.analysis.operations import traits
from tracer.analysis.tensor_bytes import Amount
from tracer.record import Step


def is_zero(amount: Amount) -> bool:
    """Return whether an amount is 0 at any size."""
    return amount == 0 if isinstance(amount, int) else not amount.terms


def step_flops(step: Step) -> Amount:
    """Return the FLOPs of an operation; 0 if its cost is not known."""
    if step.flops is None or isinstance(step.flops, int):
        return step.flops or 0
    return from_dim(step.flops)


def is_uncounted(step: Step) -> bool:
    """Return whether an operation does arithmetic, and no cost is known for it."""
    return step.flops is None and not traits(step.op).free
