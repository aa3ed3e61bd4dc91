"""The tables of costs: block by block, by resolution, by kind of operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracer.analysis.costs import Cost, Costs, LevelCost, OperationCost, added
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.tables import block_columns
from tracer.render.tables.cost_columns import (
    NARROWING,
    UNKNOWN,
    bytes_column,
    cost_columns,
    share_column,
)
from tracer.render.tables.visible_rows import EVERY_ROW, Listed, RowSelection, listing

OUTSIDE_TITLE = "beside the levels"


def block_table(trace: Trace, costs: Costs, view: RowSelection = EVERY_ROW) -> Table:
    """The costs of each block, its children included; a folded row sums all that it stands for."""
    found = listing(trace, view)
    sums = [cost_of(one, costs) for one in found]
    return Table(
        title=block_columns.title_of(trace),
        columns=(
            block_columns.block_column(found),
            block_columns.class_column(found),
            _parameters(found, sums),
            *cost_columns(sums, costs.total),
        ),
        summary=tuple(_remarks(found, sums)),
        narrowing=NARROWING,
        heads=block_columns.heads_of(found),
        faint=block_columns.faint_of(found),
    )


def cost_of(one: Listed, costs: Costs) -> Cost:
    """What a row costs, with all rows that it stands for and those above it stand for."""
    each = added(costs.blocks[block.call] for block in one.blocks)
    return Cost(
        parameters=one.row.parameters * one.modules,
        buffers=each.buffers * one.modules,
        flops=each.flops * one.times,
        activation_bytes=each.activation_bytes * one.times,
        uncounted={name: number * one.times for name, number in each.uncounted.items()},
    )


def level_table(levels: Sequence[LevelCost], whole: Costs) -> Table:
    """The costs of each resolution, its encoder, middle and decoder apart."""
    costs = [one.cost for one in levels]
    return Table(
        title="By level",
        columns=(
            Column("resolution", tuple(map(_resolution, levels)), "shape"),
            Column("scale", tuple(map(_scale, levels)), "shape"),
            Column("part", tuple(one.part if one.level else "" for one in levels)),
            Column("blocks", tuple(str(one.blocks or "") for one in levels), "number"),
            _numbers("parameters", [one.parameters for one in costs]),
            *cost_columns(costs, whole.total),
        ),
        narrowing=(Narrowing("blocks", "drop"), Narrowing("scale", "drop"), *NARROWING),
    )


def operation_table(operations: Sequence[OperationCost], whole: Costs) -> Table:
    """The costs of each kind of operation."""
    flops = [one.flops for one in operations]
    return Table(
        title="By operation",
        columns=(
            Column("operation", tuple(one.op for one in operations), "kind"),
            Column("times", tuple(str(one.count) for one in operations), "number"),
            Column(
                "FLOPs",
                tuple(map(_known, operations)),
                "number",
                exact=tuple(map(str, flops)),
            ),
            share_column(flops, whole.total),
            bytes_column([one.activation_bytes for one in operations]),
            _numbers("not counted", [one.uncounted for one in operations]),
        ),
        narrowing=(Narrowing("not counted", "drop"),),
    )


def _remarks(found: Sequence[Listed], sums: Sequence[Cost]) -> Iterator[str]:
    """What the marks in the table of blocks mean, where there are any."""
    if any(one.uncounted and not one.flops for one in sums):
        yield f"({UNKNOWN}: of none of its operations the cost is known)"
    if any(one.row.counted and one.row.parameters for one in found):
        yield block_columns.BRACKETS
    if any(len(one.rows) > 1 for one in found):
        yield "(× n: n blocks alike, one after another; the sums of all n, there and below)"


def _parameters(found: Sequence[Listed], sums: Sequence[Cost]) -> Column:
    column = _numbers("parameters", [one.parameters for one in sums])
    counted = [one.row.counted and bool(one.row.parameters) for one in found]

    def bracketed(cells: tuple[str, ...]) -> tuple[str, ...]:
        pairs = zip(cells, counted, strict=True)
        return tuple(f"({cell})" if again else cell for cell, again in pairs)

    return replace(column, cells=bracketed(column.cells), short=bracketed(column.short))


def _numbers(title: str, numbers: Sequence[int]) -> Column:
    return Column(
        title,
        tuple(number_format.count(number) if number else "" for number in numbers),
        "number",
        short=tuple(number_format.rounded(number) if number else "" for number in numbers),
        short_title={"parameters": "params"}.get(title, ""),
        exact=tuple(map(str, numbers)),
    )


def _resolution(one: LevelCost) -> str:
    return number_format.sizes_of(one.level.spatial_size) if one.level else OUTSIDE_TITLE


def _scale(one: LevelCost) -> str:
    """`1/4`; where the directions differ, each: `1/2 × 1/4`."""
    scale = one.level.scale if one.level else ()
    parts = [f"{part.numerator}/{part.denominator}" for part in scale]
    return parts[0] if len(set(parts)) == 1 else " × ".join(parts)


def _known(one: OperationCost) -> str:
    if one.flops:
        return number_format.operations(one.flops)
    return UNKNOWN if one.uncounted else ""
