"""What a run of a specimen shows: its trace, what hooks see beside it, what PyTorch counts.

Each is made once: all tests of a specimen run in one process, one after another, and what was
measured is kept no longer. There are models that keep what they computed and take another way the
next time, so a model that was run without the tracer is not traced afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.utils.flop_counter import FlopCounterMode

from tests.from_torch.registry import run, tensors
from tests.zoo.specimens import Specimen
from tracer.analysis.replay_verdict import ReplayVerdict
from tracer.from_torch.verify.verdict import verify_in_place
from tracer.record import Block, Trace
from tracer.session import Session

Shapes = list[tuple[tuple[int, ...], str]]


def fresh(one: Specimen) -> nn.Module:
    """A new model of a specimen; a big one without data.

    There are parameters that are made on the CPU wherever the others are, and moved afterwards.
    """
    torch.manual_seed(0)
    device = "cpu" if one.real else "meta"
    with torch.device(device):
        return one.build().eval().to(device)


@lru_cache(maxsize=2)
def built(one: Specimen) -> nn.Module:
    """The model of a specimen, in evaluation, for the tracer, which leaves it as it was."""
    return fresh(one)


def filled(one: Specimen) -> Any:
    """The inputs of a specimen; the same numbers each time."""
    torch.manual_seed(1)
    with torch.device("cpu" if one.real else "meta"):
        return one.inputs()


@lru_cache(maxsize=2)
def session(one: Specimen) -> Session:
    """A specimen from which its trace, its formulas and its law are had, with the same runs."""
    return Session.of(built(one), filled(one))


def traced(one: Specimen) -> Trace:
    """The trace of a specimen."""
    return session(one).trace


@lru_cache(maxsize=2)
def verdict(one: Specimen, *, training: bool = False) -> ReplayVerdict:
    """What came of running a specimen and its graph side by side, on random numbers."""
    return verify_in_place(fresh(one).train(training), filled(one))


@dataclass
class SeenCall:
    """A call of a module as hooks see it: its class, and the shapes of its results."""

    kind: str
    outputs: Shapes = field(default_factory=list)


@dataclass(frozen=True)
class BareRun:
    """A run without the tracer: all module calls, in the order in which they began, and FLOPs."""

    calls: list[SeenCall]
    flops: int


@lru_cache(maxsize=2)
def bare_run(one: Specimen) -> BareRun:
    """A run of a specimen without the tracer; of a big one on tensors without data."""
    on_cpu = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    counter = FlopCounterMode(display=False, custom_mapping={on_cpu: attention})
    with seen_by_hooks() as calls, counter:
        run_bare(fresh(one), filled(one))
    return BareRun(calls, int(counter.get_total_flops()))


def run_bare(model: nn.Module, inputs: Any) -> None:
    """Run a model without the tracer.

    The fused attention of PyTorch's transformers is switched off, for nothing can look into it.
    """
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        run(model, inputs)
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextmanager
def seen_by_hooks() -> Iterator[list[SeenCall]]:
    """The module calls of the block."""
    calls: list[SeenCall] = []
    running: list[SeenCall] = []

    def begins(module: nn.Module, args: Any) -> None:
        calls.append(SeenCall(type(module).__name__))
        running.append(calls[-1])

    def ends(module: nn.Module, args: Any, result: Any) -> None:
        running.pop().outputs = [_shape(tensor) for tensor in tensors(result)]

    handles = [register_module_forward_pre_hook(begins), register_module_forward_hook(ends)]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def _shape(tensor: Tensor) -> tuple[tuple[int, ...], str]:
    return tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")


def recorded(block: Block) -> SeenCall:
    """A block, as hooks would see it."""
    return SeenCall(block.kind, [(value.shape, value.dtype) for value in block.outputs])


def attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    """The FLOPs of the two products of scaled-dot-product attention, of the three shapes.

    On the CPU it has to be added to what PyTorch's counter knows.
    """
    *batch, length, width = query
    return 2 * prod(batch) * length * key[-2] * (width + value[-1])
