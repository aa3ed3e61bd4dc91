"""The table of operations: every tensor operation in the order in which it ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracer.record import Step, Trace, Value
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables.block_columns import mode_text
from tracer.render.tables.block_rows import block_cell
from tracer.render.tables.source_column import place_column
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, select_rows

STEPS_NARROWING = (
    Narrowing("in", "shorten"),
    Narrowing("out", "shorten"),
    Narrowing("in", "drop"),
    Narrowing("at", "shorten"),
    Narrowing("at", "drop"),
    Narrowing("line", "drop"),
)


def step_numbers(trace: Trace, view: RowSelection = ALL_ROWS) -> tuple[int, ...]:
    """The numbers of the operations that the blocks of a view ran themselves, or all.

    Raises TraceError for a pattern that no block fits.
    """
    if not view.paths and view.depth is None:
        return tuple(range(len(trace.steps)))
    shown = select_rows(trace, RowSelection(view.depth, view.paths))
    calls = {one.row.call for one in shown if one.is_match}
    return tuple(number for number, step in enumerate(trace.steps) if step.block in calls)


def step_table(trace: Trace, numbers: Sequence[int] | None = None) -> Table:
    """The operations of a trace, or those of these numbers, which are indices of `trace.steps`."""
    shown = range(len(trace.steps)) if numbers is None else numbers
    steps = [trace.steps[number] for number in shown]

    def column(title: str, role: ColumnRole, cell: Callable[[Step], str]) -> Column:
        return Column(title, tuple(map(cell, steps)), role)

    return Table(
        title=_title(trace, len(steps)),
        columns=(
            Column("#", tuple(map(str, shown)), "number"),
            column("operation", "kind", lambda step: step.op),
            column("block", "path", lambda step: block_cell(step.block)),
            _shapes("in", [step.inputs for step in steps]),
            _shapes("out", [step.outputs for step in steps]),
            place_column("at", [(step.file, step.line) for step in steps]),
        ),
        summary=mode_text(trace.mode),
        narrowing=STEPS_NARROWING,
    )


def _title(trace: Trace, shown: int) -> str:
    """`90 operations of UNet`, `12 of the 90 operations of UNet`."""
    every = f"{number_format.plural(len(trace.steps), 'operation')} of {trace.model}"
    return every if shown == len(trace.steps) else f"{number_format.count(shown)} of the {every}"


def _shapes(title: str, values: Sequence[tuple[Value, ...]]) -> Column:
    return Column(
        title,
        tuple(map(number_format.shapes_of, values)),
        "shape",
        short=tuple(map(number_format.first_shape_of, values)),
    )
