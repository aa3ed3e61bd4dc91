"""Floating-point operations of ATen operations, a multiply-add counted as two.

The formulas are those of `torch.utils.flop_counter`, so the sums agree with `FlopCounterMode`. The
one thing added is scaled-dot-product attention on the CPU, which PyTorch counts as nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.flop_counter import flop_registry, sdpa_flop_count

ATTENTION_ON_CPU = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu


def flops_of(func: Any, args: Any, kwargs: Any, result: Any) -> int | None:
    """The cost of one ATen operation, or None when no formula is known for it."""
    packet = func._overloadpacket
    if packet in flop_registry:
        return int(flop_registry[packet](*args, **kwargs, out_val=result))
    if packet is ATTENTION_ON_CPU:
        query, key, value = (tensor.shape for tensor in args[:3])
        return int(sdpa_flop_count(query, key, value))
    return None
