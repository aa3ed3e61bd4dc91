"""The first operation at which a recorded graph and its model part, found by running both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from tracer.from_torch.capture.op_recorder import OpRecorder, TorchCall
from tracer.from_torch.capture.pytree import tensors_in
from tracer.from_torch.capture.real_tensors import RealTensors
from tracer.from_torch.capture.recording import Inputs, Recording, named_inputs
from tracer.from_torch.capture.rng_state import call, copied, same_randomness
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.verify.graph_module import to_graph_module

Digest = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationDifference:
    """The first operation that differs: its number and name, its block, its line, and how."""

    step: int
    op: str
    block: str
    file: str | None
    line: int | None
    how: str


@dataclass(slots=True)
class OperationResults:
    """What the operations of one run gave: a digest of each, and the tensors of one of them."""

    keep: int | None
    ops: list[str]
    digests: list[Digest]
    kept: list[Tensor]

    def add(self, op: str, result: Any, operands: Any) -> None:
        """One more operation ran. What changes an operand and returns nothing is known by that."""
        tensors = list(tensors_in(result)) or list(tensors_in(operands))[:1]
        if len(self.ops) == self.keep:
            self.kept = [tensor.clone() for tensor in tensors]
        self.ops.append(op)
        self.digests.append(tuple(map(digest, tensors)))


def digest(tensor: Tensor) -> str:
    """What two tensors have in common only if they have the same dtype, shape and bits."""
    plain = tensor.detach().resolve_conj().resolve_neg()
    plain = plain.to_dense() if plain.layout is not torch.strided else plain
    numbers = plain.contiguous().reshape(-1).view(torch.uint8).numpy()
    said = f"{tensor.dtype} {tuple(tensor.shape)} "
    return said + hashlib.blake2b(numbers.data, digest_size=16).hexdigest()


def find_difference(
    model: nn.Module, inputs: Inputs, recording: Recording, restore: Any
) -> OperationDifference | None:
    """Where the model and its graph part; None when each operation gives the same in both.

    `restore` gives the model its buffers again, before each run.
    """
    watched, replayed = _both(model, inputs, recording, restore)
    pairs = enumerate(zip(watched.digests, replayed.digests, strict=False))
    number = next((number for number, (one, other) in pairs if one != other), None)
    if number is None and len(watched.ops) == len(replayed.ops):
        return None
    if number is None:
        number = min(len(watched.ops), len(replayed.ops)) - 1
        how = f"the model runs {len(watched.ops)} operations, its graph {len(replayed.ops)}"
    else:
        how = _how(*_both(model, inputs, recording, restore, keep=number), number)
    operation = recording.recorder.operations[number]
    file, line = operation.place or (None, None)
    return OperationDifference(number, operation.op, operation.block, file, line, how)


def _both(
    model: nn.Module, inputs: Inputs, recording: Recording, restore: Any, keep: int | None = None
) -> tuple[OperationResults, OperationResults]:
    watched, replayed = OperationResults(keep, [], [], []), OperationResults(keep, [], [], [])
    restore()
    _watch(model, inputs, watched)
    restore()
    with torch.no_grad(), same_randomness():
        ReplayInterpreter(recording, replayed).run(
            *copied(list(named_inputs(model, inputs).values()))
        )
    return watched, replayed


def _how(watched: OperationResults, replayed: OperationResults, number: int) -> str:
    """How the tensors of one operation differ, in words."""
    if watched.ops[number] != replayed.ops[number]:
        return f"the model runs {watched.ops[number]} there, its graph {replayed.ops[number]}"
    for one, other in zip(watched.kept, replayed.kept, strict=False):
        if one.shape != other.shape or one.dtype != other.dtype:
            return f"the model gives {_kind(one)}, its graph {_kind(other)}"
        if digest(one) != digest(other):
            return f"of {one.numel():,} numbers {_distance(one, other)}"
    return f"the model gives {len(watched.kept)} tensors, its graph {len(replayed.kept)}"


def _distance(one: Tensor, other: Tensor) -> str:
    gaps = (one.to(torch.float64) - other.to(torch.float64)).abs()
    count = int((gaps != 0).sum())
    return f"{count:,} differ, by {float(gaps.nan_to_num().max()):.3g} at most"


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} of {str(tensor.dtype).removeprefix('torch.')}"


def _watch(model: nn.Module, inputs: Inputs, results: OperationResults) -> None:
    """Run the model for real, watched as it was when it was recorded."""
    witness = RealRunRecorder(StateSwap(model, RealTensors()), results)
    copies = copied(inputs)
    with ExitStack() as stack:
        for context in (torch.no_grad(), same_randomness(), witness.floor, witness):
            stack.enter_context(context)
        call(model, copies)


class RealRunRecorder(OpRecorder):
    """Sees the operations of a real run, by the same rules as the recorder of a run on fakes."""

    def __init__(self, loan: StateSwap, results: OperationResults) -> None:
        super().__init__(loan, lambda: None)
        self._results = results

    def call(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run one torch call, and note what it gave."""
        asked = self._request(func, args, kwargs)
        result, changed = self._run(asked, None)
        if changed or any(tensor not in self.values for tensor in tensors_in(result)):
            self._write(asked, changed, result, None)
        return result

    def _write(
        self, asked: TorchCall, changed: list[Tensor], result: Any, memory_of: str | None
    ) -> None:
        super()._write(asked, changed, result, memory_of)
        self.asked = True  # what is done to look at a result is no part of the run
        self._results.add(asked.op, result, (asked.args, asked.kwargs))
        self.asked = False

    def adopt(self, tensor: Tensor) -> Tensor:
        """The tensor itself: here nothing stands for anything."""
        if tensor not in self.values:
            self.writer.attribute(tensor, self.writer.constant_name(), tensor)
        return tensor


class ReplayInterpreter(fx.Interpreter):
    """Runs the recorded graph node by node, and notes what each operation gave."""

    def __init__(self, recording: Recording, results: OperationResults) -> None:
        module = to_graph_module(recording)
        super().__init__(module)
        operations = [node for node in module.graph.nodes if "operation" in node.meta]
        self._ops = {node.name: node.meta["operation"].op for node in operations}
        self._results = results

    def run_node(self, n: fx.Node) -> Any:
        """Run one node."""
        result = super().run_node(n)
        if n.name in self._ops:
            operands = self.map_nodes_to_values((n.args, n.kwargs), n) if result is None else ()
            self._results.add(self._ops[n.name], result, operands)
        return result


def same_bits(one: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    """Whether two rows of tensors are equal to the last bit, dtypes and shapes included."""
    return list(map(digest, one)) == list(map(digest, other))
