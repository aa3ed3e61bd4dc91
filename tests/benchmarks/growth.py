"""How the time of everything that is made of a trace grows with the number of its operations."""

from __future__ import annotations

import gc
import math
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import tracer
from tests.benchmarks.stopwatch import exponent
from tests.benchmarks.subjects import GROWING, subject
from tracer.analysis.costs import cost, level_costs
from tracer.analysis.levels import resolution_levels
from tracer.analysis.skip_stack import ledger
from tracer.record import Trace
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.graphviz_program import render_dot
from tracer.render.formats.csv_text import to_csv
from tracer.render.formats.html import table_section
from tracer.render.formats.json_text import to_json_text
from tracer.render.formats.markdown import to_markdown
from tracer.render.formats.plain import to_plain
from tracer.render.formats.table import Table
from tracer.render.formats.terminal import to_text
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.cost_report import report_costs
from tracer.render.tables.operation_rows import step_table
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.render.tables.visible_rows import RowSelection, select_rows
from tracer.snapshot import from_lock, snapshot_of, to_lock
from tracer.snapshot.diff import compare

ROUNDS = 7
PATIENCE = 4.0
"""Seconds for the rounds of one row, of which there is at least one."""
FITTED = 4
"""The exponent is told from so many sizes, the biggest: below, what is fixed still shows."""


@dataclass(frozen=True)
class Grown:
    """A trace of one size, and what others are made of."""

    recorded: Trace
    folder: Path

    @property
    def operations(self) -> int:
        """Its size."""
        return len(self.recorded.steps)

    @property
    def trace(self) -> Trace:
        """The trace, without what others have already made of it and kept with it."""
        return replace(self.recorded)

    @cached_property
    def table(self) -> Table:
        """Every block, a row each."""
        return shape_table(self.trace)

    @cached_property
    def saved(self) -> Path:
        """Where it is saved."""
        path = self.folder / f"{self.operations}.json"
        tracer.save(self.trace, path)
        return path

    @cached_property
    def lock(self) -> str:
        """Its lock file."""
        return to_lock(snapshot_of(self.trace))

    @cached_property
    def dot(self) -> str:
        """Its ladder, for Graphviz."""
        return str(digraph(self.trace).source)


MADE: Mapping[str, Callable[[Grown], object]] = {
    "skips": lambda one: tracer.skips(one.trace),
    "stack": lambda one: tracer.stack(one.trace),
    "ledger": lambda one: ledger(one.trace),
    "levels": lambda one: resolution_levels(one.trace),
    "cost, by block and operation, with the peak": lambda one: cost(one.trace),
    "cost by level": lambda one: level_costs(one.trace),
    "assert_shapes": lambda one: tracer.assert_shapes(one.trace, {"**.norm1": "b _ _ _"}),
    "lock file, written": lambda one: to_lock(snapshot_of(one.trace)),
    "lock file, read": lambda one: from_lock(one.lock),
    "diff with itself": lambda one: compare(snapshot_of(one.trace), snapshot_of(one.trace)),
    "save (JSON)": lambda one: tracer.save(one.trace, one.folder / "again.json"),
    "load (JSON)": lambda one: tracer.load(one.saved),
    "table of shapes": lambda one: shape_table(one.trace),
    "table of shapes, folded": lambda one: shape_table(one.trace, RowSelection(fold=True)),
    "table of operations": lambda one: step_table(one.trace),
    "table of the stack": lambda one: skip_stack_table(ledger(one.trace)),
    "report of costs": lambda one: report_costs(one.trace),
    "table as plain text": lambda one: to_plain(one.table),
    "table for a terminal": lambda one: to_text(one.table, 100),
    "table as Markdown": lambda one: to_markdown(one.table),
    "table as CSV": lambda one: to_csv(one.table),
    "table as HTML": lambda one: table_section(one.table),
    "table as JSON": lambda one: to_json_text([row.row for row in select_rows(one.trace)]),
    "diagram as DOT": lambda one: digraph(one.trace),
    "diagram as DOT, folded": lambda one: digraph(one.trace, view=RowSelection(fold=True)),
    "diagram as SVG, by Graphviz": lambda one: render_dot(one.dot, "svg"),
}
"""What is made of a trace, by what the page calls it."""


def made() -> dict[str, dict[int, float]]:
    """Seconds by what is made and by the number of operations: the least of a few rounds."""
    with TemporaryDirectory() as folder:
        grown = [Grown(_trace(name), Path(folder)) for name in GROWING]
        return {what: _least(make, grown) for what, make in MADE.items()}


def _trace(name: str) -> Trace:
    one = subject(name)
    return tracer.trace(one.model, one.inputs)


def _least(make: Callable[[Grown], object], grown: list[Grown]) -> dict[int, float]:
    least = {one.operations: math.inf for one in grown}
    began = time.perf_counter()
    for one in grown:
        make(one)
    for turn in range(ROUNDS):
        if turn and time.perf_counter() - began > PATIENCE:
            break
        for one in grown:
            least[one.operations] = min(least[one.operations], _seconds(make, one))
    return least


def _seconds(make: Callable[[Grown], object], one: Grown) -> float:
    """How long processors work on it, garbage collection left out: it goes by all there is."""
    gc.collect()
    gc.disable()
    try:
        start = _worked()
        make(one)
        return _worked() - start
    finally:
        gc.enable()


def _worked() -> float:
    """Seconds that processors have worked for this process and those that it started."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def power(seconds: Mapping[int, float]) -> float:
    """The power of the number of operations that these times grow with, for the biggest."""
    sizes = sorted(seconds)[-FITTED:]
    return exponent(sizes, [seconds[size] for size in sizes])
