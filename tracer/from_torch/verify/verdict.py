"""The proof of a trace: its graph, run on real numbers, computes what the model computes.

Both get the same random weights, the same random inputs and the same seed, so that even dropout
agrees; then every output has to be equal to the last bit, and so have the buffers that the run
changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError
from tracer.from_torch.capture.module_calls import uncompiled
from tracer.from_torch.capture.pytree import tensors_in
from tracer.from_torch.capture.recording import Inputs, Recording, record
from tracer.from_torch.capture.rng_state import (
    call,
    copied,
    random_inputs,
    randomise,
    same_randomness,
)
from tracer.from_torch.verify.bisect import OperationDifference, find_difference, same_bits
from tracer.from_torch.verify.graph_module import to_graph_module
from tracer.from_torch.verify.smaller_inputs import fitting
from tracer.record import Value

UNCHECKED_MODELS = (
    "{} runs operations that cannot be seen, in threads of its own for one. Its graph is not "
    "whole, and there is nothing to verify.\n  {}"
)


@dataclass(frozen=True, slots=True)
class ReplayVerdict:
    """What came of running a model and its recorded graph side by side.

    `operations` is how many operations the graph holds, `inputs` and `outputs` what it was run on
    and gave. `spread` is the smallest standard deviation of an output: outputs that are all one
    number prove nothing. `difference` is the first operation that differs; None when nothing does,
    or when the operations agree and only what the model returned differs. `smaller` says that the
    images were made smaller than asked for, to be done in seconds.
    """

    model: str
    same: bool
    operations: int
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    spread: float
    difference: OperationDifference | None = None
    smaller: bool = False

    @property
    def proven(self) -> bool:
        """Whether the graph is the model: equal bits, of numbers that are not all the same."""
        return self.same and self.spread > 0


def verdict(model: nn.Module, inputs: Inputs) -> ReplayVerdict:
    """Run a copy of `model`, with random weights, and its recorded graph, and compare.

    Raises the model's own exception when it cannot be recorded or run.
    """
    return verdict_in_place(deepcopy(uncompiled(model)), inputs)


def verdict_in_place(model: nn.Module, inputs: Inputs) -> ReplayVerdict:
    """The same with the model itself, whose weights are random afterwards."""
    with same_randomness():
        randomise(model)
        asked = record(model, inputs, lines=False, graph=True)
    if asked.error is not None:
        raise asked.error
    if asked.recorder.missed:
        raise TraceError(UNCHECKED_MODELS.format(type(model).__name__, "\n  ".join(asked.notes)))
    fitted, recording = fitting(model, inputs, asked)
    with same_randomness():
        numbers = random_inputs(model, fitted)
    with _without_fast_path():
        return _compared(model, numbers, recording, smaller=recording is not asked)


@contextmanager
def _without_fast_path() -> Iterator[None]:
    """Without the fused attention of `nn.MultiheadAttention`, which is off while one records."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _compared(
    model: nn.Module, inputs: Any, recording: Recording, *, smaller: bool
) -> ReplayVerdict:
    buffers = BufferSnapshot(model)
    wanted = _run(model, inputs) + buffers.now()
    count = len(wanted) - len(buffers.now())
    buffers.restore()
    found = _run(to_graph_module(recording), inputs) + buffers.now()
    same = same_bits(wanted, found)
    difference = None
    if not same:
        with_lines = record(model, inputs, graph=True)
        difference = find_difference(model, inputs, with_lines, buffers.restore)
    return ReplayVerdict(
        model=type(model).__name__,
        same=same,
        operations=len(recording.recorder.operations),
        inputs=recording.inputs,
        outputs=recording.root.outputs if recording.root else (),
        spread=_spread(wanted[:count]),
        difference=difference,
        smaller=smaller,
    )


def _run(function: Any, inputs: Any) -> list[Tensor]:
    with torch.no_grad(), same_randomness():
        return [tensor.clone() for tensor in tensors_in(call(function, copied(inputs)))]


def _spread(outputs: Sequence[Tensor]) -> float:
    """The smallest standard deviation of the outputs; 0 for numbers that are not finite.

    A single number, such as a loss, has none, and is left out beside an output that has.
    """
    spreads = []
    for output in [output for output in outputs if output.numel() > 1] or outputs:
        wide = torch.view_as_real(output) if output.is_complex() else output
        numbers = wide.to(torch.float64)
        spreads.append(float(numbers.std(correction=0)) if numbers.isfinite().all() else 0.0)
    return min(spreads, default=0.0)


class BufferSnapshot:
    """What a run in training mode may change: the buffers, and parameters that nobody trains."""

    def __init__(self, model: nn.Module) -> None:
        frozen = (one for one in model.parameters() if not one.requires_grad)
        self._before = [(held, held.clone()) for held in (*model.buffers(), *frozen)]

    def now(self) -> list[Tensor]:
        """What the buffers hold now."""
        return [buffer.clone() for buffer, _ in self._before]

    def restore(self) -> None:
        """Let them hold again what they held at first."""
        for buffer, before in self._before:
            buffer.copy_(before)
