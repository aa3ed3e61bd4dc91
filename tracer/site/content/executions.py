"""What a trace saw of one function: each time a piece of it ran, and what it did to the locals.

The record has lines; a statement may have several, which run in an order of their own (the
arguments of a call come before the call). Here the lines of one execution are one again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tracer.record import Block, Change, Line, Trace, Value
from tracer.site.content.function_source import Function
from tracer.site.content.statements import Statement

RETURN = "return"
"""Stands for what a function returns, among the names of its local variables."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of the piece number `piece`, during the call of the block `call`.

    `names` are the locals that it bound, and `return` for what it returned; `changes` are pushes
    and pops. The steps that ran are ``trace.steps[first:last]``. `after` is what all locals held
    then, and for a list ``hs`` under the name ``hs[-1]`` the tensor at its end.
    """

    piece: int
    call: str
    first: int
    last: int
    names: tuple[tuple[str, Value], ...]
    changes: tuple[Change, ...]
    after: Mapping[str, Value]


def executions(trace: Trace, function: Function) -> tuple[Execution, ...]:
    """Every execution of a piece that touched a tensor, call by call, in the order of the run."""
    calls: dict[str, list[Line]] = {}
    for line in trace.lines:
        if line.function == function.name and line.file == function.file:
            calls.setdefault(line.block, []).append(line)
    return tuple(chain.from_iterable(_of_call(trace, function, lines) for lines in calls.values()))


def arguments(block: Block, function: Function) -> dict[str, Value]:
    """The tensors that a call was given, by the names of the parameters."""
    return dict(zip(function.parameters, block.inputs, strict=False))


def _of_call(trace: Trace, function: Function, lines: list[Line]) -> Iterator[Execution]:
    """The executions of one call of the function, with its locals carried along."""
    block = trace.blocks[lines[0].block]
    held = arguments(block, function) if function.is_forward else {}
    stacks: dict[str, list[Value]] = {}
    for number, group in _grouped(function, lines):
        changes = tuple(change for line in group for change in line.changes)
        names = dict(chain.from_iterable(line.names for line in group))
        first, last = group[0].first, group[-1].last
        if function.pieces[number].kind == RETURN:
            names |= dict(_returned(trace, block, function, last))
        for change in changes:
            _play_back(stacks.setdefault(change.name, []), change)
        tops = {f"{name}[-1]": stack[-1] for name, stack in stacks.items() if stack}
        held = {name: value for name, value in held.items() if not name.endswith("[-1]")}
        held |= names | tops
        yield Execution(number, block.call, first, last, tuple(names.items()), changes, held)


def _grouped(function: Function, lines: list[Line]) -> Iterator[tuple[int, list[Line]]]:
    """The lines of each execution together, with the number of their piece."""
    group: list[Line] = []
    current: int | None = None
    for line in lines:
        number = _piece_at(function.pieces, line.line)
        if number is None:
            continue
        if group and number != current and current is not None:
            yield current, group
            group = []
        group, current = [*group, line], number
        if _is_done(function.pieces[number], line):
            yield number, group
            group = []
    if group and current is not None:
        yield current, group


def _piece_at(pieces: Sequence[Statement], line: int) -> int | None:
    return next((n for n, piece in enumerate(pieces) if piece.start <= line <= piece.last), None)


def _is_done(piece: Statement, line: Line) -> bool:
    """Whether this line is the last of an execution of the piece."""
    if piece.start == piece.last:
        return True
    bound = {name for name, _ in line.names} | {change.name for change in line.changes}
    return bool(bound & piece.targets) if piece.targets else line.line == piece.done


def _returned(
    trace: Trace, block: Block, function: Function, last: int
) -> Iterator[tuple[str, Value]]:
    """What a return statement put out: of a forward what its block did, else the last result."""
    made = trace.steps[last - 1].outputs if last else ()
    for value in (block.outputs if function.is_forward else made)[:1]:
        yield RETURN, value


def _play_back(stack: list[Value], change: Change) -> None:
    if change.kind == "push":
        stack.append(change.value)
    elif change.value in stack:
        stack.reverse()
        stack.remove(change.value)
        stack.reverse()
