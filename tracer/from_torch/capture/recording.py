"""One run of a model on tensors without data, recorded: the operations, the blocks, the lines."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from inspect import Parameter
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.failure import Failure, data_note, needs_data
from tracer.from_torch.capture.fake_tensors import FakeTensors
from tracer.from_torch.capture.graph_builder import GraphBuilder
from tracer.from_torch.capture.line_tracer import LineTracer
from tracer.from_torch.capture.module_calls import Call, CallTree, NullCallTree, uncompiled
from tracer.from_torch.capture.no_dynamo import no_compiler
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.capture.real_tensors import RealTensors
from tracer.from_torch.capture.rng_state import kept_randomness
from tracer.from_torch.capture.state_swap import StateSwap, TensorSource
from tracer.from_torch.capture.user_source import UserSource
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.from_torch.targets.signatures import parameters_of
from tracer.record import Line, Value

ONE_AT_A_TIME = threading.RLock()
"""A run exchanges things that all threads see: parameters, and how modules are called."""

Inputs = Tensor | tuple[Any, ...] | list[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """What a run left behind, or what there was of it when the model raised an exception."""

    model: nn.Module
    recorder: OpRecorder
    root: Call | None
    inputs: tuple[Value, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    failure: Failure | None

    @property
    def error(self) -> Exception | None:
        """The model's own exception, if it raised one."""
        return None if self.failure is None else self.failure.error


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a recording is to hold beside the operations."""

    blocks: bool
    lines: bool
    graph: bool


def record(
    model: nn.Module,
    inputs: Inputs,
    *,
    blocks: bool = True,
    lines: bool = True,
    graph: bool = False,
) -> Recording:
    """Run `model` once on tensors without data, and record what it does.

    `inputs` is a tensor (one positional argument), a tuple (positional arguments) or a dict
    (keywords); only shape, dtype and device of its tensors are looked at. Neither the model, nor
    its mode, nor its buffers are changed. An exception of the model's own is kept in
    `Recording.failure`, beside all that ran before it. A model that decides by the values of
    tensors is run a second time on real ones, and `Recording.notes` says so. With `graph` a graph
    that runs is written as well, which takes more time; without `blocks` no call of a module is
    noted, which takes less.
    """
    wanted = Wanted(blocks, lines, graph)
    with ONE_AT_A_TIME, kept_randomness(), no_collection():
        with no_compiler():
            recording = _record(uncompiled(model), inputs, FakeTensors(), wanted)
        if recording.failure is None or not needs_data(recording.failure):
            return recording
        return _record(
            uncompiled(model), inputs, RealTensors(), wanted, data_note(recording.failure)
        )


def _record(
    model: nn.Module, inputs: Inputs, stand_ins: TensorSource, wanted: Wanted, *notes: str
) -> Recording:
    loan = StateSwap(model, stand_ins)
    source = UserSource(model, loan.modules.values())
    place = source.place if wanted.lines else _nowhere
    recorder = OpRecorder(loan, place, GraphBuilder if wanted.graph else ValueNamer)
    tree = CallTree if wanted.blocks else NullCallTree
    calls = tree(recorder, {module: path for path, module in loan.modules.items()})
    watch = LineTracer(recorder, source) if wanted.lines else None
    failure = None
    with loan.lent():
        arguments, values = _write_inputs(recorder, stand_ins, named_inputs(model, inputs))
        by_name = isinstance(inputs, Mapping)
        args, keywords = ((), arguments) if by_name else (arguments.values(), {})
        try:
            with _watching(recorder, calls, watch):
                result = model(*args, **keywords)
            recorder.writer.output(result, recorder.adopt)
        except Exception as error:
            failure = _failure(error, recorder, calls, source)
    recorder.values.release()
    seen = watch.lines if watch else ()
    notes = (*notes, *recorder.notes)
    return Recording(model, recorder, calls.root, values, seen, notes, failure)


def _failure(
    error: Exception, recorder: OpRecorder, calls: CallTree, source: UserSource
) -> Failure:
    block = calls.failed[1] if calls.failed and calls.failed[0] is error else ""
    failure = Failure(error, block, source.place_of(error))
    if recorder.refused is None or recorder.refused[0] is not error:
        return failure
    return replace(failure, op=recorder.refused[1], operands=recorder.refused[2])


@contextmanager
def _watching(recorder: OpRecorder, calls: CallTree, watch: LineTracer | None) -> Iterator[None]:
    """Every witness in its place, the line watch innermost, so that it sees the model alone."""
    with ExitStack() as stack, silent():
        for context in (torch.no_grad(), recorder.mode, recorder.floor, recorder, calls.watched()):
            stack.enter_context(context)
        stack.enter_context(watch.watched() if watch else nullcontext())
        yield


@contextmanager
def no_collection() -> Iterator[None]:
    """A graph is made of many small objects, none of which is garbage yet.

    The collector would look through all that the process has, again and again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def silent() -> Iterator[None]:
    """Torch logs the traceback of whatever fails on fakes; the exception itself is enough."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _write_inputs(
    recorder: OpRecorder, stand_ins: TensorSource, inputs: dict[str, Any]
) -> tuple[dict[str, Any], tuple[Value, ...]]:
    """The arguments as stand-ins, each behind a placeholder, and the values of their tensors."""
    arguments: dict[str, Any] = {}
    values: tuple[Value, ...] = ()
    known: dict[int, Tensor] = {}

    def stand_in(tensor: Tensor) -> Tensor:
        # One tensor that is given twice stays one: what is done to it in place is done to both.
        if id(tensor) not in known:
            known[id(tensor)] = stand_ins.of(tensor)
        return known[id(tensor)]

    for name, item in inputs.items():
        arguments[name] = map_tensors(item, stand_in)
        values += recorder.writer.input(name, arguments[name])
    return arguments, values


def named_inputs(model: nn.Module, inputs: Inputs) -> dict[str, Any]:
    """The inputs by the names that the model's ``forward`` has for them."""
    if isinstance(inputs, Mapping):
        return dict(inputs)
    items = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    names = [one.name for one in parameters_of(model.forward) if one.kind in kinds]
    names += [f"input_{number}" for number in range(len(names), len(items))]
    return dict(zip(names, items, strict=False))


def _nowhere() -> None:
    """The place of a step in a trace without lines."""
