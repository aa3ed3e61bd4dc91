"""Runs a graph on other numbers than those that it was recorded with.

A model that reads the values of tensors may compute in NumPy or plain Python, or take another path.
Its graph then holds what that came to, and is the model for the numbers of one run only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx

from tracer.analysis.replay_verdict import OperationDifference
from tracer.errors import error_line
from tracer.from_torch.capture.convert import to_graph_module
from tracer.from_torch.capture.model_call import ModelCall
from tracer.from_torch.capture.pytree import map_tensors, tensors_in
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.capture.rng.rng_state import seeded_rng
from tracer.from_torch.verify.bisect import same_bits
from tracer.from_torch.verify.random_data import random_inputs

SCALES = (1.0, 3.0, 0.3, 1.0)
"""So many sets of other numbers, each scaled by one of these, are drawn."""

RAISES = "with other numbers the model raises {}"
RUNS_OTHER = "with other numbers the model runs {} there"
RUNS_MORE = "with other numbers the model runs {} operations"
CONSTANT = "{} {}, which it reads, was made during the run and changes with the input"
SHAPE = "with other numbers it makes {}"
ARGUMENT = "its arguments change with the input"
RETURNS = "what the model returns changes with the input, and the graph returns a constant"

RunCall = Callable[[ModelCall], list[Tensor]]
"""Runs a call; returns its outputs, and the buffers as they are after it."""


def difference_with_other_numbers(
    call: ModelCall, recording: Recording, run: RunCall
) -> OperationDifference | None:
    """Return what of a graph changes with the numbers of the inputs; None if nothing does.

    Args:
        call: The model and the inputs for which its graph is right.
        recording: The recording on these inputs.
        run: Runs the model or its graph.
    """
    graph = to_graph_module(recording)
    for seed, scale in enumerate(SCALES, 1):
        try:
            other, outputs = _run_on_other_numbers(call, run, seed, scale)
        except Exception as error:  # a model may raise anything on numbers that it refuses
            how = RAISES.format(error_line(error).splitlines()[0])
            return OperationDifference(0, "", "", None, None, how)
        if not same_bits(outputs, _outputs_of_graph(replace(other, model=graph), run)):
            one, two = (record(call.model, each.inputs, graph=True) for each in (call, other))
            returned = OperationDifference(0, "", "", None, None, RETURNS)
            return next(_differences(one, two), returned)
    return None


def _run_on_other_numbers(
    call: ModelCall, run: RunCall, seed: int, scale: float
) -> tuple[ModelCall, list[Tensor]]:
    """Run a model on other numbers; with its integers as they are if it refuses others."""
    with seeded_rng(seed):
        drawn = random_inputs(call.model, call.inputs)
    pairs = zip(tensors_in(drawn), tensors_in(call.inputs), strict=True)
    others = {id(one): _other(one, before, scale) for one, before in pairs}
    changed = ModelCall.of(call.model, map_tensors(drawn, lambda one: others[id(one)]))
    try:
        return changed, run(changed)
    except Exception:
        floats = map_tensors(drawn, lambda one: others[id(one)] if one.is_floating_point() else one)
        other = ModelCall.of(call.model, floats)
        return other, run(other)


def _outputs_of_graph(call: ModelCall, run: RunCall) -> list[Tensor]:
    """The outputs of a graph, none if it fails: what it holds may not fit other shapes."""
    try:
        return run(call)
    except Exception:
        return []


def _other(drawn: Tensor, before: Tensor, scale: float) -> Tensor:
    """Other numbers: their mean has the other sign, and integers stay in the same range."""
    if drawn.is_complex() or drawn.dtype is torch.bool or not drawn.numel():
        return drawn
    if drawn.is_floating_point():
        same_sign = bool(drawn.double().mean() > 0) == bool(before.double().mean() > 0)
        return drawn * (-scale if same_sign and drawn.dim() > 1 else scale)
    low, high = int(before.min()), int(before.max())
    if low < high:
        return low + high - before
    return before - 1 if low > 0 else before + 1


def _differences(one: Recording, two: Recording) -> Iterator[OperationDifference]:
    """Where two recordings of a model on different numbers differ."""
    nodes = [_operation_nodes(recording) for recording in (one, two)]
    for number, (node, again) in enumerate(zip(*nodes, strict=False)):
        how = _difference_of(node, again, (one, two))
        if how is not None:
            yield _at(number, node.meta["operation"], how)
    if len(one.operations) != len(two.operations):
        number = min(len(one.operations), len(two.operations)) - 1
        if number >= 0:
            yield _at(number, one.operations[number], RUNS_MORE.format(len(two.operations)))


def _difference_of(node: fx.Node, again: fx.Node, recordings: Sequence[Recording]) -> str | None:
    """How an operation differs between two recordings, None if it does not."""
    operation, other = node.meta["operation"], again.meta["operation"]
    if (operation.op, operation.block) != (other.op, other.block):
        return RUNS_OTHER.format(f"{other.op} in {other.block}" if other.block else other.op)
    for constant in operation.weights:
        values = [_attribute(recording, constant.name) for recording in recordings]
        tensors = [value for value in values if isinstance(value, Tensor)]
        if values[0] is not values[1] and not same_bits(tensors[:1], tensors[1:]):
            return CONSTANT.format(constant.name, _sizes(constant.shape))
    for one, two in zip(operation.writes, other.writes, strict=False):
        if one.shape != two.shape:
            return SHAPE.format(_sizes(two.shape))
    return ARGUMENT if _arguments(node) != _arguments(again) else None


def _operation_nodes(recording: Recording) -> list[fx.Node]:
    nodes = recording.graph.graph.nodes if recording.graph else ()
    return [node for node in nodes if "operation" in node.meta]


def _attribute(recording: Recording, name: str) -> Any:
    return recording.graph.attributes.get(name) if recording.graph else None


def _arguments(node: fx.Node) -> str:
    """The arguments of a call as text, in which another node is its name."""
    return f"{node.args} {node.kwargs}"


def _sizes(shape: Sequence[Any]) -> str:
    return "×".join(map(str, shape)) or "scalar"


def _at(number: int, operation: RecordedOp, how: str) -> OperationDifference:
    file, line = operation.source_line or (None, None)
    return OperationDifference(number, operation.op, operation.block, file, line, how)
