"""Turns what was recorded during a call of a block into a `RecordedBlock`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.memo.block_record import (
    CallRecord,
    Event,
    LineRecord,
    MadeValue,
    OpRecord,
    RecordedBlock,
    Refs,
)
from tracer.from_torch.capture.memo.block_state import BlockState
from tracer.from_torch.capture.memo.result_shape import ResultShape
from tracer.from_torch.capture.memo.run_position import RunParts, RunPosition
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.recorded_op import RecordedOp
from tracer.from_torch.capture.value_names import NodeName
from tracer.from_torch.capture.value_table import ValueTable
from tracer.record import Line, Value


class CannotRepeatError(Exception):
    """What a block did cannot be recorded again for another one."""


class BlockNumbers:
    """The numbers of the values, weights and calls of one block."""

    def __init__(self, state: BlockState, inputs: Sequence[Value]) -> None:
        self._values = {value.name: number for number, value in enumerate(inputs)}
        self._weights = {id(weight): number for number, weight in enumerate(state.weights)}
        self._first_weight = len(inputs)
        self._first_made = len(inputs) + len(state.weights)
        self._made = 0

    def add_weight(self, tensor: Tensor, value: Value) -> int:
        """Number the value of a weight, and return the number of the weight."""
        number = self._weights.get(id(tensor))
        if number is None:
            raise CannotRepeatError
        self._values[value.name] = self._first_weight + number
        return number

    def add_made(self, value: Value) -> None:
        """Number a value that was made."""
        self._values[value.name] = self._first_made + self._made
        self._made += 1

    def of(self, values: Iterable[Value]) -> Refs:
        """Return the numbers of values."""
        try:
            return tuple([self._values[value.name] for value in values])
        except KeyError:
            raise CannotRepeatError from None

    def of_name(self, name: str | None) -> int | None:
        """Return the number of a value by its name."""
        if name is None:
            return None
        if name not in self._values:
            raise CannotRepeatError
        return self._values[name]


def recorded_block(
    run: RunParts, call: Call, state: BlockState, begin: RunPosition, result: Any
) -> RecordedBlock:
    """Return what a call of a block did.

    Args:
        run: The run.
        call: The call, which has ended.
        state: Its state before it ran.
        begin: Where the run was when it had been entered.
        result: What it returned.

    Raises:
        CannotRepeatError: It did something that cannot be recorded again.
        UncacheableError: Its result cannot be made from other arguments.
    """
    recorder, line_tracer = run.recorder, run.line_tracer
    end = RunPosition.of(run)
    if begin.undecided != end.undecided:
        raise CannotRepeatError
    shape, tensors = ResultShape.of(result, state.inputs, state.weights)
    numbers = BlockNumbers(state, call.inputs)
    events = _events(recorder.values, begin.events, numbers, tensors)
    calls = [*call.walk()]
    names = {one.call: number for number, one in enumerate(calls)}
    outer = {id(child): names[one.call] for one in calls for child in one.children}
    modules = {id(run.shadow.original(one)): place for place, one in enumerate(state.modules)}
    if not modules.keys() >= {id(one.module) for one in calls}:
        raise CannotRepeatError
    first = begin.operations
    slots = line_tracer.slots[begin.lines :] if line_tracer else []
    return RecordedBlock(
        events,
        tuple([_operation(one, numbers, names) for one in recorder.operations[first:]]),
        tuple([_call(one, outer, numbers, modules, first) for one in calls[1:]]),
        tuple([None if one is None else _line(one, numbers, names, begin) for one in slots]),
        end.frames - begin.frames,
        end.functions - begin.functions,
        shape,
        numbers.of(call.outputs),
    )


def _events(
    values: ValueTable, begin: int, numbers: BlockNumbers, results: Sequence[Tensor]
) -> tuple[Event, ...]:
    outputs = {values.current(one).name: number for number, one in enumerate(results)}
    nodes: dict[int, int] = {}
    roots: list[NodeName] = []  # the nodes so far
    events: list[Event] = []
    for entry in values.events[begin:]:
        if isinstance(entry, NodeName):
            nodes[id(entry)] = len(events)
            roots.append(entry)
            events.append(entry.wanted)
        elif isinstance(entry[0], Tensor):
            events.append(numbers.add_weight(*entry))
        else:
            name, value = entry
            root = _root_of(name, roots)
            output = outputs.get(value.name)
            node = -1 if output is None else nodes.get(id(values.nodes[id(results[output])]))
            if node is None:
                raise CannotRepeatError
            numbers.add_made(value)
            made = MadeValue(
                nodes[id(root)], name[len(root.name) :], value.shape, value.dtype, output, node
            )
            events.append(made)
    return tuple(events)


def _root_of(name: str, nodes: Sequence[NodeName]) -> NodeName:
    """The node that a value is named after: ``chunk_2`` of ``chunk_2.0``."""
    for node in reversed(nodes):
        if name == node.name or name.startswith(f"{node.name}."):
            return node
    raise CannotRepeatError


def _operation(operation: RecordedOp, numbers: BlockNumbers, calls: Mapping[str, int]) -> OpRecord:
    return OpRecord(
        operation.op,
        numbers.of(operation.reads),
        numbers.of(operation.weights),
        numbers.of(operation.writes),
        calls[operation.block],
        operation.source_line,
        operation.flops,
        numbers.of_name(operation.memory_of),
    )


def _call(
    call: Call,
    outer: Mapping[int, int],
    numbers: BlockNumbers,
    modules: Mapping[int, int],
    first: int,
) -> CallRecord:
    return CallRecord(
        outer[id(call)],
        modules[id(call.module)],
        numbers.of(call.inputs),
        numbers.of(call.outputs),
        call.first - first,
        call.last - first,
        call.arguments,
    )


def _line(
    line: Line, numbers: BlockNumbers, calls: Mapping[str, int], begin: RunPosition
) -> LineRecord:
    first, last = line.first - begin.operations, line.last - begin.operations
    return LineRecord(
        replace(line, first=first, last=last, frame=line.frame - begin.frames),
        calls[line.block],
        numbers.of(value for _, value in line.names),
        numbers.of(change.value for change in line.changes),
        numbers.of(value for _, value in line.reads),
        numbers.of(value for _, value in line.entry),
    )
