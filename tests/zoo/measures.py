"""What a run of a specimen shows: its trace, what hooks see beside it, what PyTorch counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.utils.flop_counter import FlopCounterMode

import tracer
from tests.from_torch.registry import run, tensors
from tests.zoo.specimens import Specimen
from tracer.from_torch.verify import Verdict, verdict_in_place
from tracer.record import Block, Trace

Shapes = list[tuple[tuple[int, ...], str]]


def built(one: Specimen, *, training: bool = False) -> nn.Module:
    """The model of a specimen; a big one without data."""
    torch.manual_seed(0)
    with torch.device("cpu" if one.real else "meta"):
        return one.build().train(training)


def filled(one: Specimen) -> Any:
    """The inputs of a specimen; the same numbers each time."""
    torch.manual_seed(1)
    with torch.device("cpu" if one.real else "meta"):
        return one.inputs()


@contextmanager
def slow_attention() -> Iterator[None]:
    """Without the fused attention of PyTorch's transformers, which nothing can look into."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def run_bare(one: Specimen) -> None:
    """Run a specimen without the tracer; a big one on fake tensors of PyTorch's own."""
    with nullcontext() if one.real else FakeTensorMode():
        torch.manual_seed(0)
        model = one.build().eval()
        torch.manual_seed(1)
        with slow_attention():
            run(model, one.inputs())


@cache
def traced(one: Specimen) -> Trace:
    """The trace of a specimen, made once."""
    return tracer.trace(built(one), filled(one))


@cache
def verdict(one: Specimen, *, training: bool = False) -> Verdict:
    """What came of running a specimen and its graph side by side, on random numbers."""
    return verdict_in_place(built(one, training=training), filled(one))


@dataclass
class SeenCall:
    """A call of a module as hooks see it: its class, and the shapes of its results."""

    kind: str
    outputs: Shapes = field(default_factory=list)


def seen_by_hooks(one: Specimen) -> list[SeenCall]:
    """All module calls of a run without the tracer, in the order in which they began."""
    calls: list[SeenCall] = []
    running: list[SeenCall] = []

    def begins(module: nn.Module, args: Any) -> None:
        calls.append(SeenCall(type(module).__name__))
        running.append(calls[-1])

    def ends(module: nn.Module, args: Any, result: Any) -> None:
        running.pop().outputs = [_shape(tensor) for tensor in tensors(result)]

    handles = [register_module_forward_pre_hook(begins), register_module_forward_hook(ends)]
    try:
        run_bare(one)
    finally:
        for handle in handles:
            handle.remove()
    return calls


def _shape(tensor: Tensor) -> tuple[tuple[int, ...], str]:
    return tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")


def recorded(block: Block) -> SeenCall:
    """A block, as hooks would see it."""
    return SeenCall(block.kind, [(value.shape, value.dtype) for value in block.outputs])


def attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    """The FLOPs of the two products of scaled-dot-product attention, of the three shapes."""
    *batch, length, width = query
    return 2 * prod(batch) * length * key[-2] * (width + value[-1])


def counted_by_torch(one: Specimen) -> int:
    """What `FlopCounterMode` counts; on the CPU, attention has to be added to what it knows."""
    on_cpu = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    counter = FlopCounterMode(display=False, custom_mapping={on_cpu: attention})
    with counter:
        run_bare(one)
    return int(counter.get_total_flops())
