"""Tables, the diagram and the skip stack of a trace, for a notebook or a prompt.

`display(trace)` shows a table and the diagram. So does a trace at the end of a cell, once IPython
knows how: `import tracer` in a running IPython registers it, and so does `%load_ext tracer`.
Nothing is rendered before it is displayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tracer.errors import TraceError, suggestion
from tracer.record import Trace, require_trace

if TYPE_CHECKING:
    from tracer.notebook.display_objects import Diagram, DisplayedTables
    from tracer.render.tables.visible_rows import RowSelection

Paths = str | Iterable[str]


def display(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> DisplayedTables:
    """Return the blocks of a trace as a table, and the diagram below it.

    `depth`, `path` and `fold` select the rows of the table, as in `table`.

    >>> from tracer import Session
    >>> display(Session.open("tiny").trace, depth=0)
    Model (tiny)
    ...
    1,113,955 parameters, 122 blocks, 258 of 258 operations
    ...
    In evaluation mode.
    """
    from tracer.notebook.display_objects import Diagram, DisplayedTables
    from tracer.render.tables.block_shapes import shape_table

    require_trace(trace)
    blocks = shape_table(trace, _view(depth, path, fold))
    return DisplayedTables((blocks,), Diagram(trace, None, _view(None, (), fold)))


def table(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> DisplayedTables:
    """Return the blocks of a trace, each with its class, shapes and parameters.

    Args:
        trace: The trace of a model.
        depth: The number of levels below the model; None shows all.
        path: A pattern such as ``"down.*"``, or several; blocks that match are shown with all that
            is in them.
        fold: Whether blocks that follow one another and are alike are one row.

    Raises:
        TraceError: A pattern matches no block.

    >>> from tracer import Session
    >>> table(Session.open("tiny").trace, path="mid.attn_1", depth=2)
    Model (tiny)
    ...
    """
    from tracer.notebook.display_objects import DisplayedTables
    from tracer.render.tables.block_shapes import shape_table

    require_trace(trace)
    return DisplayedTables((shape_table(trace, _view(depth, path, fold)),))


def skip_stack(trace: Trace) -> DisplayedTables:
    """Return the skip stack of a trace: each tensor on it, and where it is pushed and popped.

    >>> from tracer import Session
    >>> skip_stack(Session.open("tiny").trace)
    Skip stack hs
    ...
    hs: 6 pushes, 6 pops. Last in, first out. Nothing is left over.
    ...
    """
    from tracer.analysis.skip_stack import ledger as ledger_of
    from tracer.notebook.display_objects import DisplayedTables
    from tracer.render.tables.block_columns import trace_notes
    from tracer.render.tables.skip_stack import skip_stack_table

    require_trace(trace)
    return DisplayedTables((skip_stack_table(ledger_of(trace), trace_notes(trace)),))


ledger = skip_stack
"""The earlier name of `skip_stack`."""


def cost_tables(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> DisplayedTables:
    """Return what a forward costs: by block, by level and by kind of operation.

    `depth`, `path` and `fold` select the rows of the blocks, as in `table`.

    Raises:
        TraceError: A pattern matches no block.

    >>> from tracer import Session
    >>> cost_tables(Session.open("tiny").trace, depth=0)
    Model (tiny)
    ...
    """
    from tracer.notebook.display_objects import DisplayedTables
    from tracer.render.tables.cost_report import report_costs

    require_trace(trace)
    return DisplayedTables(report_costs(trace, _view(depth, path, fold)).tables)


def diagram(
    trace: Trace,
    block: str | None = None,
    *,
    depth: int | None = None,
    path: Paths = (),
    fold: bool = True,
) -> Diagram:
    """Return the diagram of a trace.

    Args:
        trace: The trace of a model.
        block: The call of a block, for a diagram of what is inside it.
        depth: The number of levels down to which blocks are expanded. Without it, they are
            expanded as far as the diagram stays readable, and the diagram says so.
        path: Patterns for the blocks to show, as in `table`.
        fold: Whether blocks that follow one another and are alike are one box.

    Raises:
        TraceError: There is no such block.

    >>> from tracer import Session
    >>> diagram(Session.open("tiny").trace)
    <Diagram of Model (displayed in Jupyter; .svg holds the markup)>
    """
    from tracer.notebook.display_objects import Diagram

    require_trace(trace)
    if block is not None and block not in trace.blocks:
        known = suggestion(block, trace.blocks)
        raise TraceError(f"{trace.model} has no block {block}. {known}")
    return Diagram(trace, block, _view(depth, path, fold))


def register(shell: Any) -> None:
    """Registers with IPython how a trace is displayed."""
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type(Trace, lambda trace: display(trace)._repr_html_())
    formatters["text/plain"].for_type(Trace, _print)


def unregister(shell: Any) -> None:
    """Make IPython display a trace like any other object."""
    for kind in ("text/html", "text/plain"):
        shell.display_formatter.formatters[kind].pop(Trace, None)


def _print(trace: Trace, printer: Any, cycle: bool) -> None:
    """Print a trace where IPython displays only text."""
    printer.text(repr(display(trace)))


def _view(depth: int | None, path: Paths, fold: bool) -> RowSelection:
    from tracer.render.tables.visible_rows import RowSelection

    return RowSelection(depth, (path,) if isinstance(path, str) else tuple(path), fold)
