"""The table of shapes: each block with its class, what went in, what came out, its parameters."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.record import Trace, Value
from tracer.render import number_format
from tracer.render.formats.table import Column, Narrowing, Table
from tracer.render.tables import block_columns
from tracer.render.tables.memory_totals import total_lines
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, VisibleRow, select_rows

SHAPES_NARROWING = (
    Narrowing("in", "shorten", "out"),
    Narrowing("parameters", "shorten"),
    Narrowing("class", "drop"),
    Narrowing("in", "drop"),
)
"""A narrow page first loses what other rows say too: the input of a block is an output before."""


def shape_table(trace: Trace, view: RowSelection = ALL_ROWS) -> Table:
    """The shapes of a trace: all of it, or what a view leaves."""
    found = select_rows(trace, view)
    return Table(
        title=block_columns.trace_title(trace),
        columns=(
            block_columns.block_column(found),
            block_columns.class_column(found),
            *value_columns(found),
            block_columns.parameters_column(found),
        ),
        summary=_summary(trace, found),
        narrowing=SHAPES_NARROWING,
        group_rows=block_columns.group_rows(found),
        context_rows=block_columns.context_rows(found),
    )


def value_columns(found: Sequence[VisibleRow]) -> tuple[Column, Column]:
    """The shapes of the inputs and of the outputs of each row."""
    return (
        _shapes("in", [one.row.inputs for one in found]),
        _shapes("out", [one.row.outputs for one in found]),
    )


def _shapes(title: str, values: Sequence[tuple[Value, ...]]) -> Column:
    whole = tuple(map(number_format.shapes_of, values))
    return Column(title, whole, "shape", short=tuple(map(number_format.first_shape_of, values)))


def _summary(trace: Trace, found: Sequence[VisibleRow]) -> tuple[str, ...]:
    counts = (
        number_format.plural(trace.root.parameters, "parameter"),
        number_format.plural(len(trace.blocks), "block"),
        _captured(trace),
    )
    counted = any(one.row.counted and one.row.parameters for one in found)
    folded = "(× n: n blocks in a row are alike; the rows below them are those of the first)"
    return (
        "in: " + ", ".join(f"{value.name} {_described(value)}" for value in trace.inputs),
        "out: " + (", ".join(map(_described, trace.outputs)) or "nothing"),
        ", ".join(counts),
        *total_lines(trace),
        *([block_columns.COUNTED_BEFORE] if counted else []),
        *([folded] if any(len(one.rows) > 1 for one in found) else []),
        *block_columns.trace_notes(trace),
    )


def _captured(trace: Trace) -> str:
    ran = len(trace.steps) + trace.missed
    return f"{len(trace.steps):,} of {number_format.plural(ran, 'operation')}"


def _described(value: Value) -> str:
    return f"{number_format.shape_of(value)} {value.dtype}"
