"""The command that prints what a forward costs."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import options
from tracer.cli.output import Destination, write_tables
from tracer.cli.symbolic_options import SymbolicRequest, formulas
from tracer.cli.targets import TargetSpec, subject
from tracer.cli.view_options import view_of

SIDES = ("block", "level", "operation")


@click.command()
@options.target
@options.inputs
@options.settings
@formulas
@options.depth
@options.paths
@options.fold
@click.option(
    "--by",
    "sides",
    multiple=True,
    type=click.Choice(SIDES),
    metavar="SIDE",
    help="block, level or operation; all three without it, in csv block.",
)
@options.table_format
@options.output
@options.debug
def cost(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    depth: int | None,
    paths: tuple[str, ...],
    fold: bool | None,
    sides: tuple[str, ...],
    form: str | None,
    output: Path | None,
) -> int:
    """Show what a forward costs: arithmetic, parameters, memory.

    By block, by level (resolution) and by kind of operation. A multiply-add is
    two FLOPs. Operations whose cost is not known are named, and counted nowhere.

    \b
      unet-trace cost ddpm-cifar10 --depth 2
      unet-trace cost trace.json --path mid --by block
      unet-trace cost trace.json --by level --format csv
    """
    from tracer.render.tables.cost_report import report_costs

    place = Destination(form, output)
    asked = _sides(sides, place)
    view = view_of(depth, paths, fold, place)
    found = subject(TargetSpec(target, settings, inputs, formulas), lines=False)
    report = report_costs(found.trace, view, asked)
    write_tables(report.tables, report.record, place)
    return found.status()


def _sides(sides: tuple[str, ...], place: Destination) -> tuple[str, ...]:
    """The tables that were asked for, or that the form has room for."""
    if not place.format.one_table:
        return sides or SIDES
    if len(sides) > 1:
        raise click.UsageError(f"{place.format.name} holds one table: give --by once.")
    return sides or SIDES[:1]
