"""Finds the first operation at which a recorded graph differs from its model, by running both."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from tracer.analysis.replay_verdict import OperationDifference
from tracer.from_torch.capture.absent_devices import control_calls_ignored, on_cpu
from tracer.from_torch.capture.convert import to_graph_module
from tracer.from_torch.capture.dispatch_recorder import DispatchRecorder
from tracer.from_torch.capture.model_call import ModelCall
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.pytree import PyTree, tensors_in
from tracer.from_torch.capture.recorded_op import Arguments, Keywords, TorchCall, TorchFunction
from tracer.from_torch.capture.recording import Recording
from tracer.from_torch.capture.rng.rng_state import seeded_rng
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.tensor_source import RealTensors
from tracer.from_torch.verify.random_data import cloned

Digest = tuple[str, ...]


@dataclass(slots=True)
class OperationResults:
    """The results of the operations of one run: a digest of each, and the tensors of one.

    `clone_at` is the number of the operation whose results are cloned.
    """

    clone_at: int | None
    ops: list[str]
    digests: list[Digest]
    clones: list[Tensor]

    @staticmethod
    def empty(clone_at: int | None) -> OperationResults:
        """Results before the first operation."""
        return OperationResults(clone_at, [], [], [])

    def add(self, op: str, result: PyTree, arguments: PyTree) -> None:
        """Add one operation. Without a result, the first argument is what it changed."""
        tensors = list(tensors_in(result)) or list(tensors_in(arguments))[:1]
        if len(self.ops) == self.clone_at:
            self.clones = [tensor.clone() for tensor in tensors]
        self.ops.append(op)
        self.digests.append(tuple(map(digest, tensors)))


def digest(tensor: Tensor) -> str:
    """Return a text that two tensors share only if their dtypes, shapes and bits are equal."""
    plain = tensor.detach().resolve_conj().resolve_neg()
    plain = plain.to_dense() if plain.layout is not torch.strided else plain
    numbers = plain.contiguous().reshape(-1).view(torch.uint8).numpy()
    header = f"{tensor.dtype} {tuple(tensor.shape)} "
    return header + hashlib.blake2b(numbers.data, digest_size=16).hexdigest()


def same_bits(one: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    """Whether two sequences of tensors are equal to the last bit, dtypes and shapes included.

    >>> same_bits([torch.ones(2)], [torch.ones(2)]), same_bits([torch.ones(2)], [torch.ones(2, 1)])
    (True, False)
    """
    return list(map(digest, one)) == list(map(digest, other))


def find_difference(
    call: ModelCall, recording: Recording, restore: Callable[[], None]
) -> OperationDifference | None:
    """Return where the model and its graph differ, or None if all operations agree.

    Args:
        call: The model and its inputs, with real numbers.
        recording: A recording of the same call, with its graph.
        restore: Restores the buffers of the model before each run.
    """
    model, graph = _run_both(call, recording, restore)
    pairs = enumerate(zip(model.digests, graph.digests, strict=False))
    number = next((number for number, (one, other) in pairs if one != other), None)
    if number is None and len(model.ops) == len(graph.ops):
        return None
    if number is None:
        number = min(len(model.ops), len(graph.ops)) - 1
        how = f"the model runs {len(model.ops)} operations, its graph {len(graph.ops)}"
    else:
        how = _how(*_run_both(call, recording, restore, clone_at=number), number)
    operation = recording.operations[number]
    file, line = operation.source_line or (None, None)
    return OperationDifference(number, operation.op, operation.block, file, line, how)


def _run_both(
    call: ModelCall,
    recording: Recording,
    restore: Callable[[], None],
    clone_at: int | None = None,
) -> tuple[OperationResults, OperationResults]:
    """The results of the model, and those of its graph."""
    model, graph = OperationResults.empty(clone_at), OperationResults.empty(clone_at)
    restore()
    _run_model(call, model)
    restore()
    with torch.no_grad(), seeded_rng():
        ReplayInterpreter(recording, graph).run(*cloned(list(call.arguments.values())))
    return model, graph


def _run_model(call: ModelCall, results: OperationResults) -> None:
    """Runs the model on real numbers, observed by the same rules as when it was recorded."""
    recorder = RealRunRecorder(results)
    arguments = cloned(call.arguments)
    with ExitStack() as stack:
        modes = (torch.no_grad(), seeded_rng(), DispatchRecorder(recorder), recorder)
        for context in (control_calls_ignored(), *modes):
            stack.enter_context(context)
        call.run(arguments)


def _how(model: OperationResults, graph: OperationResults, number: int) -> str:
    """How the results of one operation differ, in words."""
    if model.ops[number] != graph.ops[number]:
        return f"the model runs {model.ops[number]} there, its graph {graph.ops[number]}"
    for one, other in zip(model.clones, graph.clones, strict=False):
        if one.shape != other.shape or one.dtype != other.dtype:
            return f"the model gives {_kind(one)}, its graph {_kind(other)}"
        if digest(one) != digest(other):
            return f"of {one.numel():,} numbers {_distance(one, other)}"
    return f"the model gives {len(model.clones)} tensors, its graph {len(graph.clones)}"


def _distance(one: Tensor, other: Tensor) -> str:
    gaps = (one.to(torch.float64) - other.to(torch.float64)).abs()
    count = int((gaps != 0).sum())
    return f"{count:,} differ, by {float(gaps.nan_to_num().max()):.3g} at most"


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} of {str(tensor.dtype).removeprefix('torch.')}"


class RealRunRecorder(OpRecorder):
    """Observes the operations of a run on the model's own tensors, of which none is replaced."""

    def __init__(self, results: OperationResults) -> None:
        super().__init__(StateSwap(RealTensors()), lambda: None)
        self._results = results

    def record_call(self, func: TorchFunction, args: Arguments, kwargs: Keywords) -> Any:
        """Runs one torch call, and adds its result."""
        func, args, kwargs = on_cpu(func, args, kwargs, self.note_absent_device)
        call = self._torch_call(func, args, kwargs)
        result, changed = self._run(call, None)
        if changed or any(tensor not in self.values for tensor in tensors_in(result)):
            self._record(call, changed, result, None)
        return result

    def _record(
        self, call: TorchCall, changed: list[Tensor], result: PyTree, memory_of: str | None
    ) -> None:
        super()._record(call, changed, result, memory_of)
        self.inside_call = True  # reading a result is no operation of the run
        self._results.add(call.op, result, (call.args, call.kwargs))
        self.inside_call = False

    def adopt(self, tensor: Tensor) -> Tensor:
        """Return the tensor itself, after adding it to the values."""
        if tensor not in self.values:
            self.namer.add_attribute(tensor, self.namer.constant_name(), tensor)
        return tensor


class ReplayInterpreter(fx.Interpreter):
    """Runs the recorded graph node by node, and adds the result of each operation."""

    def __init__(self, recording: Recording, results: OperationResults) -> None:
        module = to_graph_module(recording)
        super().__init__(module)
        operations = [node for node in module.graph.nodes if "operation" in node.meta]
        self._ops = {node.name: node.meta["operation"].op for node in operations}
        self._results = results

    def run_node(self, n: fx.Node) -> Any:
        """Runs one node."""
        result = super().run_node(n)
        if n.name in self._ops:
            arguments = self.map_nodes_to_values((n.args, n.kwargs), n) if result is None else ()
            self._results.add(self._ops[n.name], result, arguments)
        return result
