"""The generated parts of the pages in one language: the name of each file, and its text.

Pages are written by hand in docs/<language>/ and take these parts in with ``--8<-- "name"``. So the
whole is plain Markdown and HTML by the time that MkDocs, or what comes after it, reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tracer.record import Trace
from tracer.render import figures
from tracer.site.addresses import MAP, STACK, Addresses
from tracer.site.content import Content
from tracer.site.plan import Traced
from tracer.site.views.map import MapView, map_view
from tracer.site.views.shapes import shapes_view
from tracer.site.views.stack import StackView, stack_view
from tracer.site.views.walk import walk_view
from tracer.site.words import WORDS


@dataclass(frozen=True)
class Drawing:
    """The diagram of a trace: its SVG, and the ids of its boxes by block call."""

    svg: str
    nodes: dict[str, str]


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A line about a whole trace."""

    title: str
    address: str
    taken: tuple[str, ...]
    made: tuple[str, ...]
    parameters: str
    blocks: int
    operations: int


@dataclass(frozen=True, slots=True)
class TitledStack:
    """A ledger under its heading."""

    name: str
    title: str
    stack: StackView


def parts(content: Content, drawings: dict[str, Drawing], language: str) -> dict[str, str]:
    """Every part in one language, by the name of its file."""
    return dict(_Parts(content, drawings, language).all())


class _Parts:
    def __init__(self, content: Content, drawings: dict[str, Drawing], language: str) -> None:
        self.content = content
        self.drawings = drawings
        self.language = language
        self.words = WORDS[language]
        self.templates = Environment(
            loader=PackageLoader("tracer.site"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def all(self) -> Iterator[tuple[str, str]]:
        yield "map.md", self.text("map.md.j2", views=list(self.maps()))
        yield "stack.md", self.text("stack.md.j2", views=list(self.stacks()))
        yield "traces.html", self.text("traces.html.j2", rows=list(self.trace_rows()))
        for traced in self.content.plan.shown:
            to = Addresses(self.content, f"shapes/{traced.name}")
            trace, nodes = self.content.traces[traced.name], self.drawings[traced.name].nodes
            view = shapes_view(trace, traced.name, nodes, to)
            yield f"shapes-{traced.name}.html", self.text("shapes.html.j2", view=view)
        for found in self.content.walkthroughs:
            to = Addresses(self.content, found.walk.page)
            view = walk_view(found, to, self.words, self.language)
            yield f"walk-{found.walk.notes}.md", self.text("walk.md.j2", view=view)

    def text(self, template: str, **values: object) -> str:
        return self.templates.get_template(template).render(words=self.words, **values)

    def title(self, traced: Traced) -> str:
        return traced.title.of(self.language) if traced.title else traced.name

    def maps(self) -> Iterator[MapView]:
        to = Addresses(self.content, MAP)
        for traced in self.content.plan.shown:
            names = traced.name, self.title(traced)
            svg = Markup(self.drawings[traced.name].svg)
            yield map_view(self.content.traces[traced.name], names, svg, to, self.words)

    def stacks(self) -> Iterator[TitledStack]:
        to = Addresses(self.content, STACK)
        for traced in self.content.plan.shown:
            view = stack_view(self.content.ledgers[traced.name], traced.name, to, self.words)
            yield TitledStack(traced.name, self.title(traced), view)

    def trace_rows(self) -> Iterator[TraceRow]:
        to = Addresses(self.content, "shapes/index")
        for traced in self.content.plan.shown:
            trace = self.content.traces[traced.name]
            yield _trace_row(trace, self.title(traced), to.to(f"shapes/{traced.name}"))


def _trace_row(trace: Trace, title: str, address: str) -> TraceRow:
    return TraceRow(
        title=title,
        address=address,
        taken=tuple(map(figures.shape_of, trace.inputs)),
        made=tuple(map(figures.shape_of, trace.outputs)),
        parameters=figures.count(trace.root.parameters),
        blocks=len(trace.blocks),
        operations=len(trace.steps),
    )
