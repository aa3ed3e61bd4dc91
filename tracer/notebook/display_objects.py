"""Objects to display: text at a prompt, HTML in a notebook. Rendered when they are displayed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace

from tracer.analysis.skips import skips
from tracer.errors import TraceError
from tracer.escapes import visible
from tracer.record import Trace
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.embed_svg import inline_svg
from tracer.render.diagram.graphviz_program import Drawing, draw_dot
from tracer.render.diagram.node_style import DEFAULT_STYLE, Style
from tracer.render.diagram.palette import with_colors
from tracer.render.diagram.readable_depth import ReadableDepth, find_readable_depth
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
        return self._source(DEFAULT_STYLE, self._readable_depth())

    @property
    def svg(self) -> str:
        """The diagram as an SVG document, in color. Raises TraceError if Graphviz is missing."""
        return self._draw(self._readable_depth()).data.decode()

    def part(self, heading: str = "") -> str:
        """Return the diagram as a section of a page, or the reason why there is none."""
        readable, caption = self._readable_depth(), ""
        if readable is not None:
            deeper, inside = "tracer.diagram(trace, depth={})", 'tracer.diagram(trace, "{}")'
            caption = readable.sentence(deeper, inside)
        try:
            drawing = self._draw(readable)
        except TraceError as error:
            return message_section(str(error), heading)
        caption = " ".join(filter(None, (caption, drawing.passed_over)))
        return diagram_section(inline_svg(drawing.data.decode(), "ut"), heading, caption)

    def _readable_depth(self) -> ReadableDepth | None:
        """The depth of a whole model where nobody asked for one."""
        if self.block is not None:
            return None
        return find_readable_depth(self.trace, skips(self.trace), self.view)

    def _source(self, style: Style, readable: ReadableDepth | None) -> str:
        view = self.view if readable is None else replace(self.view, depth=readable.depth)
        return str(digraph(self.trace, self.block, style=style, view=view).source)

    def _draw(self, readable: ReadableDepth | None) -> Drawing:
        return draw_dot(self._source(Style(colorize=with_colors), readable), "svg")

    def __repr__(self) -> str:
        what = f"block {self.block} of {self.trace.model}" if self.block else self.trace.model
        return f"<Diagram of {visible(what)} (displayed in Jupyter; .svg holds the markup)>"

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
