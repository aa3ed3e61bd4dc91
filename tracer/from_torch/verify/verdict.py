"""Verifies a trace: its graph, run on real numbers, computes exactly what the model computes.

Both get the same random weights, the same random inputs and the same seed, so that even dropout
agrees. Then every output, and every buffer that the run changed, has to be equal to the last bit. A
graph of a model that reads the values of tensors is run on other numbers, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor, fx, nn

from tracer.analysis.replay_verdict import ReplayVerdict
from tracer.errors import TraceError
from tracer.escapes import escape_name
from tracer.from_torch.capture.absent_devices import AbsentDevicesOnCpu, control_calls_ignored
from tracer.from_torch.capture.convert import to_graph_module
from tracer.from_torch.capture.model_call import Inputs, ModelCall, uncompiled
from tracer.from_torch.capture.pytree import tensors_in
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.capture.rng.rng_state import seeded_rng
from tracer.from_torch.model_copy import copy_model
from tracer.from_torch.targets.load import load_target
from tracer.from_torch.verify.bisect import find_difference, same_bits
from tracer.from_torch.verify.other_numbers import SCALES, difference_with_other_numbers
from tracer.from_torch.verify.random_data import cloned, random_inputs, randomize_weights
from tracer.from_torch.verify.smaller_inputs import within_budget
from tracer.sizing.run_progress import announce_run
from tracer.target_spec import TargetSpec

UNCHECKED_MODELS = (
    "{} runs operations that cannot be recorded, for example in threads of its own. Its graph is "
    "incomplete, so it cannot be verified.\n  {}"
)


def verify_replay(model: nn.Module, inputs: Inputs) -> ReplayVerdict:
    """Runs a copy of `model`, with random weights, and its recorded graph, and compares them.

    Args:
        model: The model, which stays unchanged.
        inputs: A tensor (one positional argument), a tuple (positional arguments) or a dict
            (keywords). Their numbers are replaced by random ones.

    Raises:
        TraceError: The graph lacks operations that could not be recorded.
        Exception: The model's own exception, if it cannot be recorded or run.

    >>> verdict = verify_replay(nn.Conv2d(3, 8, 3), torch.ones(1, 3, 16, 16))
    >>> verdict.same, verdict.operations
    (True, 1)
    """
    return verify_in_place(copy_model(uncompiled(model)), inputs)


def verify_target(spec: TargetSpec, number: int) -> ReplayVerdict:
    """Builds a target with numbers, and verifies it on the candidate of that number for inputs."""
    with seeded_rng():
        loaded = load_target(spec, without_data=False)
    return verify_in_place(loaded.model, loaded.candidates[number].inputs)


def verify_in_place(model: nn.Module, inputs: Inputs) -> ReplayVerdict:
    """Does what `verify_replay` does with the model itself; its weights are random afterwards."""
    with seeded_rng():
        randomize_weights(model)
        recording = record(model, inputs, lines=False, graph=True)
    if recording.error is not None:
        raise recording.error
    if recording.missed:
        notes = "\n  ".join(recording.notes)
        raise TraceError(UNCHECKED_MODELS.format(type(model).__name__, notes))
    quick_inputs, quick_recording = within_budget(model, inputs, recording)
    with seeded_rng():
        call = ModelCall.of(model, random_inputs(model, quick_inputs))
    smaller = quick_recording is not recording
    with _without_fast_path():
        if recording.on_real_data:  # the graph may hold what was computed from the numbers
            quick_recording = record(model, call.inputs, lines=False, graph=True)
        if quick_recording.error is not None:
            raise quick_recording.error
        verdict = _compare(call, quick_recording, smaller=smaller)
        if not (verdict.same and recording.on_real_data):
            return verdict
        buffers = BufferSnapshot(call.model)
        other = difference_with_other_numbers(call, quick_recording, buffers.run)
        return replace(verdict, other_numbers=other, number_sets=1 + len(SCALES))


@contextmanager
def _without_fast_path() -> Iterator[None]:
    """Turns off the fused path of `nn.MultiheadAttention`, which is not used while recording."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _compare(call: ModelCall, recording: Recording, *, smaller: bool) -> ReplayVerdict:
    buffers = BufferSnapshot(call.model)
    outputs = _run(call)
    changed_buffers = buffers.now()
    buffers.restore()
    replayed = _run(replace(call, model=to_graph_module(recording))) + buffers.now()
    same = same_bits(outputs + changed_buffers, replayed)
    difference = None
    if not same:
        with_lines = record(call.model, call.inputs, graph=True)
        difference = find_difference(call, with_lines, buffers.restore)
    return ReplayVerdict(
        model=escape_name(type(call.model).__name__),
        same=same,
        operations=len(recording.operations),
        inputs=recording.inputs,
        outputs=recording.root.outputs if recording.root else (),
        spread=_spread(outputs),
        difference=difference,
        smaller=smaller,
    )


def _run(call: ModelCall) -> list[Tensor]:
    tensors = ((name, one) for name, one in call.arguments.items() if isinstance(one, Tensor))
    what = "the graph" if isinstance(call.model, fx.GraphModule) else "the model"
    announce_run({name: tuple(one.shape) for name, one in tensors}, {}, what)
    with torch.no_grad(), seeded_rng(), control_calls_ignored(), AbsentDevicesOnCpu():
        return [tensor.clone() for tensor in tensors_in(call.run(cloned(call.arguments)))]


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
    """What a run in training mode may change: the buffers, and the parameters without gradient."""

    def __init__(self, model: nn.Module) -> None:
        frozen = (parameter for parameter in model.parameters() if not parameter.requires_grad)
        self._before = [(buffer, buffer.clone()) for buffer in (*model.buffers(), *frozen)]

    def now(self) -> list[Tensor]:
        """Return copies of the buffers as they are now."""
        return [buffer.clone() for buffer, _ in self._before]

    def restore(self) -> None:
        """Sets the buffers back to what they were at first."""
        for buffer, before in self._before:
            buffer.copy_(before)

    def run(self, call: ModelCall) -> list[Tensor]:
        """Return the outputs of a call and the buffers after it, which are then restored."""
        try:
            return _run(call) + self.now()
        finally:
            self.restore()
