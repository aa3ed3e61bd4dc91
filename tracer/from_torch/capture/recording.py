"""One run of a model on tensors without data, recorded: the operations, the blocks, the lines."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.absent_devices import control_calls_ignored
from tracer.from_torch.capture.dispatch_recorder import DispatchRecorder
from tracer.from_torch.capture.failure import Failure, failure_in, needs_data, real_data_note
from tracer.from_torch.capture.graph_builder import GraphBuilder
from tracer.from_torch.capture.isolation.global_references import name_that_leads_to
from tracer.from_torch.capture.isolation.global_values import GlobalValues
from tracer.from_torch.capture.isolation.leftovers import (
    clear_variables,
    references_in,
    remove_leftovers,
)
from tracer.from_torch.capture.isolation.module_shadow import ModuleShadow
from tracer.from_torch.capture.isolation.shared_hooks import OwnHooksNeeded, SharedHooks
from tracer.from_torch.capture.isolation.young_objects import RunObjects
from tracer.from_torch.capture.lines.line_tracer import LineTracer
from tracer.from_torch.capture.memo.block_memo import BlockMemo, is_watched
from tracer.from_torch.capture.memo.run_position import RunParts
from tracer.from_torch.capture.model_call import Inputs, ModelCall
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.module_calls import CallTree
from tracer.from_torch.capture.native_messages import fake_tensor_log_disabled
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.from_torch.capture.rng.private_rng import rng_isolated
from tracer.from_torch.capture.running_call import RunningCall, UnrecordedCall
from tracer.from_torch.capture.source.exact_types import TypeQuestions
from tracer.from_torch.capture.source.user_source import UserSource
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.stubs.no_dynamo import dynamo_stubbed
from tracer.from_torch.capture.stubs.no_sympy import sympy_stubbed
from tracer.from_torch.capture.tensor_source import FakeTensors, RealTensors, TensorSource
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.gc_pause import gc_calls_ignored, gc_paused
from tracer.record import Line, Value

CAPTURE_LOCK = threading.RLock()
"""One capture at a time: it temporarily patches `nn.Module.__call__`."""

USES_GLOBAL_NAME = "its code reaches it by the global name {}"
REACHED_ITSELF = "its code reaches it otherwise than through itself, such as by a global name"


@dataclass(frozen=True, slots=True)
class Recording:
    """What one run did, up to its end or to the exception that the model raised.

    `graph` is the graph of the run, if one was asked for. `created` are modules that ran and that
    ``forward`` created. `missed` counts the operations that ran where they could not be recorded.
    `on_real_data` says that the model ran on real numbers.
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
    created: tuple[nn.Module, ...] = ()
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
    repeats: bool


def record(  # noqa: PLR0913 - what a run may leave out, all by keyword
    model: nn.Module,
    inputs: Inputs,
    *,
    blocks: bool = True,
    lines: bool = True,
    graph: bool = False,
    gradients: bool = False,
    repeats: bool = True,
) -> Recording:
    """Run `model` once on tensors without data, and record what it does.

    The model, its mode and its buffers are not changed. An exception that the model raises is in
    `Recording.failure`, next to everything recorded before it. A model whose control flow depends
    on the values of tensors, or on their exact types, is run a second time, on real numbers;
    `Recording.notes` says so.

    Args:
        model: The model.
        inputs: A tensor (one positional argument), a tuple (positional arguments) or a dict
            (keywords). Only the shape, dtype and device of the tensors matter.
        blocks: Whether to record the calls of modules.
        lines: Whether to record the lines of the model's own source.
        graph: Whether to build a `torch.fx.Graph` as well.
        gradients: Whether to run in the gradient mode of the caller; otherwise gradients are off.
        repeats: Whether a block that does what an equal one did is recorded without being run.

    Raises:
        TraceError: A parameter of the model is lazy: it has no shape yet.

    >>> recording = record(torch.nn.Conv2d(3, 8, 3), torch.ones(1, 3, 16, 16))
    >>> [(op.op, op.writes[0].shape) for op in recording.operations]
    [('conv2d', (1, 8, 14, 14))]
    """
    options = Options(blocks, lines, graph, gradients, repeats and not (graph or gradients))
    with CAPTURE_LOCK, rng_isolated(), gc_paused():
        call = ModelCall.of(model, inputs)
        questions = TypeQuestions.of(call.modules)
        with dynamo_stubbed(), sympy_stubbed(), questions.observed():
            recording = _record(call, FakeTensors(), options)
        note = _reason_for_data(recording, questions)
        if note is None:
            return recording
        recording = _record(call, RealTensors(), options)
        return replace(recording, notes=(note, *recording.notes), on_real_data=True)


def _reason_for_data(recording: Recording, questions: TypeQuestions) -> str | None:
    """Why the model has to run on real numbers; None if its run without data is right."""
    if recording.failure is not None and needs_data(recording.failure):
        return real_data_note(recording.failure)
    return questions.note if questions.asked else None


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
    """Record a run of a copy of the model, or of the model itself where a copy does not do."""
    values = GlobalValues(call.modules.values())
    name = name_that_leads_to(call.modules.values(), values.sources)
    reason = USES_GLOBAL_NAME.format(name) if name else ""
    hooks = SharedHooks.create()
    has_data = isinstance(tensor_source, RealTensors)  # these are not drawn twice
    references = hooks.references
    run = Run(call, tensor_source, options, values, reason, None if has_data else hooks)
    with suppress(OwnHooksNeeded):
        recording = run.recorded()
    if hooks.is_asked or hooks.references > references:
        run = Run(call, tensor_source, options, values, reason)
        recording = run.recorded()
    if run.is_bypassed:
        recording = Run(call, tensor_source, options, values, REACHED_ITSELF).recorded()
    return recording


class Run:
    """One run of a model. Nothing that it makes outlives it, except in its recording."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a run needs; only this file makes one
        self,
        call: ModelCall,
        tensor_source: TensorSource,
        options: Options,
        values: GlobalValues,
        reason: str,
        hooks: SharedHooks | None = None,
    ) -> None:
        """Prepare a run, for which the model is copied unless there is a reason not to."""
        self.is_bypassed = False
        """Whether the run reached the model past its copy, so that it has to be repeated."""
        self._objects = RunObjects()
        self._call, self._options, self._values = call, options, values
        self._swap = StateSwap(tensor_source)
        shared = {id(item) for namespace in values.sources for item in namespace.copy().values()}
        self._shadow = ModuleShadow(
            call.modules,
            self._swap,
            shared=shared,
            reason=reason,
            add_function=values.add_function,
            hooks=hooks,
        )

    def recorded(self) -> Recording:
        """Run the model once, and undo what is left of that outside the recording."""
        try:
            recording = self._recorded()
        except BaseException as error:
            self._clean_up({}, error)
            raise
        failure = recording.failure
        if failure is not None and self._is_dropped(failure):
            clear_variables(failure.error)
        notes = self._clean_up(_references_of(recording), recording.error)
        return replace(recording, notes=(*recording.notes, *self._shadow.notes, *notes))

    def _is_dropped(self, failure: Failure) -> bool:
        """Whether nobody will look at the variables of a run that failed."""
        options = self._options
        is_sample = not (options.blocks or options.lines or options.graph)
        has_data = isinstance(self._swap.tensor_source, RealTensors)
        return is_sample or (not has_data and needs_data(failure))

    def _recorded(self) -> Recording:
        call, options, swap, shadow = self._call, self._options, self._swap, self._shadow
        source = UserSource(call.modules)
        current_line = source.current_line if options.lines else lambda: None
        recorder = OpRecorder(swap, current_line, GraphBuilder if options.graph else ValueNamer)
        line_tracer = LineTracer(recorder, source) if options.lines else None
        memo, fakes = None, swap.tensor_source
        if options.repeats and isinstance(fakes, FakeTensors) and not is_watched():
            parts = RunParts(recorder, line_tracer, fakes, shadow, source)
            memo = BlockMemo(call.modules, parts, options)
        begin = RunningCall if options.blocks else UnrecordedCall
        calls = CallTree(recorder, call.modules, shadow, begin, memo)
        failure = None
        arguments: dict[str, Any] = {}
        try:
            with shadow.active() as model:
                values = _add_inputs(recorder, swap.tensor_source, call, arguments)
                mode = nullcontext() if options.gradients else torch.no_grad()
                try:
                    with mode, _recording(recorder, swap.tensor_source, calls, line_tracer):
                        result = call.run(arguments, recorder.notes.append, model)
                        calls.finish(result)
                    recorder.namer.add_output(result, recorder.adopt)
                    recorder.note_silence(result)
                except Exception as error:
                    failure = failure_in(error, recorder, calls, source)
        finally:
            arguments.clear()
            recorder.namer.release()
            self._objects.add(recorder.values.release())
            self._objects.add(shadow.copies)
            self._objects.add(calls.created)
            calls.release()
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
            created=tuple(calls.created),
        )

    def _clean_up(self, known: Mapping[int, int], error: BaseException | None) -> list[str]:
        """Undo what is left of the run, and return notes on what could not be restored."""
        self._objects.add(self._swap.replacements.values())
        self._swap.release()
        self._shadow.release()
        notes, holders = remove_leftovers(self._objects, self._values, known, error)
        if self._shadow.is_bypassed(holders, error):
            self.is_bypassed = True
            self._shadow.restore_model()
        return notes


def _references_of(recording: Recording) -> Counter[int]:
    """How many references to a tensor belong to a recording, by the tensor's id."""
    items: list[Any] = []
    if recording.graph is not None:
        items += (node.meta.get("val") for node in recording.graph.graph.nodes)
        items += recording.graph.attributes.values()
    created = [part for module in recording.created for part in module.modules()]
    for part in created:
        items += (part._parameters, part._buffers)
    references = references_in(items)
    references.update(map(id, recording.created))
    references.update(id(child) for part in created for child in part._modules.values())
    if created and recording.root is not None:
        references.update(id(call.module) for call in recording.root.walk())
    return references


def _add_inputs(
    recorder: OpRecorder,
    tensor_source: TensorSource,
    call: ModelCall,
    arguments: dict[str, Any],
) -> tuple[Value, ...]:
    """Add the arguments with their tensors replaced, and return the values of those tensors."""
    replacements: dict[int, Tensor] = {}

    def replacement(tensor: Tensor) -> Tensor:
        # A tensor that is passed twice stays one: a change in place affects both arguments.
        if id(tensor) not in replacements:
            replacements[id(tensor)] = tensor_source.replacement(tensor)
        return replacements[id(tensor)]

    values: tuple[Value, ...] = ()
    for name, argument in call.arguments.items():
        arguments[name] = map_tensors(argument, replacement)
        values += recorder.namer.add_input(name, arguments[name])
    return values


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
    with ExitStack() as stack, fake_tensor_log_disabled():
        devices = control_calls_ignored(recorder.note_absent_device)
        for context in (devices, gc_calls_ignored(), *modes, calls.recording()):
            stack.enter_context(context)
        stack.enter_context(line_tracer.tracing() if line_tracer else nullcontext())
        yield
