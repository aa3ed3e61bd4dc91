"""Every torch call of a run, noted as an operation while the model runs.

The recorder is a `TorchFunctionMode`: torch hands it each call that the model's own code makes
(``conv2d``, ``cat``, ``x + y``) with the arguments as the model wrote them. It runs the call on
tensors without data, or remembers the answer, and notes what was read and written; where a graph is
wanted, its writer makes a node of a `torch.fx.Graph` of it. What is computed without passing by
there (inside TorchScript, or in C++) is caught one floor below, where `Floor` sees every ATen
operation that no recorded call asked for.

Calls that only ask (``x.shape``, ``x.dim()``) and calls that hand back their argument
(``x.float()`` of a float) are not operations.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch._C._functorch import maybe_current_level as _functorch_level
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from tracer.from_torch.capture.fake_tensors import FakeTensors
from tracer.from_torch.capture.flops import flops_of
from tracer.from_torch.capture.op_cache import OP_CACHE, CachedResult
from tracer.from_torch.capture.operation import RecordedOp, Scope
from tracer.from_torch.capture.pytree import map_tensors, operands, tensors_in
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.user_source import SourceLine
from tracer.from_torch.capture.value_names import ValueNamer
from tracer.from_torch.capture.value_table import ValueTable, storage_of
from tracer.record import Value

QUERIES = frozenset(
    getattr(torch.Tensor, name).__get__
    for name in ("shape", "dtype", "ndim", "layout", "is_cuda", "requires_grad")
) | {torch.Tensor.size, torch.Tensor.dim, torch.Tensor.numel, torch.Tensor.is_floating_point}
"""Calls that never make a tensor, passed on at once. Any other is looked at when it returns."""

CRASHES = {"apply_", "map_", "map2_", "data_ptr"}
"""Calls that read data, or tell where it is, without asking whether there is any."""

MARKS = {"requires_grad", "requires_grad_"}
"""Calls that compute nothing, and without which a graph could not ask for a gradient."""

NO_OPERATIONS = {torch.ops.prim.device.default}
"""What is dispatched only because a tensor without data is asked for its device."""


@dataclass(slots=True)
class TorchCall:
    """One torch call as the model asked for it, its tensors replaced by those of this run."""

    op: str
    func: Any
    args: Any
    kwargs: dict[str, Any]
    tensors: list[Tensor]


class OpRecorder(TorchFunctionMode):
    """Notes every operation. `place` tells the line of the model's own source that is running."""

    def __init__(
        self,
        loan: StateSwap,
        place: Callable[[], SourceLine | None],
        writer: type[ValueNamer] = ValueNamer,
    ) -> None:
        super().__init__()
        self.mode: Any = loan.stand_ins.mode
        self.values = ValueTable()
        self.writer = writer(self.values)
        self.floor = DispatchRecorder(self)
        self.scope = Scope("")
        self.operations: list[RecordedOp] = []
        self.notes: list[str] = []
        self.missed = 0
        """Operations that ran where they could not be seen."""
        self.refused: tuple[BaseException, str, tuple[Value, ...]] | None = None
        """The last torch call that raised an exception: that, its name and its operands."""
        self.asked = False
        """Whether the run is inside a call that is being recorded."""
        self.flops: int | None = None
        """What the recorded call has cost so far; None until a formula applied."""
        self._fakes = loan.stand_ins if isinstance(loan.stand_ins, FakeTensors) else None
        self._loan = loan
        self._place = place

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in QUERIES or _functorch_level() is not None:
            return func(*args, **(kwargs or {}))  # of a vmap, `Floor` sees what it comes to
        # Whoever traces the model's lines is not interested in ours, which are many more.
        line_trace = sys.gettrace()
        if line_trace is None:
            return self.call(func, args, kwargs or {})
        sys.settrace(None)
        try:
            return self.call(func, args, kwargs or {})
        finally:
            sys.settrace(line_trace)

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run one torch call, or remember its answer, and write it down."""
        asked = self._request(func, args, kwargs)
        key = None
        if self._fakes is not None:
            key = OP_CACHE.key(func, asked.args, asked.kwargs)
            answer = OP_CACHE.recall(key)
            if answer is not None:
                return self._recalled(asked, answer, self._fakes)
        result, changed = self._run(asked, key)
        if changed or not all(tensor in self.values for tensor in operands((result,), {})):
            self._write(asked, changed, result, self._memory_of(asked, changed, result))
        elif asked.op in MARKS:
            self.writer.call(asked.op, func, asked.args, asked.kwargs)
        return result

    def _recalled(self, asked: TorchCall, answer: CachedResult, fakes: FakeTensors) -> Any:
        result, self.flops = answer.make(asked.tensors, fakes), answer.flops
        if answer.makes_tensors:
            shown = answer.shown
            base = None if shown is None else self.values.of(asked.tensors[shown]).name
            self._write(asked, [], result, base)
        return result

    def _request(self, func: Any, args: Any, kwargs: Any) -> TorchCall:
        tensors = operands(args, kwargs)
        nodes = self.values.nodes
        new = [tensor for tensor in tensors if id(tensor) not in nodes]
        if new and [tensor for tensor in new if self.adopt(tensor) is not tensor]:
            args, kwargs = map_tensors((args, kwargs), self.adopt)
            tensors = operands(args, kwargs)
        if func is Tensor.__deepcopy__:
            func, args = torch.clone, args[:1]  # its memo is filled by whoever asked
        return TorchCall(operation_name(func), func, args, kwargs, tensors)

    def _run(self, asked: TorchCall, key: Hashable | None) -> tuple[Any, list[Tensor]]:
        """The result of a call, and the arguments that it changed."""
        before = _versions(asked.tensors)
        self.asked, self.flops = True, None
        try:
            result = self._called(asked)
        except BaseException as error:
            self.refused = error, asked.op, tuple(map(self.values.of, asked.tensors))
            raise
        finally:
            self.asked = False
        changed = _changed(asked, before)
        if not changed:
            OP_CACHE.keep(key, result, asked.tensors, self.flops)
        return result, changed

    def _called(self, asked: TorchCall) -> Any:
        if self._fakes and asked.op in CRASHES:
            raise DataDependentOutputException(asked.func)
        return asked.func(*asked.args, **asked.kwargs)

    def _write(
        self, asked: TorchCall, changed: list[Tensor], result: Any, memory_of: str | None
    ) -> None:
        reads, weights = self.values.read(asked.tensors)
        node = self.writer.call(asked.op, asked.func, asked.args, asked.kwargs)
        writes = self.writer.results(node, changed, result)
        scope, place = self.scope, self._place()
        done = RecordedOp(
            asked.op, reads, weights, writes, scope.call, place, self.flops, memory_of
        )
        self.writer.describe(node, done, scope)
        self.operations.append(done)

    def _memory_of(self, asked: TorchCall, changed: list[Tensor], result: Any) -> str | None:
        """The value in whose memory the call wrote its results, if that is not new."""
        made = changed[:1] or list(itertools.islice(tensors_in(result), 1))
        written = {storage_of(tensor) for tensor in made}
        shared = (tensor for tensor in asked.tensors if storage_of(tensor) in written)
        base = next(shared, None)
        return None if base is None else self.values.of(base).name

    def adopt(self, tensor: Tensor) -> Tensor:
        """The tensor that stands for `tensor` in this run, with a node that gives it.

        A parameter or buffer is met here at its first use. Any other tensor that the run did not
        make is a constant of the model, such as a table kept in a plain attribute.
        """
        if tensor in self.values:
            return tensor
        other = self._loan.lent_for.get(id(tensor), tensor)
        if other in self.values:
            return other
        if id(other) not in self._loan.originals:
            if isinstance(other, FakeTensor):
                return self._adopt_unseen(other)
            other = self._loan.constant(tensor)
        name = self._loan.names.get(id(other)) or self.writer.constant_name()
        self.writer.attribute(other, name, self._loan.originals[id(other)])
        return other

    def _adopt_unseen(self, tensor: Tensor) -> Tensor:
        """A tensor that was made where no call could be seen: a view of one that is known."""
        base = self.values.sharing(tensor)
        if base is None:
            name = self.writer.constant_name()
            shape, at = (
                tuple(tensor.shape),
                ":".join(map(str, self._place() or ("a place unknown",))),
            )
            self.missed += 1
            self.notes.append(f"{name}, {shape}, was made where it could not be seen, at {at}.")
            self.writer.attribute(tensor, name, tensor)
            return tensor
        view = (base, tuple(tensor.shape), tensor.stride(), tensor.storage_offset())
        asked = TorchCall("as_strided", torch.as_strided, view, {}, [base])
        self.flops = None
        self._write(asked, [], tensor, self.values.of(base).name)
        return tensor


class DispatchRecorder(TorchDispatchMode):
    """Sees every ATen operation: counts those of the recorded calls, and records the others."""

    def __init__(self, recorder: OpRecorder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._recorder = recorder

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # or torch would import its compiler, for longer than a trace takes

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not self._recorder.asked and func not in NO_OPERATIONS:
            with self, torch._C.DisableTorchFunction():
                return self._recorder.call(func, args, kwargs)
        if func not in NO_OPERATIONS and func._overloadpacket not in flop_registry:
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        result = func(*args, **kwargs)
        cost = flops_of(func, args, kwargs, result)
        if cost is not None:
            self._recorder.flops = cost + (self._recorder.flops or 0)
        return result


def operation_name(func: Any) -> str:
    """What a reader calls the operation: ``conv2d``, ``add``, ``getitem``, ``T``."""
    if func.__name__ in ("__get__", "__set__"):
        return str(func.__self__.__name__)
    packet = getattr(func, "_overloadpacket", func)
    name = str(packet.__name__)
    return name.strip("_") if name.startswith("_") else name


def _versions(tensors: Sequence[Tensor]) -> list[int | None]:
    return [None if tensor.is_inference() else tensor._version for tensor in tensors]


def _changed(asked: TorchCall, before: Sequence[int | None]) -> list[Tensor]:
    """The arguments that the call wrote to, by their version counters.

    Tensors made in inference mode have none; there the name of the function has to tell.
    """
    if asked.func.__name__ == "__set__":
        return asked.tensors[:1]
    after = _versions(asked.tensors)
    versions = zip(asked.tensors, before, after, strict=True)
    changed = [tensor for tensor, old, new in versions if old != new]
    if not changed and None in before and _says_in_place(asked):
        out = asked.kwargs.get("out")
        return asked.tensors[:1] if out is None else list(tensors_in(out))
    return changed


def _says_in_place(asked: TorchCall) -> bool:
    named = asked.op == "setitem" or asked.op.endswith("_")
    return named or bool(asked.kwargs.get("inplace")) or "out" in asked.kwargs
