"""The costs of a trace: the tables for a reader, and the same as data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from tracer.analysis.costs import Costs, Peak, cost, cost_within, level_costs, superlinear_flops
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.formats.table import Table
from tracer.render.number_format import count, grouped_formula, memory, plural
from tracer.render.tables import cost_json
from tracer.render.tables.block_columns import trace_notes
from tracer.render.tables.cost_growth import growth_sentences
from tracer.render.tables.cost_json import Record
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
    """Return the costs of a trace by block, by level and by kind of operation.

    Args:
        trace: A trace; a symbolic one has formulas for costs, and no costs by level.
        view: The blocks to list. With patterns, all tables and the totals are about them only;
            shares are of the whole model.
        by: Some of `COST_GROUPINGS`.

    Raises:
        TraceError: A pattern of `view` that no block fits, a dtype that is not known, or costs by
            level alone of a symbolic trace.
    """
    if trace.symbols and set(by) == {"level"}:
        raise TraceError(
            "Costs by level are not available as formulas. Drop --symbolic, or use --by block."
        )
    costs = _costs_of(trace)
    calls = matching_calls(trace, view)
    part = costs if calls is None else cost_within(trace, calls)
    tables: list[Table] = []
    record = cost_json.total_record(trace, part, whole=calls is None)
    if "block" in by:
        tables.append(block_table(trace, costs, view))
        record["blocks"] = cost_json.block_records(select_rows(trace, view), costs)
    if "level" in by and not costs.are_formulas:
        levels = level_costs(trace, calls)
        tables.append(level_table(levels, costs))
        record["levels"] = cost_json.level_records(levels)
    if "operation" in by:
        tables.append(operation_table(part, costs))
        record["operations"] = cost_json.operation_records(part)
    last = tables[-1]
    heading = () if calls is None else (f"Totals of {', '.join(view.paths)} only:",)
    totals = total_sentences(trace, part, growth=calls is None)
    tables[-1] = replace(last, summary=(*last.summary, *heading, *totals))
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


def matching_calls(trace: Trace, view: RowSelection) -> frozenset[str] | None:
    """Return the calls that match the patterns of a view; None without patterns."""
    if not view.paths:
        return None
    found = select_rows(trace, RowSelection(paths=view.paths))
    return frozenset(block.call for one in found if one.is_match for block in one.blocks)


def total_sentences(trace: Trace, costs: Costs, *, growth: bool = True) -> tuple[str, ...]:
    """Return the totals in sentences, what was not counted, and the notes of the trace.

    Args:
        trace: A trace.
        costs: Its costs, or those of some of its blocks.
        growth: Whether to say how formulas grow, which is about the whole trace.
    """
    totals = _totals_in_formulas(costs) if costs.are_formulas else _totals_in_numbers(trace, costs)
    return (
        *totals,
        *(_growth(trace, costs) if growth and costs.are_formulas else ()),
        *_not_counted(costs.total.uncounted),
        *trace_notes(trace),
    )


def _totals_in_numbers(trace: Trace, costs: Costs) -> Iterator[str]:
    total = costs.total
    multiply_adds, flops = costs.at_run(total.multiply_adds), costs.at_run(total.flops)
    buffers = f" and {count(total.buffers)} numbers in buffers" if total.buffers else ""
    weights = memory(costs.at_run(costs.weight_bytes))
    yield f"{count(multiply_adds)} multiply-adds, or {count(flops)} FLOPs: a multiply-add is two."
    yield f"{plural(total.parameters, 'parameter')}{buffers}; {weights} of weights are read."
    yield f"The operations write {memory(costs.at_run(total.activation_bytes))}."
    if costs.peak:
        yield _peak_sentence(trace, costs.peak)


def _peak_sentence(trace: Trace, peak: Peak) -> str:
    """How much memory is in use at most, when, and how much of it holds skips."""
    start = f"Peak memory without weights: {memory(peak.bytes)}"
    if peak.step < 0:
        return f"{start}, the inputs."
    block = peak.block or "the model itself"
    moment = f"during operation {peak.step}, {trace.steps[peak.step].op}, in {block}"
    skips = f"; {memory(peak.skips)} of it hold skips" if peak.skips else ""
    return f"{start}, {moment}{skips}."


def _totals_in_formulas(costs: Costs) -> Iterator[str]:
    yield f"FLOPs: {grouped_formula(str(costs.flops))}; a multiply-add is two."
    yield f"Bytes written: {grouped_formula(str(costs.bytes))}."


def _growth(trace: Trace, costs: Costs) -> Iterator[str]:
    found = superlinear_flops(trace)
    if found:
        yield from growth_sentences(found, trace, costs)


def _not_counted(uncounted: Mapping[str, int]) -> Iterator[str]:
    if uncounted:
        names = ", ".join(f"{name} {number:,}" for name, number in uncounted.items())
        yield f"Not counted, because their cost is not known: {names}."
