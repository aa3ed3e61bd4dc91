"""What is shown of a trace in a notebook, or at a prompt: tables, the diagram, the skip ledger.

`display(trace)` shows a table and the diagram, and so does a trace by itself at the end of a cell,
once IPython was told how: `import tracer` does so in a running IPython, `%load_ext tracer` anew.
Nothing is rendered before it is asked for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tracer.errors import TraceError, suggestion
from tracer.record import Trace

if TYPE_CHECKING:
    from tracer.render.grid import Table
    from tracer.render.listing import View

Paths = str | Iterable[str]


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """Something to look at: a table where there is only text, a page where there is a notebook."""

    text: Callable[[], str]
    html: Callable[[], str]

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()


@dataclass(frozen=True, slots=True, repr=False)
class Diagram:
    """The picture of a model, or of what happens inside one of its blocks."""

    trace: Trace
    block: str | None
    view: View

    @property
    def source(self) -> str:
        """The picture as text for Graphviz."""
        from tracer.render.diagram import digraph

        return str(digraph(self.trace, self.block, view=self.view).source)

    @property
    def svg(self) -> str:
        """The picture as a document. Raises TraceError where there is no Graphviz."""
        from tracer.render.graphviz_program import rendered

        return rendered(self.source, "svg").decode()

    def __repr__(self) -> str:
        what = f"block {self.block} of {self.trace.model}" if self.block else self.trace.model
        return f"<diagram of {what}; a notebook draws it, .svg is it>"

    def _repr_html_(self) -> str:
        from tracer.render.html import fragment

        title = f"{self.block} of {self.trace.model}" if self.block else self.trace.model
        return fragment(title, [_drawn(self)])


def display(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> Shown:
    """The blocks of a trace as a table, and below it the diagram.

    `depth`, `path` and `fold` say what is shown in the table, as in `table`.
    """
    blocks = _blocks(trace, _view(depth, path, fold))
    picture = Diagram(trace, None, _view(None, (), fold))

    def page() -> str:
        from tracer.render.html import fragment, table_part

        return fragment(blocks.title, [table_part(blocks, "Blocks"), _drawn(picture, "Diagram")])

    return Shown(partial(_text, [blocks]), page)


def table(trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True) -> Shown:
    """The blocks of a trace, each with its class, shapes and parameters.

    `depth` counts levels below the model; `path` is a pattern such as ``"down.*"``, or several,
    and blocks that fit are shown with all that is in them. With `fold` blocks that follow one
    another and are alike are one row. Raises TraceError for a pattern that no block fits.
    """
    return _shown([_blocks(trace, _view(depth, path, fold))])


def ledger(trace: Trace) -> Shown:
    """The skip stack of a trace: each tensor that waits, who pushes it, who pops it, and where."""
    from tracer.render.stack import stack_table
    from tracer.stack_ledger import ledger as ledger_of

    return _shown([stack_table(ledger_of(trace))])


def cost_tables(
    trace: Trace, *, depth: int | None = None, path: Paths = (), fold: bool = True
) -> Shown:
    """What a forward costs: by block, by level and by kind of operation.

    Raises TraceError for a pattern that no block fits, and for a trace in formulas.
    """
    from tracer.render.cost_report import cost_report

    return _shown(cost_report(trace, _view(depth, path, fold)).tables)


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
    if block is not None and block not in trace.blocks:
        known = suggestion(block, trace.blocks)
        raise TraceError(f"{trace.model} has no block {block}. {known}")
    return Diagram(trace, block, _view(depth, path, fold))


def register(shell: Any) -> None:
    """Tell an IPython how a trace is shown."""
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type(Trace, lambda trace: display(trace).html())
    formatters["text/plain"].for_type(Trace, _print)


def unregister(shell: Any) -> None:
    """Let an IPython show a trace as it shows any object."""
    for kind in ("text/html", "text/plain"):
        shell.display_formatter.formatters[kind].pop(Trace, None)


def _print(trace: Trace, printer: Any, cycle: bool) -> None:
    """A trace in an IPython that shows no pages."""
    printer.text(repr(display(trace)))


def _view(depth: int | None, path: Paths, fold: bool) -> View:
    from tracer.render.listing import View

    return View(depth, (path,) if isinstance(path, str) else tuple(path), fold)


def _blocks(trace: Trace, view: View) -> Table:
    from tracer.render.shapes import shape_table

    return shape_table(trace, view)


def _shown(tables: Sequence[Table]) -> Shown:
    """Tables, the first of which gives all of them its title."""

    def page() -> str:
        from tracer.render.html import fragment, table_part

        parts = [table_part(tables[0]), *(table_part(one, one.title) for one in tables[1:])]
        return fragment(tables[0].title, parts)

    return Shown(partial(_text, tables), page)


def _text(tables: Sequence[Table]) -> str:
    """Tables as wide as the terminal."""
    from tracer.render.table import to_text

    width = shutil.get_terminal_size().columns
    return "\n".join(to_text(table, width) for table in tables).rstrip("\n")


def _drawn(found: Diagram, heading: str = "") -> str:
    """The diagram on a page, or the reason why there is none."""
    from tracer.render.html import picture_part, remark_part
    from tracer.render.inline_svg import inline_svg

    try:
        return picture_part(inline_svg(found.svg, "ut"), heading)
    except TraceError as error:
        return remark_part(str(error), heading)
