"""What a trace recorded of one function: each execution of a statement, with the local variables.

A trace records lines. A statement on several lines runs them out of order: the arguments of a call
before the call itself. Here all lines of one execution are merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tracer.record import Block, Change, Line, Trace, Value
from tracer.site.content.function_source import Function
from tracer.site.content.statements import Statement

RETURN = "return"
"""The name of the return value, among the names of local variables."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a statement.

    Attributes:
        statement: The number of the statement in the function.
        call: The block call during which it ran.
        first: The first step that it ran; its steps are ``trace.steps[first:last]``.
        last: One past the last step that it ran.
        names: The local variables that it bound, and `RETURN` for a returned tensor.
        changes: Pushes and pops.
        after: All local variables afterwards. The tensor at the end of a list ``hs`` has the name
            ``hs[-1]``.
    """

    statement: int
    call: str
    first: int
    last: int
    names: tuple[tuple[str, Value], ...]
    changes: tuple[Change, ...]
    after: Mapping[str, Value]


def executions_of(trace: Trace, function: Function) -> tuple[Execution, ...]:
    """Return every execution of a statement that touched a tensor.

    Args:
        trace: The trace to search.
        function: The function whose lines are looked up.

    Returns:
        The executions by call of the function, in the order in which they ran.
    """
    calls: dict[str, list[Line]] = {}
    for line in trace.lines:
        is_own = line.function == function.name and line.file == function.file
        if is_own and line.touches_tensors:
            calls.setdefault(line.block, []).append(line)
    return tuple(
        chain.from_iterable(_executions_of_call(trace, function, lines) for lines in calls.values())
    )


def lines_that_ran(trace: Trace, function: Function) -> frozenset[int]:
    """Return the numbers of the lines of a function that ran in any of its calls."""
    own = (
        line
        for line in trace.lines
        if line.function == function.name and line.file == function.file
    )
    return frozenset(chain.from_iterable((*line.before, line.line) for line in own))


def arguments(block: Block, function: Function) -> dict[str, Value]:
    """Return the tensors that a block call was given, by parameter name."""
    return dict(zip(function.parameters, block.inputs, strict=False))


def _executions_of_call(trace: Trace, function: Function, lines: list[Line]) -> Iterator[Execution]:
    """The executions of one call of the function, each with the local variables after it."""
    block = trace.blocks[lines[0].block]
    variables = arguments(block, function) if function.is_forward else {}
    stacks: dict[str, list[Value]] = {}
    for number, group in _grouped_by_execution(function, lines):
        changes = tuple(change for line in group for change in line.changes)
        names = dict(chain.from_iterable(line.names for line in group))
        first, last = group[0].first, group[-1].last
        if function.statements[number].kind == RETURN:
            names |= dict(_returned(trace, block, function, last))
        for change in changes:
            _apply_change(stacks.setdefault(change.name, []), change)
        tops = {f"{name}[-1]": stack[-1] for name, stack in stacks.items() if stack}
        locals_only = {name: v for name, v in variables.items() if not name.endswith("[-1]")}
        variables = locals_only | names | tops
        bound = tuple(names.items())
        yield Execution(number, block.call, first, last, bound, changes, variables)


def _grouped_by_execution(
    function: Function, lines: list[Line]
) -> Iterator[tuple[int, list[Line]]]:
    """The lines of each execution together, with the number of their statement."""
    group: list[Line] = []
    current: int | None = None
    for line in lines:
        number = _statement_at(function.statements, line.line)
        if number is None:
            continue
        if group and number != current and current is not None:
            yield current, group
            group = []
        group, current = [*group, line], number
        if _is_complete(function.statements[number], line):
            yield number, group
            group = []
    if group and current is not None:
        yield current, group


def _statement_at(statements: Sequence[Statement], line: int) -> int | None:
    numbered = enumerate(statements)
    return next((number for number, each in numbered if each.start <= line <= each.last), None)


def _is_complete(statement: Statement, line: Line) -> bool:
    """Whether this line is the last one of an execution of the statement."""
    if statement.start == statement.last:
        return True
    bound = {name for name, _ in line.names} | {change.name for change in line.changes}
    if statement.targets:
        return bool(bound & statement.targets)
    return line.line == statement.done


def _returned(
    trace: Trace, block: Block, function: Function, last: int
) -> Iterator[tuple[str, Value]]:
    """The returned tensor: the block's output for a forward, else the output of the last step."""
    outputs = trace.steps[last - 1].outputs if last else ()
    for value in (block.outputs if function.is_forward else outputs)[:1]:
        yield RETURN, value


def _apply_change(stack: list[Value], change: Change) -> None:
    if change.kind == "push":
        stack.append(change.value)
    elif change.value in stack:
        stack.reverse()
        stack.remove(change.value)
        stack.reverse()
