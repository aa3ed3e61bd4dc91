"""A trace with other sizes: its formulas evaluated, or its numbers exchanged for formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tracer.algebra.polynomial import parse
from tracer.record import Block, Change, Dim, Line, Step, Symbol, Trace, Value

StepCost = int | str | None


def resized(
    trace: Trace, value: Callable[[Value], Value], flops: Callable[[int, Step], StepCost]
) -> Trace:
    """The same trace with every value changed, and the FLOPs of every step, given by number."""

    def values(items: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(map(value, items))

    def step(number: int, one: Step) -> Step:
        return replace(
            one,
            inputs=values(one.inputs),
            outputs=values(one.outputs),
            weights=values(one.weights),
            flops=flops(number, one),
        )

    def block(one: Block) -> Block:
        return replace(
            one,
            inputs=values(one.inputs),
            outputs=values(one.outputs),
            children=tuple(map(block, one.children)),
        )

    def change(one: Change) -> Change:
        return replace(one, value=value(one.value))

    def line(one: Line) -> Line:
        names = tuple((name, value(held)) for name, held in one.names)
        return replace(one, names=names, changes=tuple(map(change, one.changes)))

    return replace(
        trace,
        inputs=values(trace.inputs),
        outputs=values(trace.outputs),
        steps=tuple(step(number, one) for number, one in enumerate(trace.steps)),
        root=block(trace.root),
        lines=tuple(map(line, trace.lines)),
    )


def at(trace: Trace, sizes: Mapping[str, int] | None = None) -> Trace:
    """The trace at those sizes, in numbers; at the sizes of its own run if none are given.

    Raises ValueError for a size that the formulas do not hold at, KeyError for an unknown name.
    """
    if not trace.symbols:
        return trace
    known = {symbol.name: symbol.size for symbol in trace.symbols}
    for name in sizes or {}:
        if name not in known:
            raise KeyError(f"{name}: the sizes of this trace are {', '.join(known)}")
    numbers = known | dict(sizes or {})
    _check(trace, numbers)

    def number(dim: Dim) -> int:
        return dim if isinstance(dim, int) else int(parse(dim).evaluate(numbers))

    known_values: dict[str, Value] = {}

    def value(one: Value) -> Value:
        found = known_values.get(one.name)
        if found is None:
            shape = tuple(map(number, one.shape))
            found = known_values[one.name] = replace(one, shape=shape)
        return found

    def flops(_: int, step: Step) -> StepCost:
        return number(step.flops) if isinstance(step.flops, str) else step.flops

    return replace(resized(trace, value, flops), symbols=())


def _check(trace: Trace, numbers: Mapping[str, int]) -> None:
    for symbol in trace.symbols:
        size, step = numbers[symbol.name], symbol.multiple
        if size != symbol.size and (step == 0 or (size - symbol.size) % step):
            raise ValueError(f"{symbol.name} = {size}: the formulas hold for {_allowed(symbol)}.")


def _allowed(symbol: Symbol) -> str:
    if symbol.multiple == 0:
        return f"{symbol.size} only"
    rest = symbol.size % symbol.multiple
    return f"multiples of {symbol.multiple}" + (f", and {rest} more" if rest else "")
