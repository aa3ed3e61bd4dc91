"""Records a call of a block as an earlier one was recorded, without running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from tracer.from_torch.capture.memo.block_record import (
    LineRecord,
    OpRecord,
    RecordedBlock,
    Refs,
)
from tracer.from_torch.capture.memo.block_state import BlockState
from tracer.from_torch.capture.memo.run_position import RunParts
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.record import Line, Value

NewCall = Callable[[nn.Module, Call | None], Call]
"""Returns the next call of a module, inside the call around it."""


def repeat(
    block: RecordedBlock, call: Call, state: BlockState, run: RunParts, new_call: NewCall
) -> Any:
    """Record a call, and return its result.

    Args:
        block: What an equal call did.
        call: The call, which has been entered.
        state: Its state.
        run: The run.
        new_call: Adds the calls below it.
    """
    recorder, first = run.recorder, len(run.recorder.operations)
    tensors = block.result.make(state.inputs, run.fakes)
    values = _values(block, call.inputs, state.weights, tensors, recorder)
    calls = _calls(block, call, state, values, new_call)
    names = [one.call for one in calls]
    recorder.operations += [_operation(one, values, names) for one in block.operations]
    lines = run.line_tracer
    if lines is not None:
        begin = first, lines.frames
        lines.slots += [
            None if one is None else _line(one, values, names[one.call], begin)
            for one in block.lines
        ]
        lines.frames += block.frames
        lines.functions += block.functions
    for one, made in zip(block.calls, calls[1:], strict=True):
        made.first, made.last = one.first + first, one.last + first
    call.outputs = tuple([values[ref] for ref in block.outputs])
    return block.result.filled(tensors)


def _operation(one: OpRecord, values: Sequence[Value], calls: Sequence[str]) -> RecordedOp:
    return RecordedOp(
        one.op,
        tuple([values[ref] for ref in one.reads]),
        tuple([values[ref] for ref in one.weights]),
        [values[ref] for ref in one.writes],
        calls[one.call],
        one.source_line,
        one.flops,
        None if one.memory_of is None else values[one.memory_of].name,
    )


def _calls(
    block: RecordedBlock,
    call: Call,
    state: BlockState,
    values: Sequence[Value],
    new_call: NewCall,
) -> list[Call]:
    """The call and all calls below it, without the operations that they ran."""
    calls = [call]
    for one in block.calls:
        made = new_call(state.modules[one.module], calls[one.outer])
        made.inputs = tuple([values[ref] for ref in one.inputs])
        made.outputs = tuple([values[ref] for ref in one.outputs])
        made.arguments = one.arguments
        calls.append(made)
    return calls


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
        if isinstance(event, str):
            nodes.append(namer.add_node(event))
            continue
        nodes.append(None)
        if isinstance(event, int):
            known[event] = table.current(recorder.adopt(weights[event]))
            continue
        name = nodes[event.node].name + event.suffix
        if event.output is None:
            made.append(table.add_value(name, event.shape, event.dtype))
        else:
            made.append(table.add(results[event.output], nodes[event.output_node], name))
    return [*inputs, *known, *made]


def _line(one: LineRecord, values: Sequence[Value], call: str, begin: tuple[int, int]) -> Line:
    line, (first, frames) = one.line, begin
    return Line(
        call,
        line.function,
        line.file,
        line.line,
        line.first + first,
        line.last + first,
        _named(line.names, one.names, values),
        tuple(
            [
                replace(change, value=values[ref])
                for change, ref in zip(line.changes, one.changes, strict=True)
            ]
        ),
        _named(line.reads, one.reads, values),
        line.frame + frames,
        line.before,
        line.sets,
        _named(line.entry, one.entry, values),
    )


def _named(
    before: Iterable[tuple[str, Value]], refs: Refs, values: Sequence[Value]
) -> tuple[tuple[str, Value], ...]:
    return tuple([(name, values[ref]) for (name, _), ref in zip(before, refs, strict=True)])
