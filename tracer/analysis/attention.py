"""Whether a sequence of operations is attention."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.record import Step

ATTENTION = {"scaled_dot_product_attention", "multi_head_attention_forward"}
MATRIX_PRODUCTS = {"matmul", "bmm", "baddbmm", "einsum"}


def is_attention(steps: Sequence[Step]) -> bool:
    """Whether steps hold one attention operation, or a softmax and two products of activations."""
    ops = {step.op for step in steps}
    products = sum(step.op in MATRIX_PRODUCTS and len(step.inputs) > 1 for step in steps)
    return bool(ops & ATTENTION) or ("softmax" in ops and products > 1)
