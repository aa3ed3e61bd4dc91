"""What grows faster than the image: the FLOPs with a power of a size, as attention has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from tracer.algebra.polynomial import Formula, Monomial, from_dim
from tracer.analysis.costs.symbolic_costs import NOTHING
from tracer.record import Symbol, Trace

LINEAR = 1
FAR_RATIO = 2**24
"""A size that no image has: nothing is said of what happens beyond."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The part of the FLOPs in which a size occurs with a power.

    `operations` and `blocks` say of which kinds of operation it is, and of which calls, innermost
    ones, in the order in which they ran. `powers` is what its leading term grows with, ``(H·W)²``.
    `rival` is the kind of operation that costs most among the others, `rival_flops` what it costs.
    """

    flops: Formula
    operations: Mapping[str, Formula]
    blocks: Mapping[str, Formula]
    rival: str
    rival_flops: Formula

    @property
    def powers(self) -> Formula:
        """The sizes of its leading term that have a power."""
        monomial, _ = self.flops.terms[0]
        return Formula.monomial(1, {name: power for name, power in monomial if power > LINEAR})


def growth(trace: Trace) -> Growth | None:
    """What grows faster than the sizes of a trace in formulas; None where nothing does."""
    fast: dict[str, list[Formula]] = {}
    blocks: dict[str, list[Formula]] = {}
    others: dict[str, list[Formula]] = {}
    for step in trace.steps:
        flops = NOTHING if step.flops is None else from_dim(step.flops)
        part = fast_part(flops)
        if part.terms:
            fast.setdefault(step.op, []).append(part)
            blocks.setdefault(step.block, []).append(part)
        others.setdefault(step.op, []).append(flops)
    if not fast:
        return None
    operations = _sums(fast)
    here = sizes_of(trace)
    rest = {op: flops for op, flops in _sums(others).items() if op not in fast}
    rival = max(rest, key=lambda op: rest[op].evaluate(here), default="")
    return Growth(
        flops=reduce(add, operations.values()),
        operations=operations,
        blocks=_sums(blocks),
        rival=rival,
        rival_flops=rest.get(rival, NOTHING),
    )


def fast_part(flops: Formula) -> Formula:
    """The terms of a formula in which a size has a power."""
    return Formula(tuple(term for term in flops.terms if _is_fast(term[0])))


def sizes_of(trace: Trace) -> dict[str, int]:
    """The sizes of the run, by their names."""
    return {symbol.name: symbol.size for symbol in trace.symbols}


def overtaken(found: Growth, symbols: Iterable[Symbol]) -> dict[str, int] | None:
    """The sizes from which on what grows fast costs more than its rival.

    They are as large in proportion to each other as those of the run, as far as the formulas hold
    at such; other sizes are those of the run. None where nothing can be said.
    """
    known = {symbol.name: symbol for symbol in symbols}
    free = [known[name] for name in sorted(found.powers.names) if known[name].multiple]
    if not free or not _outgrows(found.flops, found.rival_flops, {one.name for one in free}):
        return None

    def wins(sizes: Mapping[str, int]) -> bool:
        at = {name: symbol.size for name, symbol in known.items()} | dict(sizes)
        return found.flops.evaluate(at) > found.rival_flops.evaluate(at)

    low, high = 0, next((step for step in _doubled() if wins(_grown(free, step))), 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if wins(_grown(free, middle)) else (middle, high)
    return _grown(free, high) if high else None


def _grown(free: list[Symbol], step: int) -> dict[str, int]:
    """Sizes at which the first is the one of that number among those that the formulas hold at."""
    first = free[0]
    size = step * first.multiple + first.size % first.multiple
    return {one.name: _legal(one, -(-size * one.size // first.size)) for one in free}


def _legal(symbol: Symbol, size: int) -> int:
    """The size, or the next larger one that the formulas hold at."""
    return size + (symbol.size - size) % symbol.multiple


def _doubled() -> Iterator[int]:
    step = 1
    while step < FAR_RATIO:
        yield step
        step *= 2


def _outgrows(fast: Formula, slow: Formula, names: set[str]) -> bool:
    """Whether each term of one grows faster with these sizes than all terms of the other."""
    degrees = [[_degree(monomial, names) for monomial, _ in one.terms] for one in (fast, slow)]
    return bool(degrees[1]) and min(degrees[0]) > max(degrees[1])


def _degree(monomial: Monomial, names: set[str]) -> int:
    return sum(power for name, power in monomial if name in names)


def _is_fast(monomial: Monomial) -> bool:
    return any(power > LINEAR for _, power in monomial)


def _sums(formulas: Mapping[str, list[Formula]]) -> dict[str, Formula]:
    return {name: reduce(add, some, NOTHING) for name, some in formulas.items()}
