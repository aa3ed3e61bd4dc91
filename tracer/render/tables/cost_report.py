"""All that is told about the costs of a trace: tables to read, and the same as data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from tracer.analysis.costs import cost, cost_formulas, level_costs, operation_costs
from tracer.analysis.skips import skips
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.formats.table import Table
from tracer.render.tables import cost_json
from tracer.render.tables.cost_json import Record
from tracer.render.tables.cost_totals import cost_sums
from tracer.render.tables.costs import block_table, level_table, operation_table
from tracer.render.tables.symbolic_costs import block_formulas, formula_sums, operation_formulas
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, select_rows

SIDES = ("block", "level", "operation")
"""What costs are told by."""


@dataclass(frozen=True, slots=True)
class Report:
    """The tables, the last of them with the sums below it, and all of it as data."""

    tables: tuple[Table, ...]
    record: Record


def cost_report(
    trace: Trace, view: RowSelection = ALL_ROWS, sides: Collection[str] = SIDES
) -> Report:
    """The costs of a trace by some of `SIDES`; the view is that of the blocks.

    The costs of a trace in formulas are formulas, too; these are not told by level.
    """
    if trace.symbols:
        return formula_report(trace, view, sides)
    links = skips(trace)
    try:
        costs = cost(trace, links)
    except TypeError as error:
        raise TraceError(f"{error} A cost is a number.") from error
    tables: list[Table] = []
    data = cost_json.sums_record(trace, costs)
    if "block" in sides:
        tables.append(block_table(trace, costs, view))
        data["blocks"] = cost_json.block_records(select_rows(trace, view), costs)
    if "level" in sides:
        levels = level_costs(trace, links)
        tables.append(level_table(levels, costs))
        data["levels"] = cost_json.level_records(levels)
    if "operation" in sides:
        operations = operation_costs(trace)
        tables.append(operation_table(operations, costs))
        data["operations"] = cost_json.operation_records(operations)
    last = tables[-1]
    tables[-1] = replace(last, summary=(*last.summary, *cost_sums(trace, costs)))
    return Report(tuple(tables), data)


def formula_report(trace: Trace, view: RowSelection, sides: Collection[str]) -> Report:
    """The costs of a trace as formulas, by block and by operation."""
    if set(sides) == {"level"}:
        raise TraceError("By level costs are numbers: leave out --symbolic, or ask --by block.")
    costs = cost_formulas(trace)
    tables: list[Table] = []
    data = cost_json.formula_record(trace, costs)
    if "block" in sides:
        tables.append(block_formulas(trace, costs, view))
        data["blocks"] = cost_json.block_formula_records(select_rows(trace, view), costs)
    if "operation" in sides:
        tables.append(operation_formulas(trace, costs))
        data["operations"] = cost_json.operation_formula_records(costs)
    last = tables[-1]
    tables[-1] = replace(last, summary=(*last.summary, *formula_sums(trace, costs)))
    return Report(tuple(tables), data)
