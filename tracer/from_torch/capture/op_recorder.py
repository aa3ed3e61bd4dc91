"""Records every torch call of a run as an operation while the model runs.

The recorder is a `TorchFunctionMode`: torch hands it each call that the model's own code makes
(``conv2d``, ``cat``, ``x + y``) with the arguments as the model wrote them. It runs the call on
tensors without data, or takes the result from the cache, and records what was read and written.
With a `GraphBuilder` it also adds a node to a `torch.fx.Graph`. Operations that do not go through
torch functions (inside TorchScript, or in C++) are found one level below by `DispatchRecorder`.

Queries (``x.shape``, ``x.dim()``) and calls that return their argument unchanged (``x.float()`` of
a float tensor) are not operations.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import (
    BuiltinFunctionType,
    FrameType,
    MethodDescriptorType,
    WrapperDescriptorType,
)
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from tracer.escapes import escape_name
from tracer.from_torch.capture.absent_devices import ABSENT_DEVICE_NOTE, on_cpu
from tracer.from_torch.capture.native_messages import native_error
from tracer.from_torch.capture.pytree import PyTree, map_tensors, operands, tensors_in
from tracer.from_torch.capture.recorded_op import (
    Arguments,
    Keywords,
    ModuleScope,
    RecordedOp,
    TorchCall,
    TorchFunction,
)
from tracer.from_torch.capture.results.cached_result import CachedResult
from tracer.from_torch.capture.results.known_results import known_result
from tracer.from_torch.capture.results.op_cache import OP_CACHE
from tracer.from_torch.capture.source.user_source import FileLine
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.tensor_queries import DATA_READERS, METADATA_QUERIES, QUERIES
from tracer.from_torch.capture.tensor_source import FakeTensors
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.from_torch.capture.value_table import ValueTable, storage_of
from tracer.from_torch.private_torch import (
    DataDependentOutputException,
    FakeTensor,
    functorch_level,
    set_grad_enabled,
)
from tracer.record import Value

NOTHING_RAN = "No operation ran. The model returned an object of type {}."

BUILT_IN_TYPES = frozenset((BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType))
"""The types of functions that are written in C, and so hold on to nothing."""

GRADIENT_FLAGS = {"requires_grad", "requires_grad_"}
"""Calls that compute nothing, but that a graph needs in order to ask for a gradient."""


@dataclass(frozen=True, slots=True)
class CallError:
    """A torch call that raised an exception, with the values that it was given."""

    error: BaseException
    op: str
    operands: tuple[Value, ...]


class OpRecorder(TorchFunctionMode):
    """Records every operation of one run.

    Args:
        swap: What replaces the tensors of the model.
        current_line: Returns the line of the model's own source that is running.
        namer: The class that names values; `GraphBuilder` to build a graph as well.
    """

    def __init__(
        self,
        swap: StateSwap,
        current_line: Callable[[], FileLine | None],
        namer: type[ValueNamer] = ValueNamer,
    ) -> None:
        super().__init__()
        self.values = ValueTable()
        self.namer = namer(self.values)
        self.scope = ModuleScope("")
        self.operations: list[RecordedOp] = []
        self.notes: list[str] = []
        self.missed = 0
        """How many operations ran where they could not be recorded."""
        self.undecided = 0
        """How many calls did more than make tensors that follow from the metadata of others."""
        self.observe_code: Callable[[FrameType], None] | None = None
        """Is called with the frame of each function of Python that the model calls, if needed."""
        self.last_error: CallError | None = None
        self.inside_call = False
        """Whether the run is inside a call that is being recorded."""
        self.flops: int | None = None
        """The FLOPs of the current call so far; None if no formula applied."""
        source = swap.tensor_source
        self._fakes = source if isinstance(source, FakeTensors) else None
        self._swap = swap
        self._current_line = current_line
        self._absent_devices: set[str] = set()

    def __torch_function__(
        self,
        func: TorchFunction,
        types: Any,
        args: Arguments = (),
        kwargs: Keywords | None = None,
    ) -> Any:
        if func in QUERIES:
            return func(*args, **(kwargs or {}))
        if functorch_level() is not None:  # DispatchRecorder sees what a vmap comes to
            FakeTensors.forget_metadata(operands(args, kwargs or {}))
            self.undecided += 1
            return func(*args, **(kwargs or {}))
        if func is set_grad_enabled:
            self.namer.set_gradients(*args)
            self.undecided += 1
            return func(*args)
        # Line tracing is for the model's own code. The tracer's code has far more lines.
        line_trace = sys.gettrace()
        if line_trace is None:
            return self.record_call(func, args, kwargs or {})
        sys.settrace(None)
        try:
            return self.record_call(func, args, kwargs or {})
        finally:
            sys.settrace(line_trace)

    def record_call(self, func: TorchFunction, args: Arguments, kwargs: Keywords) -> Any:
        """Run one torch call, or take its result from the cache, and record it."""
        func, args, kwargs = on_cpu(func, args, kwargs, self.note_absent_device)
        call = self._torch_call(func, args, kwargs)
        key = None
        if self._fakes is not None:
            key = OP_CACHE.key(func, call.args, call.kwargs)
            cached = OP_CACHE.get(key)
            if cached is None and key is not None:
                cached = known_result(call)
                if cached is not None:
                    OP_CACHE.add(key, cached)
            if cached is not None:
                return self._record_cached(call, cached, self._fakes)
        result, changed = self._run(call, key)
        if changed or not all(tensor in self.values for tensor in operands((result,), {})):
            self._record(call, changed, result, self._memory_of(call, changed, result))
        elif call.op in GRADIENT_FLAGS:
            self.namer.add_call(call)
        return result

    def _record_cached(self, call: TorchCall, cached: CachedResult, fakes: FakeTensors) -> Any:
        result, self.flops = cached.make(call.tensors, fakes), cached.flops
        if cached.makes_tensors:
            shared = cached.shared_argument
            base = None if shared is None else self.values.current(call.tensors[shared]).name
            self._record(call, [], result, base)
        return result

    def current_line(self) -> FileLine | None:
        """Return the line of the model's own source that is running, if lines are recorded."""
        return self._current_line()

    def note_absent_device(self, kind: str) -> None:
        """Notes, once for each type, that the model asks for a device that is not there."""
        self.undecided += 1
        if kind not in self._absent_devices:
            self._absent_devices.add(kind)
            line = self._current_line()
            at = "" if line is None else " at {}:{}".format(*line)
            self.notes.append(ABSENT_DEVICE_NOTE.format(kind, at))

    def note_silence(self, result: PyTree) -> None:
        """Notes that the model ran to its end without any operation, if it did."""
        if not self.operations and not self.missed:
            kind = "Tensor" if isinstance(result, Tensor) else type(result).__name__
            self.notes.append(NOTHING_RAN.format(kind))

    def _torch_call(self, func: TorchFunction, args: Arguments, kwargs: Keywords) -> TorchCall:
        tensors = operands(args, kwargs)
        nodes = self.values.nodes
        new = [tensor for tensor in tensors if id(tensor) not in nodes]
        if new and [tensor for tensor in new if self.adopt(tensor) is not tensor]:
            args, kwargs = map_tensors((args, kwargs), self.adopt)
            tensors = operands(args, kwargs)
        if func is Tensor.__deepcopy__:
            func, args = torch.clone, args[:1]  # the caller of __deepcopy__ fills its memo
        return TorchCall(operation_name(func), func, args, kwargs, tensors)

    def _run(self, call: TorchCall, key: Hashable | None) -> tuple[Any, list[Tensor]]:
        """Return the result of a call, and the arguments that it changed."""
        versions = _versions(call.tensors)
        FakeTensors.forget_metadata(call.tensors)
        self.inside_call, self.flops = True, None
        try:
            self._require_data(call)
            result = call.func(*call.args, **call.kwargs)
        except BaseException as error:
            values = tuple(map(self.values.current, call.tensors))
            native = error
            if self._fakes is not None and isinstance(error, Exception):
                native = native_error(call, error)
            self.last_error = CallError(native, call.op, values)
            if native is not error:
                raise native from None
            raise
        finally:
            self.inside_call = False
        changed = _changed_arguments(call, versions)
        is_cached = not changed and OP_CACHE.put(key, result, call.tensors, self.flops)
        self.undecided += not is_cached and call.func not in METADATA_QUERIES
        return result, changed

    def _require_data(self, call: TorchCall) -> None:
        if self._fakes and call.op in DATA_READERS:
            raise DataDependentOutputException(call.func)

    def _record(
        self, call: TorchCall, changed: list[Tensor], result: PyTree, memory_of: str | None
    ) -> None:
        reads, weights = self.values.read(call.tensors)
        node = self.namer.add_call(call)
        writes = self.namer.add_results(node, changed, result)
        scope, line = self.scope, self._current_line()
        recorded = RecordedOp(
            call.op, reads, weights, writes, scope.call, line, self.flops, memory_of
        )
        self.namer.annotate(node, recorded, scope)
        self.operations.append(recorded)

    def _memory_of(self, call: TorchCall, changed: list[Tensor], result: PyTree) -> str | None:
        """Return the value whose memory holds the results of a call, None for new memory."""
        made = changed[:1] or list(itertools.islice(tensors_in(result), 1))
        written = {storage_of(tensor) for tensor in made}
        shared = (tensor for tensor in call.tensors if storage_of(tensor) in written)
        base = next(shared, None)
        return None if base is None else self.values.current(base).name

    def adopt(self, tensor: Tensor) -> Tensor:
        """Return the replacement of `tensor` in this run, after adding it to the values.

        A parameter or buffer is added here at its first use. Any other tensor that the run did not
        make is a constant of the model, such as a table in a plain attribute.
        """
        if id(tensor) in self.values.nodes:
            return tensor
        replacement = self._swap.replacements.get(id(tensor), tensor)
        if replacement in self.values:
            return replacement
        if id(replacement) not in self._swap.originals:
            if isinstance(replacement, FakeTensor):
                return self._adopt_unrecorded(replacement)
            replacement = self._swap.add_constant(tensor)
            self.undecided += 1
        name = self._swap.names.get(id(replacement)) or self.namer.constant_name()
        self.namer.add_attribute(replacement, name, self._swap.originals[id(replacement)])
        return replacement

    def _adopt_unrecorded(self, tensor: Tensor) -> Tensor:
        """Add a tensor that no recorded call made, as a view of a known one if it is that."""
        self.undecided += 1
        base = self.values.sharing_storage(tensor)
        if base is None:
            self._adopt_missed(tensor)
            return tensor
        view = (base, tuple(tensor.shape), tensor.stride(), tensor.storage_offset())
        self.flops = None
        call = TorchCall("as_strided", torch.as_strided, view, {}, [base])
        self._record(call, [], tensor, self.values.current(base).name)
        return tensor

    def _adopt_missed(self, tensor: Tensor) -> None:
        name, shape = self.namer.constant_name(), tuple(tensor.shape)
        line = ":".join(map(str, self._current_line() or ("an unknown line",)))
        self.missed += 1
        self.notes.append(f"{name}, {shape}, was made where it could not be recorded, at {line}.")
        self.namer.add_attribute(tensor, name, tensor)


def operation_name(func: TorchFunction) -> str:
    """Return the name of an operation for readers: ``conv2d``, ``add``, ``getitem``, ``T``.

    >>> operation_name(torch.ops.aten._softmax.default), operation_name(torch.Tensor.T.__get__)
    ('softmax', 'T')
    """
    if type(func) in BUILT_IN_TYPES:
        return _name_of_built_in(func)
    return _name_of(func)


@lru_cache(4096)
def _name_of_built_in(func: TorchFunction) -> str:
    return _name_of(func)


def _name_of(func: TorchFunction) -> str:
    if func.__name__ in ("__get__", "__set__"):
        return str(func.__self__.__name__)
    packet: Any = getattr(func, "_overloadpacket", func)
    name = str(packet.__name__)
    return escape_name(name.strip("_") if name.startswith("_") else name)


def _versions(tensors: Sequence[Tensor]) -> list[int | None]:
    return [None if tensor.is_inference() else tensor._version for tensor in tensors]


def _changed_arguments(call: TorchCall, before: Sequence[int | None]) -> list[Tensor]:
    """Return the arguments that the call wrote to, by their version counters.

    Tensors made in inference mode have no counter; there the name of the function decides.
    """
    if call.func.__name__ == "__set__":
        return call.tensors[:1]
    versions = zip(call.tensors, before, _versions(call.tensors), strict=True)
    changed = [tensor for tensor, old, new in versions if old != new]
    if not changed and None in before and _is_in_place_by_name(call):
        out = call.kwargs.get("out")
        return call.tensors[:1] if out is None else list(tensors_in(out))
    return changed


def _is_in_place_by_name(call: TorchCall) -> bool:
    in_place_name = call.op == "setitem" or call.op.endswith("_")
    return in_place_name or bool(call.kwargs.get("inplace")) or "out" in call.kwargs
