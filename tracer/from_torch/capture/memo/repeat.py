"""Records a call of a block as an earlier one was recorded, without running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from tracer.from_torch.capture.lines.line_tracer import LineTracer
from tracer.from_torch.capture.memo.block_state import BlockState
from tracer.from_torch.capture.memo.recorded_block import LineRecord, MadeValue, RecordedBlock
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.from_torch.capture.tensor_source import FakeTensors
from tracer.record import Line, Value

NameCall = Callable[[nn.Module], Call]


def repeat(
    block: RecordedBlock,
    call: Call,
    state: BlockState,
    recorder: OpRecorder,
    line_tracer: LineTracer | None,
    fakes: FakeTensors,
    new_call: Callable[[nn.Module, Call | None], Call],
) -> Any:
    """Record a call, and return its result.

    Args:
        block: What an equal call did.
        call: The call, which has been entered.
        state: Its state.
        recorder: Where its operations are recorded.
        line_tracer: Where its lines are recorded, if they are.
        fakes: Makes the tensors of the result.
        new_call: Returns the next call of a module inside the call around it, None for none.
    """
    tensors = block.result.make(state.inputs, fakes)
    values = _values(block, call.inputs, state.weights, tensors, recorder)
    first = len(recorder.operations)
    calls = [call]
    for one in block.calls:
        made = new_call(state.modules[one.module], calls[one.outer])
        made.inputs = tuple([values[ref] for ref in one.inputs])
        made.outputs = tuple([values[ref] for ref in one.outputs])
        made.first, made.last = one.first + first, one.last + first
        made.arguments = one.arguments
        calls.append(made)
    names = [one.call for one in calls]
    recorder.operations += [
        RecordedOp(
            one.op,
            tuple([values[ref] for ref in one.reads]),
            tuple([values[ref] for ref in one.weights]),
            [values[ref] for ref in one.writes],
            names[one.call],
            one.source_line,
            one.flops,
            None if one.memory_of is None else values[one.memory_of].name,
        )
        for one in block.operations
    ]
    if line_tracer is not None:
        frames = line_tracer.frames
        line_tracer.slots += [
            one and _line(one, values, names[one.call], first, frames) for one in block.lines
        ]
        line_tracer.frames += block.frames
        line_tracer.functions += block.functions
    call.outputs = tuple([values[ref] for ref in block.outputs])
    return block.result.filled(tensors)


def _values(
    block: RecordedBlock,
    inputs: Sequence[Value],
    weights: Sequence[Tensor],
    results: Sequence[Tensor],
    recorder: OpRecorder,
) -> list[Value]:
    """The values of a call by number, after those that the block makes have been named."""
    table, namer = recorder.values, recorder.namer
    known: list[Any] = [None] * len(weights)
    made: list[Value] = []
    nodes: list[Any] = []
    for event in block.events:
        kind = type(event)
        if kind is str:
            nodes.append(namer.add_node(event))
            continue
        nodes.append(None)
        if kind is int:
            weight = weights[event]
            known[event] = table.current(recorder.adopt(weight))
            continue
        name = nodes[event.node].name + event.suffix
        if event.output is None:
            made.append(table.add_value(name, event.shape, event.dtype))
        else:
            made.append(table.add(results[event.output], nodes[event.output_node], name))
    return [*inputs, *known, *made]


def _line(one: LineRecord, values: Sequence[Value], call: str, first: int, frames: int) -> Line:
    line = one.line
    return Line(
        call,
        line.function,
        line.file,
        line.line,
        line.first + first,
        line.last + first,
        tuple([(name, values[ref]) for (name, _), ref in zip(line.names, one.names)]),
        tuple(
            [replace(change, value=values[ref]) for change, ref in zip(line.changes, one.changes)]
        ),
        tuple([(name, values[ref]) for (name, _), ref in zip(line.reads, one.reads)]),
        line.frame + frames,
        line.before,
        line.sets,
        tuple([(name, values[ref]) for (name, _), ref in zip(line.entry, one.entry)]),
    )
