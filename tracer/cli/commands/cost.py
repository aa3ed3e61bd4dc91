"""The command that prints what a forward costs."""

from __future__ import annotations

import click

from tracer.cli.options import Option
from tracer.cli.output import Destination, RowOptions, write_tables
from tracer.cli.sessions import shown_trace, status_of, traced_session
from tracer.target_spec import TargetSpec

GROUPINGS = ("block", "level", "operation")
BY = Option(
    "groupings",
    ("--by",),
    settings={
        "multiple": True,
        "type": click.Choice(GROUPINGS),
        "metavar": "GROUPING",
        "help": "block, level or operation; default: all three (csv: block).",
    },
)


def run(
    target: TargetSpec, rows: RowOptions, groupings: tuple[str, ...], destination: Destination
) -> int:
    """Show what a forward costs: arithmetic, parameters, memory.

    Per block, per level (resolution) and per kind of operation. A multiply-add
    is two FLOPs. Operations whose cost is not known are listed, not counted.
    With --path, all tables and the totals are about these blocks only.

    \b
      unet-trace cost ddpm-cifar10 --depth 2
      unet-trace cost trace.json --path mid --by block
      unet-trace cost trace.json --by level --format csv
    """
    from tracer.render.tables.cost_report import report_costs

    asked = _groupings(groupings, destination)
    if "block" not in asked and (rows.depth is not None or rows.fold):
        option = "--fold" if rows.fold else "--depth"
        raise click.UsageError(f"{option} is for rows of blocks: add --by block, or drop {option}.")
    selection = rows.selection(destination)
    session = traced_session(target, lines=False)
    report = report_costs(shown_trace(session), selection, asked)
    write_tables(report.tables, report.record, destination)
    return status_of(session)


def _groupings(groupings: tuple[str, ...], destination: Destination) -> tuple[str, ...]:
    """The tables that were asked for, or that the format has room for."""
    if not destination.format.one_table:
        return groupings or GROUPINGS
    if len(groupings) > 1:
        raise click.UsageError(f"{destination.format.name} holds one table: give --by once.")
    return groupings or GROUPINGS[:1]
