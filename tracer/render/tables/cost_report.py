"""The costs of a trace: the tables for a reader, and the same as data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from tracer.analysis.costs import Costs, cost, level_costs
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.formats.table import Table
from tracer.render.tables import cost_json
from tracer.render.tables.cost_json import Record
from tracer.render.tables.cost_totals import total_sentences
from tracer.render.tables.costs import block_table, level_table, operation_table
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, select_rows

COST_GROUPINGS = ("block", "level", "operation")
"""What costs can be listed by."""


@dataclass(frozen=True, slots=True)
class CostReport:
    """The tables, the last of them with the totals below it, and all of it as data."""

    tables: tuple[Table, ...]
    record: Record


def report_costs(
    trace: Trace, view: RowSelection = ALL_ROWS, by: Collection[str] = COST_GROUPINGS
) -> CostReport:
    """Returns the costs of a trace by block, by level and by kind of operation.

    Args:
        trace: A trace; a symbolic one has formulas for costs, and no costs by level.
        view: The blocks to list.
        by: Some of `COST_GROUPINGS`.

    Raises:
        TraceError: A pattern of `view` that no block fits, a dtype that is not known, or costs by
            level alone of a symbolic trace.
    """
    if trace.symbols and set(by) == {"level"}:
        raise TraceError("By level costs are numbers: leave out --symbolic, or ask --by block.")
    costs = _costs_of(trace)
    tables: list[Table] = []
    record = cost_json.total_record(trace, costs)
    if "block" in by:
        tables.append(block_table(trace, costs, view))
        record["blocks"] = cost_json.block_records(select_rows(trace, view), costs)
    if "level" in by and not costs.are_formulas:
        levels = level_costs(trace)
        tables.append(level_table(levels, costs))
        record["levels"] = cost_json.level_records(levels)
    if "operation" in by:
        tables.append(operation_table(costs))
        record["operations"] = cost_json.operation_records(costs)
    last = tables[-1]
    tables[-1] = replace(last, summary=(*last.summary, *total_sentences(trace, costs)))
    return CostReport(tuple(tables), record)


def _costs_of(trace: Trace) -> Costs:
    try:
        costs = cost(trace)
    except (TypeError, ValueError) as error:
        raise TraceError(str(error)) from error
    if costs.are_formulas and not trace.symbols:
        raise TraceError(
            f"{trace.model} has formulas for sizes, but does not say what they are called. "
            "Trace with numbers, or with --symbolic."
        )
    return costs
