"""A recording, turned into the record: plain data that needs no torch."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn

from tracer.from_torch.calls import Call
from tracer.from_torch.capture import Recording
from tracer.from_torch.recorder import Operation
from tracer.record import Block, Step, Trace


def to_trace(recording: Recording, target: str = "") -> Trace:
    """The record of a recording, of a whole run or of one that an error ended."""
    weights = Weights(recording.model)
    root = recording.root or Call("", "", recording.model, recording.inputs, 0)
    return Trace(
        model=type(recording.model).__name__,
        inputs=recording.inputs,
        outputs=root.outputs,
        steps=tuple(_step(node) for node in recording.recorder.operations),
        root=_block(root, weights),
        lines=recording.lines,
        notes=recording.notes,
        target=target,
        torch=str(torch.__version__),
    )


def _step(node: fx.Node) -> Step:
    operation: Operation = node.meta["operation"]
    file, line = operation.place or (None, None)
    return Step(
        op=operation.op,
        inputs=operation.reads,
        outputs=operation.writes,
        block=operation.block,
        weights=operation.weights,
        file=file,
        line=line,
        flops=operation.flops,
        memory_of=operation.memory_of,
    )


def _block(call: Call, weights: Weights) -> Block:
    own, total = weights.counts(call.module)
    return Block(
        call=call.call,
        path=call.path,
        kind=type(call.module).__name__,
        inputs=call.inputs,
        outputs=call.outputs,
        parameters=total,
        own_parameters=own,
        first=call.first,
        last=call.last,
        children=tuple(_block(child, weights) for child in call.children),
        buffers=sum(buffer.numel() for buffer in call.module.buffers()),
    )


class Weights:
    """How many numbers the parameters of each module hold, a shared parameter counted once."""

    def __init__(self, model: nn.Module) -> None:
        self._sizes: dict[nn.Module, dict[int, int]] = {}
        self._all(model)

    def _all(self, module: nn.Module) -> dict[int, int]:
        """The size of each parameter in `module` and below it, by its id."""
        found = self._sizes.get(module)
        if found is None:
            found = self._sizes[module] = _own(module)
            for child in module.children():
                found = self._sizes[module] = found | self._all(child)
        return found

    def counts(self, module: nn.Module) -> tuple[int, int]:
        """The numbers in the module's own parameters, and in all of its subtree."""
        return sum(_own(module).values()), sum(self._all(module).values())


def _own(module: nn.Module) -> dict[int, int]:
    parameters: Any = module._parameters.values()
    return {id(one): one.numel() for one in parameters if one is not None}
