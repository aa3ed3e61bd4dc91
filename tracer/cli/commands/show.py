"""The command that prints the shapes of a model, block by block or operation by operation."""

from __future__ import annotations

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


def run(target: TargetSpec, rows: RowOptions, ops: bool, destination: Destination) -> int:
    """Show the shapes of a model, block by block.

    Each row has the class of a block, the shapes of its inputs and outputs, and
    its parameters. With --ops, --depth 0 shows what the model runs itself, outside
    its blocks.

    \b
      unet-trace show ddpm-cifar10 --depth 2
      unet-trace show model.py:UNet --set ch=64 --input x=1x3x64x64
      unet-trace show trace.json --format csv
    """
    if ops and rows.fold:
        raise click.UsageError("--fold is for rows of blocks: leave out --ops or --fold.")
    selection = rows.selection(destination)
    session = traced_session(target, lines=ops)
    show_rows = _show_operations if ops else _show_blocks
    show_rows(shown_trace(session), selection, destination)
    return status_of(session)


def _show_blocks(trace: Trace, selection: RowSelection, destination: Destination) -> None:
    from tracer.render.tables.block_shapes import shape_table
    from tracer.render.tables.visible_rows import select_rows

    records = [one.row for one in select_rows(trace, selection)]
    write_table(shape_table(trace, selection), records, destination)


def _show_operations(trace: Trace, selection: RowSelection, destination: Destination) -> None:
    from tracer.render.tables.operation_rows import step_numbers, step_table

    numbers = step_numbers(trace, selection)
    records = [trace.steps[number] for number in numbers]
    write_table(step_table(trace, numbers), records, destination)
