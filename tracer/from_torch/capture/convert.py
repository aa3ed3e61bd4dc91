"""A recording, turned into the record: plain data that needs no torch."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.module_calls import Call
from tracer.from_torch.capture.operation import RecordedOp
from tracer.from_torch.capture.recording import Recording, no_collection
from tracer.record import Block, Step, Trace
from tracer.target_spec import TargetSpec


def to_trace(recording: Recording, spec: TargetSpec | None = None) -> Trace:
    """The record of a recording, of a whole run or of one that an error ended."""
    with no_collection():
        return _to_trace(recording, spec or TargetSpec())


def _to_trace(recording: Recording, spec: TargetSpec) -> Trace:
    numbers = StepNumbers(recording.model)
    root = recording.root or Call("", "", recording.model, recording.inputs, 0)
    return Trace(
        model=type(recording.model).__name__,
        inputs=recording.inputs,
        outputs=root.outputs,
        steps=tuple(_step(operation) for operation in recording.recorder.operations),
        root=_block(root, numbers),
        lines=recording.lines,
        notes=recording.notes,
        spec=spec,
        torch=str(torch.__version__),
        missed=_missed(recording),
        mode="training" if recording.model.training else "evaluation",
    )


def _missed(recording: Recording) -> int:
    failed_in_one = recording.failure is not None and bool(recording.failure.op)
    return recording.recorder.missed + failed_in_one


def _step(operation: RecordedOp) -> Step:
    file, line = operation.place or (None, None)
    return Step(
        op=operation.op,
        inputs=operation.reads,
        outputs=tuple(operation.writes),
        block=operation.block,
        weights=operation.weights,
        file=file,
        line=line,
        flops=operation.flops,
        memory_of=operation.memory_of,
    )


def _block(call: Call, numbers: StepNumbers) -> Block:
    parameters, own, buffers = numbers.of(call.module)
    return Block(
        call=call.call,
        path=call.path,
        kind=type(call.module).__name__,
        inputs=call.inputs,
        outputs=call.outputs,
        parameters=parameters,
        own_parameters=own,
        first=call.first,
        last=call.last,
        children=tuple(_block(child, numbers) for child in call.children),
        buffers=buffers,
    )


ShapeCache = dict[int, int]
"""How many numbers each tensor holds, by its id: so one that is shared counts once."""


class StepNumbers:
    """How many numbers the parameters and buffers of each module hold."""

    def __init__(self, model: nn.Module) -> None:
        self._found: dict[nn.Module, tuple[ShapeCache, ShapeCache]] = {}
        self._all(model)

    def of(self, module: nn.Module) -> tuple[int, int, int]:
        """The numbers in all parameters of a module, in its own alone, and in all buffers."""
        parameters, buffers = self._all(module)
        own = _sizes(module._parameters)
        return sum(parameters.values()), sum(own.values()), sum(buffers.values())

    def _all(self, module: nn.Module) -> tuple[ShapeCache, ShapeCache]:
        found = self._found.get(module)
        if found is None:
            found = self._found[module] = _sizes(module._parameters), _sizes(module._buffers)
            for child in module.children():
                for held, below in zip(found, self._all(child), strict=True):
                    held.update(below)
        return found


def _sizes(state: Mapping[str, Tensor | None]) -> ShapeCache:
    return {id(one): one.numel() for one in state.values() if one is not None}
