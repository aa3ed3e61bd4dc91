"""The tables of a trace as sections of a page: shapes, the skip stack, costs, reasons of rules."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator

from tracer.analysis.skip_stack import ledger
from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.explorer.document import ExplorerContent
from tracer.render.explorer.still_words import StillWords
from tracer.render.formats.html import message_section, table_section
from tracer.render.formats.table import Table
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.cost_report import report_costs
from tracer.render.tables.size_obstacles import size_rules_table
from tracer.render.tables.skip_stack import skip_stack_table
from tracer.render.tables.visible_rows import RowSelection
from tracer.render.words.table_words import in_language

MOST_ROWS = 150
"""A table of blocks ends at the depth that leaves so many rows."""


def table_sections(
    content: ExplorerContent, words: StillWords, panes: Collection[str]
) -> Iterator[str]:
    """Yield sections of HTML, each with a heading.

    Args:
        content: What is explored; sizes are shown in numbers.
        words: The words of the language of the page.
        panes: The panes whose tables are wanted.
    """
    for found, heading in _tables(content, words, panes):
        if isinstance(found, Table):
            yield table_section(in_language(found, content.lang), heading)
        else:
            yield message_section(found, heading)


def _tables(
    content: ExplorerContent, words: StillWords, panes: Collection[str]
) -> Iterator[tuple[Table | str, str]]:
    """The tables, or what is said in place of one, and their headings."""
    trace, rules = content.numbers, content.rules
    view = _view_of(trace, content.depth)
    if "tables" in panes:
        yield shape_table(trace, view), words.shapes
    stack = ledger(trace)
    if "stack" in panes and stack.entries:
        yield skip_stack_table(stack), words.stack
    if "tables" in panes:
        yield from _costs(trace, view, words)
    if "sizes" in panes and rules is not None:
        yield size_rules_table(rules), words.reasons


def _costs(
    trace: Trace, view: RowSelection, words: StillWords
) -> Iterator[tuple[Table | str, str]]:
    try:
        report = report_costs(trace, view, ("block", "operation"))
    except TraceError as error:  # a dtype whose size is not known
        yield str(error), words.costs
    else:
        yield from ((table, words.costs) for table in report.tables)


def _view_of(trace: Trace, asked: int | None) -> RowSelection:
    """The depth that was asked for, or the greatest at which a table of blocks can be read."""
    if asked is not None:
        return _folded(asked)
    deepest = max(call.count(".") + 1 for call in trace.blocks)
    too_deep = bisect_left(
        range(1, deepest + 1),
        x=True,
        key=lambda depth: len(shape_table(trace, _folded(depth)).rows) > MOST_ROWS,
    )
    return _folded(too_deep)  # depths begin at 1, so this is the depth before it


def _folded(depth: int) -> RowSelection:
    return RowSelection(depth, fold=True)
