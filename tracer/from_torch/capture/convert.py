"""Turns a recording into a `Trace`, plain data that needs no torch, or into a `GraphModule`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, fx, nn

from tracer.errors import TraceError
from tracer.escapes import escape_name
from tracer.from_torch.capture.failure import Failure
from tracer.from_torch.capture.global_modes import OutsideModes
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.from_torch.capture.recording import Recording
from tracer.gc_pause import gc_paused
from tracer.record import Block, Step, Trace
from tracer.target_spec import TargetSpec


def to_trace(recording: Recording, spec: TargetSpec | None = None) -> Trace:
    """Return the trace of a recording, of a whole run or of one that ended with an exception.

    Args:
        recording: The recording.
        spec: What was asked for, which the trace records.
    """
    with gc_paused():
        counts = ElementCounts(recording.model)
        root = recording.root or Call("", "", recording.model, recording.inputs, 0)
        return Trace(
            model=escape_name(type(recording.model).__name__),
            inputs=recording.inputs,
            outputs=root.outputs,
            steps=tuple(_step(operation) for operation in recording.operations),
            root=_root_block(root, counts),
            lines=recording.lines,
            notes=recording.notes,
            spec=spec or TargetSpec(),
            torch=str(torch.__version__),
            missed=_missed(recording),
            mode="training" if recording.model.training else "evaluation",
            failed=_failed_step(recording.failure) if recording.failure else None,
        )


def to_graph_module(recording: Recording) -> fx.GraphModule:
    """Return the graph of a recording as a module, called as the model is called.

    It uses the model's own parameters. With the same inputs it computes what the model computes,
    bit for bit.

    Raises:
        TraceError: The recording was made without ``graph=True``.
    """
    if recording.graph is None:
        raise TraceError("The recording has no graph: record the model with graph=True.")
    graph, attributes = recording.graph.graph, recording.graph.attributes
    module = fx.GraphModule(attributes, graph, type(recording.model).__name__)
    OutsideModes().restore_after(module)
    return module


def _missed(recording: Recording) -> int:
    ended_in_operation = recording.failure is not None and bool(recording.failure.op)
    return recording.missed + ended_in_operation


def _failed_step(failure: Failure) -> Step:
    """The operation that raised the model's exception."""
    file, line = failure.source_line or (None, None)
    return Step(failure.op or "", failure.operands, (), failure.block, file=file, line=line)


def _step(operation: RecordedOp) -> Step:
    file, line = operation.source_line or (None, None)
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


def _root_block(root: Call, counts: ElementCounts) -> Block:
    """The block of a call, with those of all calls inside it."""
    made: dict[int, Block] = {}
    for call in reversed([*root.walk()]):  # no recursion: a call may be hundreds of calls deep
        children = tuple([made.pop(id(child)) for child in call.children])
        made[id(call)] = _block(call, children, counts)
    return made[id(root)]


def _block(call: Call, children: tuple[Block, ...], counts: ElementCounts) -> Block:
    parameters, own, buffers = counts.of(call.module)
    kernel, stride = (_sizes_in(call.module, name) for name in ("kernel_size", "stride"))
    return Block(
        call=call.call,
        path=call.path,
        kind=escape_name(type(call.module).__name__),
        inputs=call.inputs,
        outputs=call.outputs,
        parameters=parameters,
        own_parameters=own,
        first=call.first,
        last=call.last,
        children=children,
        buffers=buffers,
        trainable=counts.trainable(call.module),
        arguments=call.arguments,
        kernel=kernel,
        stride=stride if kernel else (),
        groups=sum(_sizes_in(call.module, "groups")) if kernel else 0,
    )


def _sizes_in(module: nn.Module, name: str) -> tuple[int, ...]:
    """The numbers in an attribute of a module; nothing where it is anything else."""
    value = vars(module).get(name)
    if value is None:
        return ()
    sizes = value if isinstance(value, tuple) else (value,)
    return sizes if all(type(size) is int for size in sizes) else ()


ElementsById = dict[int, int]
"""The number of elements of each tensor, by its id, so that a shared tensor counts once."""


class ElementCounts:
    """The number of elements in the parameters and buffers of each module."""

    def __init__(self, model: nn.Module) -> None:
        self._counts: dict[nn.Module, tuple[ElementsById, ElementsById]] = {}
        self._frozen = {id(one) for one in model.parameters() if not one.requires_grad}
        self._all(model)

    def of(self, module: nn.Module) -> tuple[int, int, int]:
        """Return the elements in all parameters, in the module's own, and in all buffers."""
        parameters, buffers = self._all(module)
        own = _elements_by_id(module._parameters)
        return sum(parameters.values()), sum(own.values()), sum(buffers.values())

    def trainable(self, module: nn.Module) -> int:
        """Return the elements in those parameters that need a gradient."""
        parameters, _ = self._all(module)
        return sum(size for number, size in parameters.items() if number not in self._frozen)

    def _all(self, module: nn.Module) -> tuple[ElementsById, ElementsById]:
        counts = self._counts.get(module)
        if counts is None:
            counts = _elements_by_id(module._parameters), _elements_by_id(module._buffers)
            self._counts[module] = counts
            for child in _children(module):
                for own, inner in zip(counts, self._all(child), strict=True):
                    own.update(inner)
        return counts


def _children(module: nn.Module) -> Iterator[nn.Module]:
    """What `module.children()` gives, which also looks for a child that it has twice."""
    return (child for child in module._modules.values() if child is not None)


def _elements_by_id(state: Mapping[str, Tensor | None]) -> ElementsById:
    return {id(tensor): tensor.numel() for tensor in state.values() if tensor is not None}
