"""A trace with other sizes: numbers replaced by formulas, or formulas evaluated to numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tracer.algebra.polynomial import parse
from tracer.record import Block, Dim, Line, Step, Symbol, Trace, Value, require_trace

StepCost = int | str | None
NamedValues = tuple[tuple[str, Value], ...]


def replace_sizes(
    trace: Trace, value: Callable[[Value], Value], flops: Callable[[int, Step], StepCost]
) -> Trace:
    """The trace with every value and the FLOPs of every step replaced.

    Args:
        trace: The trace to copy.
        value: Returns the replacement of a value; it is called for every occurrence.
        flops: Returns the FLOPs of a step, from its number and the step.
    """

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

    return replace(
        trace,
        inputs=values(trace.inputs),
        outputs=values(trace.outputs),
        steps=tuple(step(number, one) for number, one in enumerate(trace.steps)),
        root=block(trace.root),
        lines=tuple(_line(one, value) for one in trace.lines),
    )


def _line(line: Line, value: Callable[[Value], Value]) -> Line:
    def named(items: NamedValues) -> NamedValues:
        return tuple((name, value(tensor)) for name, tensor in items)

    changes = tuple(replace(change, value=value(change.value)) for change in line.changes)
    names, reads, entry = map(named, (line.names, line.reads, line.entry))
    return replace(line, names=names, changes=changes, reads=reads, entry=entry)


def cache_by_name(change: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """The same function, called once for each name: a value occurs many times in a trace."""
    known: dict[str, Value] = {}

    def cached(value: Value) -> Value:
        found = known.get(value.name)
        if found is None:
            found = known[value.name] = change(value)
        return found

    return cached


def resize(trace: Trace, sizes: Mapping[str, int] | None = None) -> Trace:
    """The trace in numbers, with its formulas evaluated.

    Args:
        trace: A trace with formulas; one without them is returned as it is.
        sizes: Sizes by the names of the symbols, ``{"B": 2, "H": 64}``. Those that are not given
            are the sizes of the traced run.

    Raises:
        ValueError: The formulas do not hold at one of the sizes.
        KeyError: The trace has no symbol of that name.

    >>> x = Value("x", ("B", 3, "H/2"), "float32")
    >>> root = Block("", "", "Model", (x,), (x,), 0, 0, 0, 0)
    >>> trace = Trace("Model", (x,), (x,), (), root, symbols=(Symbol("B", 1), Symbol("H", 8, 2)))
    >>> resize(trace, {"H": 32}).outputs[0].shape
    (1, 3, 16)
    """
    require_trace(trace)
    if not trace.symbols:
        return trace
    numbers = _numbers_at(trace, sizes or {})
    unsolved = _unsolved_at(trace, numbers)

    def number(dim: Dim) -> int:
        return dim if isinstance(dim, int) else _evaluated(dim, numbers, unsolved)

    def value(one: Value) -> Value:
        return replace(one, shape=tuple(map(number, one.shape)))

    def flops(_: int, step: Step) -> StepCost:
        return number(step.flops) if isinstance(step.flops, str) else step.flops

    return replace(replace_sizes(trace, cache_by_name(value), flops), symbols=())


def _numbers_at(trace: Trace, sizes: Mapping[str, int]) -> dict[str, int]:
    """Every symbol with its size. Raises what `at` raises."""
    known = {symbol.name: symbol.size for symbol in trace.symbols}
    for name in sizes:
        if name not in known:
            raise KeyError(f"{name}: the sizes of this trace are {', '.join(known)}")
    numbers = known | dict(sizes)
    _check_sizes(trace, numbers)
    return numbers


def _unsolved_at(trace: Trace, numbers: Mapping[str, int]) -> frozenset[str]:
    """The symbols without a formula, unless all sizes are those of the traced run."""
    if all(numbers[symbol.name] == symbol.size for symbol in trace.symbols):
        return frozenset()
    return frozenset(symbol.name for symbol in trace.symbols if symbol.multiple == 0)


def _evaluated(dim: str, numbers: Mapping[str, int], unsolved: frozenset[str]) -> int:
    formula = parse(dim)
    if not unsolved.isdisjoint(formula.names):
        raise ValueError(f"{dim} is known at the sizes of the traced run only.")
    return int(formula.evaluate(numbers))


at = resize
"""The earlier name of `resize`."""


def _check_sizes(trace: Trace, sizes: Mapping[str, int]) -> None:
    for symbol in trace.symbols:
        size, step = sizes[symbol.name], symbol.multiple
        if size != symbol.size and (step == 0 or (size - symbol.size) % step):
            raise ValueError(f"{symbol.name} = {size}: the formulas hold for {_allowed(symbol)}.")
        if size < symbol.least:
            raise ValueError(f"{symbol.name} = {size}: the formulas hold from {symbol.least} on.")


def _allowed(symbol: Symbol) -> str:
    if symbol.multiple == 0:
        return f"{symbol.size} only"
    rest = symbol.size % symbol.multiple
    return f"multiples of {symbol.multiple}" + (f", and {rest} more" if rest else "")
