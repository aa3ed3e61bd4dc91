"""All that is told about the costs of a trace: tables to read, and the same as data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from tracer.costs import cost, level_costs, operation_costs
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render import cost_record as record
from tracer.render.cost_record import Record
from tracer.render.cost_sums import cost_sums
from tracer.render.costs import block_table, level_table, operation_table
from tracer.render.grid import Table
from tracer.render.listing import ALL, View, listing
from tracer.skip_links import skips

SIDES = ("block", "level", "operation")
"""What costs are told by."""


@dataclass(frozen=True, slots=True)
class Report:
    """The tables, the last of them with the sums below it, and all of it as data."""

    tables: tuple[Table, ...]
    record: Record


def cost_report(trace: Trace, view: View = ALL, sides: Collection[str] = SIDES) -> Report:
    """The costs of a trace by some of `SIDES`; the view is that of the blocks.

    Raises TraceError for a trace in formulas, which has no single cost.
    """
    links = skips(trace)
    try:
        costs = cost(trace, links)
    except TypeError as error:
        raise TraceError(f"{error} A cost is a number.") from error
    tables: list[Table] = []
    data = record.sums_record(trace, costs)
    if "block" in sides:
        tables.append(block_table(trace, costs, view))
        data["blocks"] = record.block_records(listing(trace, view), costs)
    if "level" in sides:
        levels = level_costs(trace, links)
        tables.append(level_table(levels, costs))
        data["levels"] = record.level_records(levels)
    if "operation" in sides:
        operations = operation_costs(trace)
        tables.append(operation_table(operations, costs))
        data["operations"] = record.operation_records(operations)
    last = tables[-1]
    tables[-1] = replace(last, summary=(*last.summary, *cost_sums(trace, costs)))
    return Report(tuple(tables), data)
