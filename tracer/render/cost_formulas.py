"""The tables of costs as formulas: how many FLOPs and bytes, at whatever size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.costs import CostFormula, CostFormulas
from tracer.costs.polynomials import summed
from tracer.formulas import Formula, Monomial
from tracer.record import Trace
from tracer.render import block_columns as columns
from tracer.render import figures
from tracer.render.cost_columns import UNKNOWN
from tracer.render.grid import Column, Narrowing, Table
from tracer.render.listing import ALL, Listed, View, listing

NARROWING = (Narrowing("class", "drop"), Narrowing("bytes written", "drop"))

LINEAR = 1
"""Costs that grow with a higher power of a size are pointed out."""


def block_formulas(trace: Trace, costs: CostFormulas, view: View = ALL) -> Table:
    """The costs of each block, its children included; a folded row sums all that it stands for."""
    found = listing(trace, view)
    sums = [formulas_of(one, costs) for one in found]
    return Table(
        title=columns.title_of(trace),
        columns=(
            columns.block_column(found),
            columns.class_column(found),
            *_cost_columns(sums),
        ),
        narrowing=NARROWING,
        heads=columns.heads_of(found),
        faint=columns.faint_of(found),
    )


def formulas_of(one: Listed, costs: CostFormulas) -> CostFormula:
    """What a row costs, with all rows that it stands for and those above it stand for."""
    return summed((costs.blocks[block.call] for block in one.blocks), one.times)


def operation_formulas(costs: CostFormulas) -> Table:
    """The costs of each kind of operation, those first that grow fastest."""
    pairs = sorted(costs.operations.items(), key=lambda pair: _growth(pair[1]), reverse=True)
    return Table(
        title="By operation",
        columns=(
            Column("operation", tuple(name for name, _ in pairs), "kind"),
            Column("times", tuple(str(one.steps) for _, one in pairs), "number"),
            *_cost_columns([one for _, one in pairs]),
        ),
        narrowing=NARROWING,
    )


def formula_sums(trace: Trace, costs: CostFormulas) -> tuple[str, ...]:
    """What all of it comes to, and what grows faster than the sizes, in sentences."""
    total = costs.total
    names = ", ".join(f"{name} {count:,}" for name, count in total.uncounted.items())
    return (
        f"FLOPs: {figures.grouped_formula(str(total.flops))}; a multiply-add is two.",
        f"Bytes written: {figures.grouped_formula(str(total.activation_bytes))}.",
        *_fast(costs),
        *([f"Not counted, for their cost is not known: {names}."] if names else []),
        *columns.notes_of(trace),
    )


def _fast(costs: CostFormulas) -> Iterator[str]:
    """`scaled_dot_product_attention grows with H²·W²: 24·B·H²·W² of the FLOPs.`"""
    for name, one in costs.operations.items():
        terms = [(monomial, number) for monomial, number in one.flops.terms if _is_fast(monomial)]
        if terms:
            powers = Formula.monomial(1, {n: p for n, p in terms[0][0] if p > LINEAR})
            part = str(Formula(tuple(terms)))
            grows = figures.formula(str(powers))
            yield f"{name} grows with {grows}: {figures.grouped_formula(part)} of the FLOPs."


def _is_fast(monomial: Monomial) -> bool:
    return any(power > LINEAR for _, power in monomial)


def _growth(cost: CostFormula) -> tuple[int, float]:
    """The highest degree of the FLOPs, and its coefficient."""
    if not cost.flops.terms:
        return -1, 0.0
    monomial, coefficient = cost.flops.terms[0]
    return sum(power for _, power in monomial), float(coefficient)


def _cost_columns(costs: Sequence[CostFormula]) -> tuple[Column, ...]:
    return (
        Column(
            "FLOPs",
            tuple(map(_flops, costs)),
            "shape",
            exact=tuple(str(one.flops) for one in costs),
        ),
        Column(
            "bytes written",
            tuple(_rounded(one.activation_bytes) for one in costs),
            "shape",
            exact=tuple(str(one.activation_bytes) for one in costs),
        ),
    )


def _flops(cost: CostFormula) -> str:
    return _rounded(cost.flops) or (UNKNOWN if cost.uncounted else "")


def _rounded(formula: Formula) -> str:
    """In few characters; nothing for nothing."""
    return figures.rounded_formula(str(formula)) if formula.terms else ""
