"""Sees the ATen operations below the torch calls: counts their FLOPs, records stray ones.

The FLOP formulas are those of `torch.utils.flop_counter`, so sums agree with `FlopCounterMode`. A
multiply-add counts as two. Scaled-dot-product attention on the CPU is added, which PyTorch counts
as 0.
"""

from __future__ import annotations

from typing import Any

import torch

from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.recorded_op import Arguments, Keywords, TorchFunction
from tracer.from_torch.private_torch import (
    CPU_ATTENTION,
    DisableTorchFunction,
    TorchDispatchMode,
    flop_registry,
    sdpa_flop_count,
)

NO_OPERATIONS = {torch.ops.prim.device.default}
"""Dispatched only to ask a tensor without data for its device."""


class DispatchRecorder(TorchDispatchMode):
    """Counts the FLOPs of the recorded calls, and records operations outside any of them."""

    def __init__(self, recorder: OpRecorder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._recorder = recorder

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # with True torch imports its compiler, which takes longer than a trace

    def __torch_dispatch__(
        self,
        func: TorchFunction,
        types: Any,
        args: Arguments = (),
        kwargs: Keywords | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if not self._recorder.inside_call and func not in NO_OPERATIONS:
            with self, DisableTorchFunction():
                return self._recorder.record_call(func, args, kwargs)
        if func not in NO_OPERATIONS and func._overloadpacket not in flop_registry:
            with self:
                decomposed = func.decompose(*args, **kwargs)
            if decomposed is not NotImplemented:
                return decomposed
        result = func(*args, **kwargs)
        flops = flops_of(func, args, kwargs, result)
        if flops is not None:
            self._recorder.flops = flops + (self._recorder.flops or 0)
        return result


def flops_of(func: TorchFunction, args: Arguments, kwargs: Keywords, result: Any) -> int | None:
    """Return the FLOPs of one ATen operation, or None if no formula is known for it.

    >>> flops_of(torch.ops.aten.mm.default, (torch.ones(2, 3), torch.ones(3, 5)), {}, None)
    60
    """
    packet = func._overloadpacket
    if packet in flop_registry:
        return int(flop_registry[packet](*args, **kwargs, out_val=result))
    if packet is CPU_ATTENTION:
        query, key, value = (tensor.shape for tensor in args[:3])
        return int(sdpa_flop_count(query, key, value))
    return None
