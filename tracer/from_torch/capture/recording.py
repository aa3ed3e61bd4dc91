"""One run of a model on tensors without data, recorded: the operations, the blocks, the lines."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.absent_devices import control_calls_ignored
from tracer.from_torch.capture.dispatch_recorder import DispatchRecorder
from tracer.from_torch.capture.failure import Failure, needs_data, real_data_note
from tracer.from_torch.capture.graph_builder import GraphBuilder
from tracer.from_torch.capture.line_tracer import LineTracer
from tracer.from_torch.capture.model_call import Inputs, ModelCall
from tracer.from_torch.capture.module_calls import Call, CallTree, NullCallTree
from tracer.from_torch.capture.no_dynamo import dynamo_stubbed
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.from_torch.capture.rng_state import rng_state_restored
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.tensor_source import FakeTensors, RealTensors, TensorSource
from tracer.from_torch.capture.user_source import UserSource
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.from_torch.private_torch import FAKE_TENSOR_LOGGER
from tracer.gc_pause import gc_paused
from tracer.record import Line, Value

NOTHING_RAN = "No operation ran: the model returned an object of type {} without calling PyTorch."

CAPTURE_LOCK = threading.RLock()
"""One capture at a time: it temporarily patches module state and `nn.Module.__call__`."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What one run did, up to its end or to the exception that the model raised.

    `graph` is the graph of the run, if one was asked for. `missed` counts the operations that ran
    where they could not be recorded. `on_real_data` says that the model ran on real numbers.
    """

    model: nn.Module
    operations: list[RecordedOp]
    root: Call | None
    inputs: tuple[Value, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    missed: int = 0
    failure: Failure | None = None
    graph: GraphBuilder | None = None
    on_real_data: bool = False

    @property
    def error(self) -> Exception | None:
        """The model's own exception, if it raised one."""
        return None if self.failure is None else self.failure.error


@dataclass(frozen=True, slots=True)
class Options:
    """What a recording holds besides the operations."""

    blocks: bool
    lines: bool
    graph: bool
    gradients: bool


def record(  # noqa: PLR0913 - what a run may leave out, all by keyword
    model: nn.Module,
    inputs: Inputs,
    *,
    blocks: bool = True,
    lines: bool = True,
    graph: bool = False,
    gradients: bool = False,
) -> Recording:
    """Run `model` once on tensors without data, and records what it does.

    The model, its mode and its buffers are not changed. An exception that the model raises is in
    `Recording.failure`, next to everything recorded before it. A model whose control flow depends
    on the values of tensors is run a second time, on real numbers; `Recording.notes` says so.

    Args:
        model: The model.
        inputs: A tensor (one positional argument), a tuple (positional arguments) or a dict
            (keywords). Only the shape, dtype and device of the tensors matter.
        blocks: Whether to record the calls of modules.
        lines: Whether to record the lines of the model's own source.
        graph: Whether to build a `torch.fx.Graph` as well.
        gradients: Whether to run in the gradient mode of the caller; otherwise gradients are off.

    Raises:
        TraceError: A parameter of the model is lazy: it has no shape yet.

    >>> recording = record(torch.nn.Conv2d(3, 8, 3), torch.ones(1, 3, 16, 16))
    >>> [(op.op, op.writes[0].shape) for op in recording.operations]
    [('conv2d', (1, 8, 14, 14))]
    """
    options = Options(blocks, lines, graph, gradients)
    with CAPTURE_LOCK, rng_state_restored(), gc_paused():
        call = ModelCall.of(model, inputs)
        with dynamo_stubbed():
            recording = _record(call, FakeTensors(), options)
        failure = recording.failure
        if failure is None or not needs_data(failure):
            return recording
        recording = _record(call, RealTensors(), options)
        notes = (real_data_note(failure), *recording.notes)
        return replace(recording, notes=notes, on_real_data=True)


def record_graph(model: nn.Module, inputs: Inputs) -> Recording:
    """Record a model with its graph, in the gradient mode of the caller if it runs in that.

    A model that runs only without gradients, because it changes parameters in place, is recorded
    without.
    """
    recording = record(model, inputs, lines=False, graph=True, gradients=True)
    if recording.failure is None or not torch.is_grad_enabled():
        return recording
    without = record(model, inputs, lines=False, graph=True)
    return recording if without.failure is not None else without


def _record(call: ModelCall, tensor_source: TensorSource, options: Options) -> Recording:
    swap = StateSwap(call.modules, tensor_source)
    source = UserSource(call.modules)
    current_line = source.current_line if options.lines else _no_line
    recorder = OpRecorder(swap, current_line, GraphBuilder if options.graph else ValueNamer)
    calls = (CallTree if options.blocks else NullCallTree)(recorder, call.modules)
    line_tracer = LineTracer(recorder, source) if options.lines else None
    failure = None
    with swap.swapped():
        arguments, values = _add_inputs(recorder, tensor_source, call)
        try:
            mode = nullcontext() if options.gradients else torch.no_grad()
            with mode, _recording(recorder, tensor_source, calls, line_tracer):
                result = call.run(arguments, recorder.notes.append)
                calls.finish(result)
            recorder.namer.add_output(result, recorder.adopt)
            recorder.notes += _notes_on_silence(recorder, result)
        except Exception as error:
            failure = _failure(error, recorder, calls, source)
    recorder.values.release()
    return Recording(
        model=call.model,
        operations=recorder.operations,
        root=calls.root,
        inputs=values,
        lines=line_tracer.lines if line_tracer else (),
        notes=tuple(recorder.notes),
        missed=recorder.missed,
        failure=failure,
        graph=recorder.namer if isinstance(recorder.namer, GraphBuilder) else None,
    )


def _add_inputs(
    recorder: OpRecorder, tensor_source: TensorSource, call: ModelCall
) -> tuple[dict[str, Any], tuple[Value, ...]]:
    """Return the arguments with their tensors replaced, and the values of those tensors."""
    replacements: dict[int, Tensor] = {}

    def replacement(tensor: Tensor) -> Tensor:
        # A tensor that is passed twice stays one: a change in place affects both arguments.
        if id(tensor) not in replacements:
            replacements[id(tensor)] = tensor_source.replacement(tensor)
        return replacements[id(tensor)]

    arguments: dict[str, Any] = {}
    values: tuple[Value, ...] = ()
    for name, argument in call.arguments.items():
        arguments[name] = map_tensors(argument, replacement)
        values += recorder.namer.add_input(name, arguments[name])
    return arguments, values


@contextmanager
def _recording(
    recorder: OpRecorder,
    tensor_source: TensorSource,
    calls: CallTree,
    line_tracer: LineTracer | None,
) -> Iterator[None]:
    """All recorders active, the line tracer innermost so that it sees only the model."""
    dispatch = DispatchRecorder(recorder)
    modes: tuple[Any, ...] = (recorder.namer.observed(), tensor_source.mode, dispatch, recorder)
    with ExitStack() as stack, _fake_tensor_log_disabled():
        devices = control_calls_ignored(recorder.note_absent_device)
        for context in (devices, *modes, calls.recording()):
            stack.enter_context(context)
        stack.enter_context(line_tracer.tracing() if line_tracer else nullcontext())
        yield


@contextmanager
def _fake_tensor_log_disabled() -> Iterator[None]:
    """Torch logs the traceback of each failure on fake tensors; the exception is enough."""
    logger = logging.getLogger(FAKE_TENSOR_LOGGER)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _failure(
    error: Exception, recorder: OpRecorder, calls: CallTree, source: UserSource
) -> Failure:
    block = calls.last_error[1] if calls.last_error and calls.last_error[0] is error else ""
    failure = Failure(error, block, source.line_of(error))
    raised = recorder.last_error
    if raised is None or raised.error is not error:
        return failure
    return replace(failure, op=raised.op, operands=raised.operands)


def _notes_on_silence(recorder: OpRecorder, result: Any) -> list[str]:
    """A note on a model that ran to its end without any operation."""
    if recorder.operations or recorder.missed:
        return []
    kind = "Tensor" if isinstance(result, Tensor) else type(result).__name__
    return [NOTHING_RAN.format(kind)]


def _no_line() -> None:
    """The source line of an operation in a trace without lines."""
