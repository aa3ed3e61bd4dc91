"""The tables of costs as formulas: how many FLOPs and bytes, at whatever size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.algebra.polynomial import Formula
from tracer.analysis.costs import CostFormula, CostFormulas, Growth, growth, overtaken, sizes_of
from tracer.analysis.costs.symbolic_costs import summed
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.diagram.node_outline import is_attention
from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.tables import block_columns
from tracer.render.tables.cost_columns import UNKNOWN
from tracer.render.tables.symbol_notes import equal_sizes, listed
from tracer.render.tables.visible_rows import EVERY_ROW, Listed, RowSelection, listing

NARROWING = (Narrowing("class", "drop"), Narrowing("bytes written", "drop"))
FEW_TERMS = 4
"""So many blocks are named one by one."""


def block_formulas(trace: Trace, costs: CostFormulas, view: RowSelection = EVERY_ROW) -> Table:
    """The costs of each block, its children included; a folded row sums all that it stands for."""
    found = listing(trace, view)
    sums = [formulas_of(one, costs) for one in found]
    return Table(
        title=block_columns.title_of(trace),
        columns=(
            block_columns.block_column(found),
            block_columns.class_column(found),
            *_cost_columns(sums, costs, sizes_of(trace)),
        ),
        narrowing=NARROWING,
        heads=block_columns.heads_of(found),
        faint=block_columns.faint_of(found),
    )


def formulas_of(one: Listed, costs: CostFormulas) -> CostFormula:
    """What a row costs, with all rows that it stands for and those above it stand for."""
    return summed((costs.blocks[block.call] for block in one.blocks), one.times)


def operation_formulas(trace: Trace, costs: CostFormulas) -> Table:
    """The costs of each kind of operation, those first that grow fastest."""
    pairs = sorted(costs.operations.items(), key=lambda pair: _growth(pair[1]), reverse=True)
    return Table(
        title="By operation",
        columns=(
            Column("operation", tuple(name for name, _ in pairs), "kind"),
            Column("times", tuple(str(one.steps) for _, one in pairs), "number"),
            *_cost_columns([one for _, one in pairs], costs, sizes_of(trace)),
        ),
        narrowing=NARROWING,
    )


def formula_sums(trace: Trace, costs: CostFormulas) -> tuple[str, ...]:
    """What all of it comes to, and what grows faster than the sizes, in sentences."""
    total = costs.total
    names = ", ".join(f"{name} {count:,}" for name, count in total.uncounted.items())
    found = growth(trace)
    return (
        f"FLOPs: {number_format.grouped_formula(str(total.flops))}; a multiply-add is two.",
        f"Bytes written: {number_format.grouped_formula(str(total.activation_bytes))}.",
        *(_fast(found, trace, total.flops) if found else ()),
        *([f"Not counted, for their cost is not known: {names}."] if names else []),
        *block_columns.notes_of(trace),
    )


def _fast(found: Growth, trace: Trace, total: Formula) -> Iterator[str]:
    """What grows faster than the image, how much of the whole that is, and when it is the most."""
    who = "Attention grows" if is_all_attention(found, trace) else "FLOPs grow"
    part = f"{number_format.grouped_formula(str(found.flops))} FLOPs of {listed(found.operations)}"
    where = _blocks(list(found.blocks))
    yield f"{who} with {number_format.formula(str(found.powers))}: {part}, in {where}."
    sizes = sizes_of(trace)
    share = number_format.percent(float(found.flops.evaluate(sizes)), float(total.evaluate(sizes)))
    whole = f"At {equal_sizes(sizes)} that is {share}% of all FLOPs"
    from_on = overtaken(found, trace.symbols)
    if from_on is not None:
        whole += f"; from {equal_sizes(from_on)} on it is more than {found.rival}"
    yield f"{whole}."


def is_all_attention(found: Growth, trace: Trace) -> bool:
    """Whether what grows fast is attention, all of it."""
    blocks = (trace.blocks[call] for call in found.blocks)
    return all(is_attention(trace.steps[block.first : block.last]) for block in blocks)


def _blocks(calls: Sequence[str]) -> str:
    """`mid.attn`, `down.1.attn.0, down.1.attn.1 and 14 more blocks`."""
    names = [call or "the model itself" for call in calls]
    if len(names) <= FEW_TERMS:
        return listed(names)
    first = ", ".join(names[: FEW_TERMS - 2])
    return f"{first} and {len(names) - FEW_TERMS + 2} more blocks"


def _growth(cost: CostFormula) -> tuple[int, float]:
    """The highest degree of the FLOPs, and its coefficient."""
    if not cost.flops.terms:
        return -1, 0.0
    monomial, coefficient = cost.flops.terms[0]
    return sum(power for _, power in monomial), float(coefficient)


def _cost_columns(
    costs: Sequence[CostFormula], whole: CostFormulas, sizes: Mapping[str, int]
) -> tuple[Column, ...]:
    """FLOPs, the part of the whole that they are at these sizes, and bytes written."""
    total = float(whole.total.flops.evaluate(sizes))
    flops = [float(one.flops.evaluate(sizes)) for one in costs]
    return (
        Column(
            "FLOPs",
            tuple(map(_flops, costs)),
            "shape",
            exact=tuple(str(one.flops) for one in costs),
        ),
        Column(
            "% FLOPs",
            tuple(number_format.percent(one, total) for one in flops),
            "number",
            exact=tuple(f"{100 * one / (total or 1):.6g}" for one in flops),
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
    return number_format.rounded_formula(str(formula)) if formula.terms else ""
