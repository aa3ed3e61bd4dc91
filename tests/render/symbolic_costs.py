"""The toy UNet in formulas, its costs included: what cost tables in formulas are tested on."""

from __future__ import annotations

from dataclasses import replace

from tests.example import symbolic_example
from tracer.record import Symbol, Trace

FLOPS = {"conv2d": "72*B*H*W", "linear": "16*B", "scaled_dot_product_attention": "4*B*H**2*W**2"}
SYMBOLS = Symbol("B", 1), Symbol("H", 16, 2), Symbol("W", 16, 2)


def symbolic_trace() -> Trace:
    """The hand-built symbolic trace with a cost for three kinds of operation."""
    found = symbolic_example()
    steps = tuple(replace(step, flops=FLOPS.get(step.op)) for step in found.steps)
    return replace(found, steps=steps, symbols=SYMBOLS)
