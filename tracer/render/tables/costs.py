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
    COST_NARROWING,
    UNKNOWN_COST,
    cost_columns,
    count_column,
)
from tracer.render.tables.visible_rows import EVERY_ROW, Listed, RowSelection, listing

OUTSIDE_TITLE = "outside the levels"


def block_table(trace: Trace, costs: Costs, view: RowSelection = EVERY_ROW) -> Table:
    """Returns one row per block, its children included; a folded row sums all that it stands for."""
    found = listing(trace, view)
    sums = [cost_of(one, costs) for one in found]
    parameters = [] if costs.are_formulas else [_parameters_column(found, sums)]
    return Table(
        title=block_columns.title_of(trace),
        columns=(
            block_columns.block_column(found),
            block_columns.class_column(found),
            *parameters,
            *cost_columns(sums, costs),
        ),
        summary=tuple(_legend(found, sums)),
        narrowing=COST_NARROWING,
        heads=block_columns.heads_of(found),
        faint=block_columns.faint_of(found),
    )


def cost_of(one: Listed, costs: Costs) -> Cost:
    """Returns the cost of a row, times the rows that it and those above it stand for."""
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
    """Returns one row per level and part of the model: encoder, middle and decoder."""
    costs = [one.cost for one in levels]
    return Table(
        title="By level",
        columns=(
            Column("resolution", tuple(map(_resolution, levels)), "shape"),
            Column("scale", tuple(map(_scale, levels)), "shape"),
            Column("part", tuple(one.part if one.level else "" for one in levels)),
            Column("blocks", tuple(str(one.blocks or "") for one in levels), "number"),
            count_column("parameters", [one.parameters for one in costs], "params"),
            *cost_columns(costs, whole),
        ),
        narrowing=(Narrowing("blocks", "drop"), Narrowing("scale", "drop"), *COST_NARROWING),
    )


def operation_table(whole: Costs) -> Table:
    """Returns one row per kind of operation, the most expensive first."""
    costs = list(whole.operations.values())
    return Table(
        title="By operation",
        columns=(
            Column("operation", tuple(whole.operations), "kind"),
            Column("times", tuple(str(one.steps) for one in costs), "number"),
            *cost_columns(costs, whole, multiply_adds=False),
        ),
        narrowing=COST_NARROWING,
    )


def _legend(found: Sequence[Listed], sums: Sequence[Cost]) -> Iterator[str]:
    """What the marks in the table of blocks mean, where there are any."""
    if any(one.uncounted and is_zero(one.flops) for one in sums):
        yield f"({UNKNOWN_COST}: no cost is known for any operation in this row)"
    if any(one.row.counted and one.row.parameters for one in found):
        yield block_columns.BRACKETS
    if any(len(one.rows) > 1 for one in found):
        yield "(× n: n blocks alike, one after another; this row and those below it are sums of n)"


def _parameters_column(found: Sequence[Listed], sums: Sequence[Cost]) -> Column:
    column = count_column("parameters", [one.parameters for one in sums], "params")
    counted = [one.row.counted and bool(one.row.parameters) for one in found]

    def bracketed(cells: tuple[str, ...]) -> tuple[str, ...]:
        pairs = zip(cells, counted, strict=True)
        return tuple(f"({cell})" if again else cell for cell, again in pairs)

    return replace(column, cells=bracketed(column.cells), short=bracketed(column.short))


def _resolution(one: LevelCost) -> str:
    return number_format.sizes_of(one.level.plane) if one.level else OUTSIDE_TITLE


def _scale(one: LevelCost) -> str:
    """`1/4`; where the directions differ, each: `1/2 × 1/4`."""
    scale = one.level.scale if one.level else ()
    parts = [f"{part.numerator}/{part.denominator}" for part in scale]
    return parts[0] if len(set(parts)) == 1 else " × ".join(parts)
