"""FLOPs that grow faster than a size, such as those of attention, which grow with (H*W)**2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracer.algebra.polynomial import Formula, Monomial
from tracer.analysis.costs.step_costs import step_flops
from tracer.analysis.trace_symbols import run_sizes
from tracer.record import Symbol, Trace

LINEAR = 1
MAX_STEPS = 2**24
"""Larger images than this many steps of a size are not looked at."""


@dataclass(frozen=True, slots=True)
class SuperlinearFlops:
    """The part of the FLOPs whose terms hold a size with a power of two or more.

    `operations` maps the kinds of operation, and `blocks` the innermost block calls, to their part
    of `flops`, in the order in which they ran. `baseline_op` is the most expensive of the
    operations that have no such part, `baseline_flops` its FLOPs; without one they are "" and 0.
    """

    flops: Formula
    operations: Mapping[str, Formula]
    blocks: Mapping[str, Formula]
    baseline_op: str
    baseline_flops: Formula

    @property
    def powers(self) -> Formula:
        """The powers in the leading term, such as ``H**2*W**2``."""
        monomial, _ = self.flops.terms[0]
        return Formula.monomial(1, {name: power for name, power in monomial if power > LINEAR})


def superlinear_flops(trace: Trace) -> SuperlinearFlops | None:
    """Return the FLOPs of a symbolic trace that grow faster than a size; None without any."""
    operations: dict[str, Formula] = {}
    blocks: dict[str, Formula] = {}
    others: dict[str, Formula] = {}
    for step in trace.steps:
        flops = Formula.of(step_flops(step))
        part = superlinear_part(flops)
        if part.terms:
            operations[step.op] = part + operations.get(step.op, 0)
            blocks[step.block] = part + blocks.get(step.block, 0)
        others[step.op] = flops + others.get(step.op, 0)
    if not operations:
        return None
    sizes = run_sizes(trace)
    others = {op: flops for op, flops in others.items() if op not in operations}
    baseline = max(others, key=lambda op: others[op].evaluate(sizes), default="")
    return SuperlinearFlops(
        flops=sum(operations.values(), start=Formula.of(0)),
        operations=operations,
        blocks=blocks,
        baseline_op=baseline,
        baseline_flops=others.get(baseline, Formula.of(0)),
    )


def superlinear_part(flops: Formula) -> Formula:
    """Return the terms of a formula in which a size has a power of two or more."""
    return Formula(tuple(term for term in flops.terms if _is_superlinear(term[0])))


def crossover(found: SuperlinearFlops, symbols: Iterable[Symbol]) -> dict[str, int] | None:
    """Return the smallest sizes at which the superlinear FLOPs exceed those of the baseline.

    The sizes keep the proportions of the run, as far as the formulas are valid there; sizes without
    a power stay those of the run. The first is found by bisection over its valid values.

    Args:
        found: The superlinear FLOPs of a trace.
        symbols: The symbols of that trace.

    Returns:
        Sizes by symbol. None if no such size exists below `MAX_STEPS` steps, if the baseline grows
        as fast, or if the sizes cannot vary.
    """
    known = {symbol.name: symbol for symbol in symbols}
    varied = [known[name] for name in sorted(found.powers.names) if known[name].multiple]
    names = {symbol.name for symbol in varied}
    if not varied or not _outgrows(found.flops, found.baseline_flops, names):
        return None
    run = {name: symbol.size for name, symbol in known.items()}

    def exceeds(step: int) -> bool:
        sizes = run | _sizes_at(varied, step)
        return found.flops.evaluate(sizes) > found.baseline_flops.evaluate(sizes)

    low, high = 0, next(filter(exceeds, _doubled_steps()), 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if exceeds(middle) else (middle, high)
    return _sizes_at(varied, high) if high else None


def _sizes_at(varied: list[Symbol], step: int) -> dict[str, int]:
    """The sizes at which the first one has its valid value of this number."""
    first = varied[0]
    size = step * first.multiple + first.size % first.multiple
    return {one.name: _next_valid(one, -(-size * one.size // first.size)) for one in varied}


def _next_valid(symbol: Symbol, size: int) -> int:
    """The size, or the next larger one at which the formulas are valid."""
    return size + (symbol.size - size) % symbol.multiple


def _doubled_steps() -> Iterator[int]:
    step = 1
    while step < MAX_STEPS:
        yield step
        step *= 2


def _outgrows(fast: Formula, slow: Formula, names: set[str]) -> bool:
    """Whether every term of one grows faster with these sizes than every term of the other."""
    degrees = [[_degree(monomial, names) for monomial, _ in one.terms] for one in (fast, slow)]
    return bool(degrees[1]) and min(degrees[0]) > max(degrees[1])


def _degree(monomial: Monomial, names: set[str]) -> int:
    return sum(power for name, power in monomial if name in names)


def _is_superlinear(monomial: Monomial) -> bool:
    return any(power > LINEAR for _, power in monomial)
