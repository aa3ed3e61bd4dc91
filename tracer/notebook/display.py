"""What is shown of a trace in a notebook, or at a prompt: tables, the diagram, the skip ledger.

`display(trace)` shows a table and the diagram, and so does a trace by itself at the end of a cell,
once IPython was told how: `import tracer` does so in a running IPython, `%load_ext tracer` anew.
Nothing is rendered before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tracer.errors import TraceError, suggestion
from tracer.record import Trace

if TYPE_CHECKING:
    from tracer.notebook.display_objects import Diagram, Shown
    from tracer.render.tables.visible_rows import RowSelection

Paths = str | Iterable[str]


def display(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> Shown:
    """The blocks of a trace as a table, and below it the diagram.

    `depth`, `path` and `fold` say what is shown in the table, as in `table`.
    """
    from tracer.notebook.display_objects import Diagram, Shown
    from tracer.render.tables.block_shapes import shape_table

    blocks = shape_table(trace, _view(depth, path, fold))
    return Shown((blocks,), Diagram(trace, None, _view(None, (), fold)))


def table(trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True) -> Shown:
    """The blocks of a trace, each with its class, shapes and parameters.

    `depth` counts levels below the model; `path` is a pattern such as ``"down.*"``, or several,
    and blocks that fit are shown with all that is in them. With `fold` blocks that follow one
    another and are alike are one row. Raises TraceError for a pattern that no block fits.
    """
    from tracer.notebook.display_objects import Shown
    from tracer.render.tables.block_shapes import shape_table

    return Shown((shape_table(trace, _view(depth, path, fold)),))


def skip_stack(trace: Trace) -> Shown:
    """Returns the skip stack of a trace: each tensor on it, and where it is pushed and popped."""
    from tracer.analysis.stack import ledger as ledger_of
    from tracer.notebook.display_objects import Shown
    from tracer.render.tables.block_columns import trace_notes
    from tracer.render.tables.skip_stack import skip_stack_table

    return Shown((skip_stack_table(ledger_of(trace), trace_notes(trace)),))


ledger = skip_stack
"""The earlier name of `skip_stack`."""


def cost_tables(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> Shown:
    """What a forward costs: by block, by level and by kind of operation.

    Raises TraceError for a pattern that no block fits.
    """
    from tracer.notebook.display_objects import Shown
    from tracer.render.tables.cost_report import report_costs

    return Shown(report_costs(trace, _view(depth, path, fold)).tables)


def diagram(
    trace: Trace,
    block: str | None = None,
    *,
    depth: int | None = None,
    path: Paths = (),
    fold: bool = True,
) -> Diagram:
    """The picture of a trace or, with the call of a block, of what happens inside that block.

    `depth` says how deep blocks are looked into. Raises TraceError for a block that is not there.
    """
    from tracer.notebook.display_objects import Diagram

    if block is not None and block not in trace.blocks:
        known = suggestion(block, trace.blocks)
        raise TraceError(f"{trace.model} has no block {block}. {known}")
    return Diagram(trace, block, _view(depth, path, fold))


def register(shell: Any) -> None:
    """Tell an IPython how a trace is shown."""
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type(Trace, lambda trace: display(trace)._repr_html_())
    formatters["text/plain"].for_type(Trace, _print)


def unregister(shell: Any) -> None:
    """Let an IPython show a trace as it shows any object."""
    for kind in ("text/html", "text/plain"):
        shell.display_formatter.formatters[kind].pop(Trace, None)


def _print(trace: Trace, printer: Any, cycle: bool) -> None:
    """A trace in an IPython that shows no pages."""
    printer.text(repr(display(trace)))


def _view(depth: int | None, path: Paths, fold: bool) -> RowSelection:
    from tracer.render.tables.visible_rows import RowSelection

    return RowSelection(depth, (path,) if isinstance(path, str) else tuple(path), fold)
