"""The `str` of each result, and its HTML in a notebook: the tables that the command shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch
from typing import Any

from tracer.analysis.costs import Costs
from tracer.analysis.replay_verdict import ReplayVerdict
from tracer.analysis.size_rules import SizeRules
from tracer.notebook.display_objects import DisplayedTables
from tracer.record import Block, Trace
from tracer.render import number_format
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_rows import block_cell
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.checkpoint_keys import state_table
from tracer.render.tables.costs import operation_table
from tracer.render.tables.differences import ColumnTitles, difference_table
from tracer.render.tables.failing_size import failing_size_table
from tracer.render.tables.size_obstacles import size_rules_table
from tracer.render.tables.verdict_sentences import verdict_table
from tracer.sizing.explanation import Explanation
from tracer.snapshot.diff import Comparison
from tracer.snapshot.diff.state_dict_comparison import StateDictComparison


def displayed_result(result: Any) -> DisplayedTables:
    """Return what is displayed of a result: text at a prompt, HTML in a notebook.

    >>> displayed_result(ReplayVerdict("Net", True, 12, (), (), spread=0.6))
    The recorded graph of Net, 12 operations,
    computes what the model computes, bit for bit.
    ...
    """
    return DisplayedTables((_table(result),))


@singledispatch
def _table(result: Any) -> Table:
    raise TypeError(f"{type(result).__name__} has no table")


_table.register(SizeRules, size_rules_table)
_table.register(Explanation, failing_size_table)
_table.register(ReplayVerdict, verdict_table)
_table.register(Trace, shape_table)


@_table.register
def _(result: StateDictComparison) -> Table:
    return state_table(result, "Checkpoint")


@_table.register
def _(result: Comparison) -> Table:
    before, after = (one.target or one.model.kind for one in (result.before, result.after))
    return difference_table(result, ColumnTitles("A", "B", f"A: {before}\nB: {after}"), every=True)


@_table.register
def _(result: Costs) -> Table:
    return replace(
        operation_table(result, total="all operations"),
        title="Costs by operation",
        summary=tuple(_totals(result)),
    )


def _totals(costs: Costs) -> Iterator[str]:
    memory = number_format.memory
    yield f"{number_format.plural(costs.parameters, 'parameter')}."
    if costs.are_formulas:
        yield f"FLOPs: {number_format.grouped_formula(str(costs.flops))}; a multiply-add is two."
        yield f"Bytes written: {number_format.grouped_formula(str(costs.bytes))}."
        return
    yield f"{memory(costs.at_run(costs.weight_bytes))} of weights are read."
    yield f"The operations write {memory(costs.at_run(costs.bytes))}."
    if costs.peak:
        yield f"Peak memory without weights: {memory(costs.peak.bytes)}."
    uncounted = ", ".join(f"{name} {count:,}" for name, count in costs.total.uncounted.items())
    if uncounted:
        yield f"Not counted, because their cost is not known: {uncounted}."


@_table.register
def _(result: Block) -> Table:
    """The block and the blocks that it calls."""
    blocks = (result, *result.children)
    return Table(
        title=f"{block_cell(result.call)} ({result.kind})",
        columns=(
            Column("block", tuple(block_cell(one.call) for one in blocks), "path"),
            Column("class", tuple(one.kind for one in blocks), "kind"),
            Column("in", tuple(number_format.shapes_of(one.inputs) for one in blocks), "shape"),
            Column("out", tuple(number_format.shapes_of(one.outputs) for one in blocks), "shape"),
            Column("parameters", tuple(f"{one.parameters:,}" for one in blocks), "number"),
        ),
    )
