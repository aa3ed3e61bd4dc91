"""The generated parts of the pages in one language: the name of each file, and its text.

Pages are written by hand in docs/<language>/ and take these parts in with ``--8<-- "name"``. So the
whole is plain Markdown and HTML by the time that MkDocs, or what comes after it, reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tracer.site.content.load import Content
from tracer.site.content.site_config import SiteModel
from tracer.site.pages.urls import MAP, STACK, Addresses
from tracer.site.pages.views.costs_page import costs_view
from tracer.site.pages.views.map import MapView, map_view
from tracer.site.pages.views.overview import credit_rows, trace_rows, walk_rows
from tracer.site.pages.views.shapes_page import shapes_view
from tracer.site.pages.views.size_rules_page import size_rules_view
from tracer.site.pages.views.stack_page import StackView, stack_view
from tracer.site.pages.views.walkthrough import walk_view
from tracer.site.pages.words import WORDS

TEMPLATES = Environment(
    loader=PackageLoader("tracer.site.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class InlineDrawing:
    """The diagram of a trace: its SVG, and the ids of its boxes by block call."""

    svg: str
    nodes: Mapping[str, str]


def parts(content: Content, drawings: Mapping[str, InlineDrawing], language: str) -> dict[str, str]:
    """Every part in one language, by the name of its file."""
    return dict(_Parts(content, drawings, language).all())


class _Parts:
    def __init__(
        self, content: Content, drawings: Mapping[str, InlineDrawing], language: str
    ) -> None:
        self.content = content
        self.drawings = drawings
        self.language = language
        self.words = WORDS[language]

    def all(self) -> Iterator[tuple[str, str]]:
        yield "map.md", self.text("map.md.j2", views=list(self.maps()))
        yield "stack.md", self.text("stack.md.j2", views=list(self.stacks()))
        yield "glossary.md", self.text("glossary.md.j2", terms=self.content.glossary)
        yield "versions.md", self.words.versions.format(torch=self.torch_versions())
        yield from self.lists()
        yield from self.tables()
        yield from self.walks()

    def lists(self) -> Iterator[tuple[str, str]]:
        rows = list(trace_rows(self.on("shapes/index"), self.language, self.words))
        yield "traces.html", self.text("traces.html.j2", rows=rows)
        walks = list(walk_rows(self.on("walk/index"), self.language, self.words))
        yield "walks.html", self.text("walks.html.j2", rows=walks)
        credits = list(credit_rows(self.on("about"), self.words))
        yield "credits.html", self.text("credits.html.j2", rows=credits)

    def tables(self) -> Iterator[tuple[str, str]]:
        for traced in self.content.plan.shown:
            name, nodes = traced.name, self.drawings[traced.name].nodes
            found, here = self.content.findings[name], self.on(f"shapes/{name}")
            shapes = shapes_view(found, name, nodes, here, self.words)
            yield f"shapes-{name}.html", self.text("shapes.html.j2", view=shapes)
            law = size_rules_view(found, name, here, self.words)
            yield f"sizes-{name}.html", self.text("sizes.html.j2", view=law)
            costs = costs_view(found, name, here, self.words)
            yield f"costs-{name}.html", self.text("costs.html.j2", view=costs)

    def walks(self) -> Iterator[tuple[str, str]]:
        for found in self.content.walkthroughs:
            view = walk_view(found, self.on(found.walk.page), self.words, self.language)
            yield f"walk-{found.walk.notes}.md", self.text("walk.md.j2", view=view)

    def maps(self) -> Iterator[MapView]:
        for traced in self.content.plan.shown:
            found, svg = self.content.findings[traced.name], self.drawings[traced.name].svg
            yield map_view(found, self.names(traced), Markup(svg), self.on(MAP), self.words)

    def stacks(self) -> Iterator[StackView]:
        for traced in self.content.plan.shown:
            found = self.content.findings[traced.name]
            yield stack_view(found, self.names(traced), self.on(STACK), self.words)

    def text(self, template: str, **values: object) -> str:
        found = TEMPLATES.get_template(template)
        return found.render(words=self.words, language=self.language, **values)

    def names(self, traced: SiteModel) -> tuple[str, str]:
        """The name of a trace on the site, and its title."""
        title = traced.title.of(self.language) if traced.title else traced.name
        return traced.name, title

    def on(self, page: str) -> Addresses:
        return Addresses(self.content, page)

    def torch_versions(self) -> str:
        shown = [self.content.findings[one.name].trace.torch for one in self.content.plan.shown]
        return ", ".join(sorted(set(shown)))
