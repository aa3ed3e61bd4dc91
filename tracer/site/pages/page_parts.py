"""The generated parts of the pages in one language: file names and texts.

Pages are written by hand in docs/<language>/ and include these parts with ``--8<-- "name"``. So
MkDocs, or its successor, reads only plain Markdown and HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tracer.render.korean_particles import fill
from tracer.site.content.breakages import read_breakages
from tracer.site.content.exercises import read_exercises
from tracer.site.content.name_pairs import SharedBlocks
from tracer.site.content.site_config import SiteModel
from tracer.site.content.site_content import SiteContent, Walkthrough
from tracer.site.pages.drawing_words import translate_drawing
from tracer.site.pages.html_line import one_line
from tracer.site.pages.model_differences import pairs_part
from tracer.site.pages.urls import (
    HOME,
    MAP,
    SHEET,
    STACK,
    Addresses,
    ExplorerChoice,
    explorer_choice,
)
from tracer.site.pages.views.breaks_page import break_view
from tracer.site.pages.views.configurations_page import configurations_table
from tracer.site.pages.views.costs_page import costs_view
from tracer.site.pages.views.exercises_page import exercise_views
from tracer.site.pages.views.lists_page import lists_table
from tracer.site.pages.views.map import MapView, map_view, middle_pop
from tracer.site.pages.views.names_page import names_view
from tracer.site.pages.views.overview import credit_rows, trace_rows, walk_rows
from tracer.site.pages.views.reference_page import command_helps, public_names
from tracer.site.pages.views.shapes_page import shapes_view
from tracer.site.pages.views.size_rules_page import size_rules_view
from tracer.site.pages.views.stack_page import StackView, stack_view
from tracer.site.pages.views.torch_fx_page import torch_fx_view
from tracer.site.pages.views.walkthrough import walk_view
from tracer.site.pages.words import WORDS

TEMPLATES = Environment(
    loader=PackageLoader("tracer.site.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

BREAKAGES, EXERCISES = "breaks.yaml", "exercises.yaml"
MODEL_TEXTS = (BREAKAGES, EXERCISES)
"""The files in the docs with texts about models."""


@dataclass(frozen=True)
class InlineDrawing:
    """The diagram of a trace: its SVG, the ids of its boxes by block call, and its depth.

    The depth is None if all blocks are expanded that a diagram expands.
    """

    svg: str
    nodes: Mapping[str, str]
    depth: int | None = None


def model_parts(
    content: SiteContent,
    drawings: Mapping[str, InlineDrawing],
    shared: Mapping[str, SharedBlocks],
    language: str,
) -> dict[str, str]:
    """Return the parts on models and experiments in one language, by file name.

    Args:
        content: Configuration, results of the models, and where walkthroughs explain what. What
            notes and the glossary say is not used, and neither is a file but `MODEL_TEXTS`.
        drawings: The diagram of each model that the site shows, by its name.
        shared: What each model of another package has in common with ours, by its name.
        language: One of `tracer.site.content.site_config.LANGUAGES`.
    """
    written = _PartWriter(content, drawings, shared, language).on_models()
    return {name: str(text) for name, text in written}  # some are `Markup`


def note_parts(
    content: SiteContent, drawings: Mapping[str, InlineDrawing], language: str
) -> dict[str, str]:
    """Return the other parts, with what notes and the glossary say, by file name."""
    return dict(_PartWriter(content, drawings, {}, language).on_notes())


def walk_part(content: SiteContent, walkthrough: Walkthrough, language: str) -> str:
    """Return the part on one function: its lines, and the notes on them."""
    return _PartWriter(content, {}, {}, language).walk(walkthrough)


def root_page(names: dict[str, str]) -> str:
    """Return the HTML of the page at the root of the site, which redirects to a language.

    Args:
        names: The name of each language by its code; the first is used if a reader prefers none.
    """
    return TEMPLATES.get_template("root.html.j2").render(names=names)


class _PartWriter:
    def __init__(
        self,
        content: SiteContent,
        drawings: Mapping[str, InlineDrawing],
        shared: Mapping[str, SharedBlocks],
        language: str,
    ) -> None:
        self.content = content
        self.drawings = drawings
        self.shared = shared
        self.language = language
        self.words = WORDS[language]

    def on_models(self) -> Iterator[tuple[str, str]]:
        yield "map.md", self.explored("map.md.j2", MAP, views=list(self.maps(MAP)))
        yield from self.home()
        yield from self.stack()
        yield "versions.md", fill(self.words.versions, torch=self.torch_versions())
        yield from self.tables()
        yield from self.recorded()
        yield from self.exercises()
        yield from self.other_names()
        yield from self.configurations()

    def on_notes(self) -> Iterator[tuple[str, str]]:
        yield from self.sheet()
        yield "glossary.md", self.render("glossary.md.j2", terms=self.content.glossary)
        yield from self.lists()
        yield from self.walks()

    def exercises(self) -> Iterator[tuple[str, str]]:
        """The questions, if the docs have any."""
        path = self.content.docs / EXERCISES
        if path.is_file():
            file = read_exercises(path)
            views = exercise_views(file, self.content.results[file.trace], self.language)
            yield "exercises.md", self.render("exercises.md.j2", exercises=list(views))

    def configurations(self) -> Iterator[tuple[str, str]]:
        """The table of published configurations, if the site compares any."""
        if self.content.config.configurations:
            yield "configurations.html", configurations_table(self.content, self.words)

    def other_names(self) -> Iterator[tuple[str, str]]:
        """The names in models of other packages: their patterns, and every pair."""
        for other in self.content.config.compared:
            shared = self.shared[other.name]
            view = names_view(other, shared, self.words)
            yield f"names-{other.name}.html", self.render("names.html.j2", names=view)
            pairs = pairs_part(shared.names, (other.trace, shared.model), self.language)
            yield f"pairs-{other.name}.html", one_line(pairs)

    def recorded(self) -> Iterator[tuple[str, str]]:
        """The parts that are about experiments."""
        records, docs = self.content.records, self.content.docs
        if record := records.get("breaks"):
            breakages = read_breakages(docs / BREAKAGES, record)
            views = [break_view(one, self.language, self.words) for one in breakages]
            yield "breaks.md", self.render("breaks.md.j2", views=views)
        if record := records.get("commands"):
            commands = command_helps(record)
            yield "commands.md", self.render("commands.md.j2", commands=commands)
        if record := records.get("api"):
            yield "api.md", self.render("api.md.j2", names=public_names(record))
        if record := records.get("torch-fx"):
            view = torch_fx_view(record, self.words)
            for name in ("torch-fx-block.html", "torch-fx-stops.md"):
                yield name, self.render(f"{name}.j2", view=view)

    def home(self) -> Iterator[tuple[str, str]]:
        """The first model of the site, in the middle of its skips."""
        view = next(self.maps(HOME))
        step = middle_pop(self.content.results[view.name].trace)
        yield "home.html", self.explored("home.html.j2", HOME, view=view, step=step)

    def stack(self) -> Iterator[tuple[str, str]]:
        """The stack of each model, the first in the middle of its skips."""
        views = list(self.stacks(STACK))
        step = middle_pop(self.content.results[views[0].name].trace)
        yield "stack.md", self.explored("stack.md.j2", STACK, views=views, step=step)

    def sheet(self) -> Iterator[tuple[str, str]]:
        """What is printed for a class: the map, the first walkthrough, and the stack of a model."""
        if self.content.walkthroughs:
            first, urls = self.content.walkthroughs[0], self.urls(SHEET)
            walk = walk_view(first, urls, self.words, self.language)
            drawn, stack = next(self.maps(SHEET)), next(self.stacks(SHEET))
            yield "sheet.html", self.render("sheet.html.j2", map=drawn, walk=walk, stack=stack)

    def lists(self) -> Iterator[tuple[str, str]]:
        rows = list(trace_rows(self.urls("shapes/index"), self.language, self.words))
        yield "traces.html", self.render("traces.html.j2", rows=rows)
        walks = list(walk_rows(self.urls("walk/index"), self.language, self.words))
        yield "walks.html", self.render("walks.html.j2", rows=walks)
        credits = list(credit_rows(self.urls("about"), self.words))
        yield "credits.html", self.render("credits.html.j2", rows=credits)

    def tables(self) -> Iterator[tuple[str, str]]:
        for model in self.content.config.shown:
            name, nodes = model.name, self.drawings[model.name].nodes
            results, urls = self.content.results[name], self.urls(f"shapes/{name}")
            shapes = shapes_view(results, name, nodes, urls, self.words)
            yield f"shapes-{name}.html", self.render("shapes.html.j2", view=shapes)
            size_rules = size_rules_view(results, name, urls, self.words)
            yield f"sizes-{name}.html", self.render("sizes.html.j2", view=size_rules)
            yield f"lists-{name}.html", lists_table(results, self.words)
            costs = costs_view(results, name, urls, self.words)
            yield f"costs-{name}.html", self.render("costs.html.j2", view=costs)

    def walks(self) -> Iterator[tuple[str, str]]:
        for walkthrough in self.content.walkthroughs:
            yield f"walk-{walkthrough.walk.notes}.md", self.walk(walkthrough)

    def walk(self, walkthrough: Walkthrough) -> str:
        """The lines of a function, and the notes on them."""
        urls = self.urls(walkthrough.walk.page)
        view = walk_view(walkthrough, urls, self.words, self.language)
        choices = self.choices(urls, self.content.running(walkthrough))
        pages = urls.explained_by()
        return self.render("walk.md.j2", view=view, choices=choices, pages=pages)

    def maps(self, page: str) -> Iterator[MapView]:
        """The map of each model that the site shows, as it stands on a page."""
        for model in self.content.config.shown:
            results, drawing = self.content.results[model.name], self.drawings[model.name]
            names, svg = self.names(model), Markup(translate_drawing(drawing.svg, self.words))
            view = map_view(results, names, svg, self.urls(page), self.words)
            if drawing.depth is not None:
                sentence = self.words.map_depth.format(depth=drawing.depth)
                view = replace(view, description=f"{view.description} {sentence}")
            yield view

    def stacks(self, page: str) -> Iterator[StackView]:
        """The skip stack of each model that the site shows, as it stands on a page."""
        for model in self.content.config.shown:
            results = self.content.results[model.name]
            yield stack_view(results, self.names(model), self.urls(page), self.words)

    def explored(self, template: str, page: str, **values: object) -> str:
        """A part with an explorer of all models that the site shows, one at a time."""
        urls = self.urls(page)
        choices = self.choices(urls, self.content.config.shown)
        return self.render(template, choices=choices, pages=urls.explained_by(), **values)

    def choices(self, urls: Addresses, models: Iterable[SiteModel]) -> list[ExplorerChoice]:
        """The models of an explorer, as its attribute `choices` names them."""
        return [explorer_choice(*self.names(model), urls.explorer(model.name)) for model in models]

    def render(self, template: str, **values: object) -> str:
        return TEMPLATES.get_template(template).render(
            words=self.words, language=self.language, **values
        )

    def names(self, model: SiteModel) -> tuple[str, str]:
        """The name of a model on the site, and its title."""
        title = model.title.of(self.language) if model.title else model.name
        return model.name, title

    def urls(self, page: str) -> Addresses:
        return Addresses(self.content, page)

    def torch_versions(self) -> str:
        shown = [self.content.results[one.name].trace.torch for one in self.content.config.shown]
        return ", ".join(sorted(set(shown)))
