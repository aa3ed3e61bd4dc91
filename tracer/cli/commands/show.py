"""The command that prints the shapes of a model, block by block or operation by operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tracer.cli.options import Option
from tracer.cli.output import Destination, RowOptions, write_table
from tracer.cli.sessions import shown_trace, status_of, traced_session
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.render.tables.visible_rows import RowSelection

OPS = Option(
    "ops", ("--ops",), settings={"is_flag": True, "help": "Show every operation, not the blocks."}
)


COLUMN_NAMES = (
    *("class", "in", "out", "arguments", "dtype", "bytes", "kernel", "stride", "groups"),
    *("parameters", "trainable", "frozen", "percent"),
)


def _split(
    context: click.Context, parameter: click.Parameter, texts: Sequence[str]
) -> tuple[str, ...]:
    return tuple(name.strip() for text in texts for name in text.split(","))


CHOSEN_COLUMNS = Option(
    "columns",
    ("--columns",),
    settings={
        "multiple": True,
        "metavar": "NAME,...",
        "callback": _split,
        "help": f"The columns: {', '.join(COLUMN_NAMES)}; or all.",
    },
)


def run(
    target: TargetSpec,
    rows: RowOptions,
    ops: bool,
    columns: tuple[str, ...],
    destination: Destination,
) -> int:
    """Show the shapes of a model, block by block.

    Each row has the class of a block, the shapes of its inputs and outputs, and
    its parameters. Below are the totals, with the memory of weights and of what a
    run writes. With --ops, --depth 0 shows what the model runs itself, outside
    its blocks.

    \b
      unet-trace show ddpm-cifar10 --depth 2
      unet-trace show model.py:UNet --set ch=64 --input x=1x3x64x64
      unet-trace show ddpm-cifar10 --columns out,kernel,stride,parameters,percent
      unet-trace show trace.json --format csv
    """
    if ops and rows.fold:
        raise click.UsageError("--fold is for rows of blocks: leave out --ops or --fold.")
    names = _chosen(columns, destination, ops=ops)
    selection = rows.selection(destination)
    session = traced_session(target, lines=ops)
    if ops:
        _show_operations(shown_trace(session), selection, destination)
    else:
        _show_blocks(shown_trace(session), selection, names, destination)
    return status_of(session)


def _chosen(columns: tuple[str, ...], destination: Destination, *, ops: bool) -> tuple[str, ...]:
    """The names of the columns, settled before anything takes time."""
    from tracer.render.tables.chosen_columns import require_columns

    if columns and ops:
        raise click.UsageError("--columns is for rows of blocks: leave out --ops or --columns.")
    if columns and destination.format.name == "json":
        raise click.UsageError("--columns is for tables: JSON has every field.")
    return require_columns(columns)


def _show_blocks(
    trace: Trace, selection: RowSelection, names: tuple[str, ...], destination: Destination
) -> None:
    from tracer.render.tables.block_shapes import shape_table
    from tracer.render.tables.chosen_columns import chosen_table
    from tracer.render.tables.visible_rows import select_rows

    records = [one.row for one in select_rows(trace, selection)]
    table = chosen_table(trace, names, selection) if names else shape_table(trace, selection)
    write_table(table, records, destination)


def _show_operations(trace: Trace, selection: RowSelection, destination: Destination) -> None:
    from tracer.render.tables.operation_rows import step_numbers, step_table

    numbers = step_numbers(trace, selection)
    records = [trace.steps[number] for number in numbers]
    write_table(step_table(trace, numbers), records, destination)
