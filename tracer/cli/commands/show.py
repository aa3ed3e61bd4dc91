"""The commands that print tables of a trace: its shapes, its operations, its skip stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import options
from tracer.cli.output import Destination, write_table
from tracer.cli.symbolic_options import SymbolicRequest, formulas
from tracer.cli.targets import LoadedTrace, TargetSpec, subject
from tracer.cli.view_options import view_of

if TYPE_CHECKING:
    from tracer.render.tables.visible_rows import RowSelection


@click.command()
@options.target
@options.inputs
@options.settings
@formulas
@options.depth
@options.paths
@options.fold
@click.option("--ops", is_flag=True, help="Show every operation, not the blocks.")
@options.table_format
@options.output
@options.debug
def show(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    depth: int | None,
    paths: tuple[str, ...],
    fold: bool | None,
    ops: bool,
    form: str | None,
    output: Path | None,
) -> int:
    """Show the shapes of a model, block by block.

    Each block has its class, the shapes that go in and come out, and its
    parameters.

    \b
      unet-trace show ddpm-cifar10 --depth 2
      unet-trace show model.py:UNet --set ch=64 --input x=1x3x64x64
      unet-trace show trace.json --format csv
    """
    place = Destination(form, output)
    view = view_of(depth, paths, fold, place)
    found = subject(TargetSpec(target, settings, inputs, formulas), lines=ops)
    if ops:
        _show_operations(found, view, place)
    else:
        _show_blocks(found, view, place)
    return found.status()


def _show_blocks(found: LoadedTrace, view: RowSelection, place: Destination) -> None:
    from tracer.render.tables.block_shapes import shape_table
    from tracer.render.tables.visible_rows import select_rows

    records = [one.row for one in select_rows(found.trace, view)]
    write_table(shape_table(found.trace, view), records, place)


def _show_operations(found: LoadedTrace, view: RowSelection, place: Destination) -> None:
    from tracer.render.tables.operations import step_numbers, step_table

    numbers = step_numbers(found.trace, view)
    records = [found.trace.steps[number] for number in numbers]
    write_table(step_table(found.trace, numbers), records, place)


@click.command()
@options.target
@options.inputs
@options.settings
@formulas
@options.table_format
@options.output
@options.debug
def stack(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    form: str | None,
    output: Path | None,
) -> int:
    """Show the skip stack: each push and pop with its line.

    Each tensor that waits has its shape, the depth and the bytes of the stack
    after the push, the block and the line that pop it, and the channels that
    are joined. It holds for skips in a list and for skips that no list holds.

    \b
      unet-trace stack ddpm-cifar10
      unet-trace stack trace.json --format markdown -o stack.md
    """
    from tracer.analysis.stack import ledger
    from tracer.render.tables.block_columns import trace_notes
    from tracer.render.tables.skip_stack import skip_stack_table

    found = subject(TargetSpec(target, settings, inputs, formulas))
    kept = ledger(found.trace)
    write_table(
        skip_stack_table(kept, trace_notes(found.trace)), kept.entries, Destination(form, output)
    )
    return found.status()
