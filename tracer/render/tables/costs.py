"""The tables of costs: by block, by resolution level, by kind of operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracer.analysis.costs import Cost, Costs, LevelCost, is_zero, sum_costs
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.tables import block_columns
from tracer.render.tables.cost_columns import (
    COSTS_NARROWING,
    UNKNOWN_COST,
    amount_columns,
    count_column,
)
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, VisibleRow, select_rows

OUTSIDE_TITLE = "outside the levels"


def block_table(trace: Trace, costs: Costs, view: RowSelection = ALL_ROWS) -> Table:
    """Return one row per block, its children included; a folded row is a sum of several."""
    found = select_rows(trace, view)
    sums = [cost_of(one, costs) for one in found]
    numbers = not costs.are_formulas
    return Table(
        title=block_columns.trace_title(trace),
        columns=(
            block_columns.block_column(found),
            block_columns.class_column(found),
            *([_parameters_column(found, sums)] if numbers else []),
            *amount_columns(sums, costs),
        ),
        summary=tuple(_legend(found, sums, parameters=numbers)),
        narrowing=COSTS_NARROWING,
        group_rows=block_columns.group_rows(found),
        context_rows=block_columns.context_rows(found),
    )


def cost_of(one: VisibleRow, costs: Costs) -> Cost:
    """Return the cost of a row, times the rows that it and those above it stand for."""
    each = sum_costs(costs.blocks[block.call] for block in one.blocks)
    return Cost(
        parameters=one.row.parameters * one.modules,
        buffers=each.buffers * one.modules,
        flops=each.flops * one.times,
        activation_bytes=each.activation_bytes * one.times,
        uncounted={name: number * one.times for name, number in each.uncounted.items()},
        steps=each.steps * one.times,
    )


def level_table(levels: Sequence[LevelCost], whole: Costs) -> Table:
    """Return one row per level and part of the model: encoder, middle and decoder.

    The parts of several UNets that run one after another are numbered.
    """
    costs = [one.cost for one in levels]
    return Table(
        title="By level",
        columns=(
            Column("resolution", tuple(map(_resolution, levels)), "shape"),
            Column("scale", tuple(map(_scale, levels)), "shape"),
            Column("part", tuple(map(_part, levels))),
            Column("blocks", tuple(str(one.blocks or "") for one in levels), "number"),
            count_column("parameters", [one.parameters for one in costs], "params"),
            *amount_columns(costs, whole),
        ),
        narrowing=(Narrowing("blocks", "drop"), Narrowing("scale", "drop"), *COSTS_NARROWING),
    )


def operation_table(part: Costs, whole: Costs | None = None, *, total: str = "") -> Table:
    """Return one row per kind of operation, the most expensive first.

    Args:
        part: The costs of a trace, or of some of its blocks.
        whole: What the shares are of; None is `part`.
        total: The name of a first row with the totals; without a name there is none.
    """
    whole = whole or part
    rows = {total: part.total, **part.operations} if total else part.operations
    costs = list(rows.values())
    return Table(
        title="By operation",
        columns=(
            Column("operation", tuple(rows), "kind"),
            Column("times", tuple(str(one.steps) for one in costs), "number"),
            *amount_columns(costs, whole, multiply_adds=False),
        ),
        narrowing=COSTS_NARROWING if whole.are_formulas else COSTS_NARROWING[:1],
        group_rows=frozenset([0] if total else []),
    )


def _legend(
    found: Sequence[VisibleRow], sums: Sequence[Cost], *, parameters: bool
) -> Iterator[str]:
    """What the marks in the table of blocks mean, where there are any."""
    if any(one.uncounted and is_zero(one.flops) for one in sums):
        yield f"({UNKNOWN_COST}: no cost is known for any operation in this row)"
    if parameters and any(one.row.counted and one.row.parameters for one in found):
        yield block_columns.COUNTED_BEFORE
    if any(len(one.rows) > 1 for one in found):
        yield "(× n: n blocks alike, one after another; this row and those below it are sums of n)"


def _parameters_column(found: Sequence[VisibleRow], sums: Sequence[Cost]) -> Column:
    column = count_column("parameters", [one.parameters for one in sums], "params")
    counted = [one.row.counted and bool(one.row.parameters) for one in found]

    def bracketed(cells: tuple[str, ...]) -> tuple[str, ...]:
        pairs = zip(cells, counted, strict=True)
        return tuple(f"({cell})" if again else cell for cell, again in pairs)

    return replace(column, cells=bracketed(column.cells), short=bracketed(column.short))


def _resolution(one: LevelCost) -> str:
    return number_format.sizes_of(one.level.spatial_size) if one.level else OUTSIDE_TITLE


def _part(one: LevelCost) -> str:
    """`encoder`; `encoder 2` in the second UNet of several."""
    if one.level is None:
        return ""
    return f"{one.part} {one.level.unet}" if one.level.unet else one.part


def _scale(one: LevelCost) -> str:
    """`1/4`; where the directions differ, each: `1/2 × 1/4`."""
    scale = one.level.scale if one.level else ()
    parts = [f"{part.numerator}/{part.denominator}" for part in scale]
    return parts[0] if len(set(parts)) == 1 else " × ".join(parts)
