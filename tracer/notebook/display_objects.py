"""Objects to display: text at a prompt, HTML in a notebook. Rendered when they are displayed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from tracer.errors import TraceError
from tracer.record import Trace
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.embed_svg import inline_svg
from tracer.render.diagram.graphviz_program import render_dot
from tracer.render.diagram.node_style import Style
from tracer.render.diagram.palette import with_colors
from tracer.render.formats.html import diagram_section, fragment, message_section, table_section
from tracer.render.formats.table import Table
from tracer.render.formats.terminal import to_text
from tracer.render.tables.visible_rows import RowSelection


@dataclass(frozen=True, slots=True, repr=False)
class Diagram:
    """The diagram of a model, or of what is inside one of its blocks."""

    trace: Trace
    block: str | None
    view: RowSelection

    @property
    def source(self) -> str:
        """The diagram as text for Graphviz."""
        return str(digraph(self.trace, self.block, view=self.view).source)

    @property
    def svg(self) -> str:
        """The diagram as an SVG document, in color. Raises TraceError if Graphviz is missing."""
        picture = digraph(self.trace, self.block, style=Style(colorize=with_colors), view=self.view)
        return render_dot(picture.source, "svg").decode()

    def part(self, heading: str = "") -> str:
        """Return the diagram as a section of a page, or the reason why there is none."""
        try:
            return diagram_section(inline_svg(self.svg, "ut"), heading)
        except TraceError as error:
            return message_section(str(error), heading)

    def __repr__(self) -> str:
        what = f"block {self.block} of {self.trace.model}" if self.block else self.trace.model
        return f"<Diagram of {what} (displayed in Jupyter; .svg holds the markup)>"

    def _repr_html_(self) -> str:
        title = f"{self.block} of {self.trace.model}" if self.block else self.trace.model
        return fragment(title, [self.part()])


@dataclass(frozen=True, slots=True, repr=False)
class DisplayedTables:
    """Tables and, if there is one, the diagram below them; the first table names them all."""

    tables: tuple[Table, ...]
    diagram: Diagram | None = None

    def __repr__(self) -> str:
        width = shutil.get_terminal_size().columns
        return "\n".join(to_text(table, width) for table in self.tables).rstrip("\n")

    def _repr_html_(self) -> str:
        first, *others = self.tables
        parts = [table_section(first, "Blocks" if self.diagram else "")]
        parts += [table_section(table, table.title) for table in others]
        parts += [self.diagram.part("Diagram")] if self.diagram else []
        return fragment(first.title, parts)
