"""The pages of a site of one's own, as Markdown that includes generated parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tracer.render.explorer.document import explorer_document
from tracer.render.explorer.embedded import ExplorerView, explorer_element, resource
from tracer.render.explorer.still_panes import still_parts, summary_sentences
from tracer.site.content.site_content import SiteContent, Walkthrough
from tracer.site.own.own_config import NavItem
from tracer.site.own.own_model import OwnModel
from tracer.site.pages.html_line import one_line
from tracer.site.pages.page_parts import walk_part
from tracer.site.pages.urls import Addresses, ExplorerFiles
from tracer.site.pages.words.own_words import OWN_WORDS, OwnWords

MARKS = re.compile(r"([\\`*_{}\[\]#|])")


@dataclass(frozen=True)
class OwnPage:
    """A page of a model: its name in addresses, its panes, the one that is also there as HTML."""

    name: str
    panes: tuple[str, ...]
    main: str


FRONT_MATTER = "---\nhide: [toc]\n---\n\n"
"""What each page begins with: the explorer needs the room."""
PAGES = (
    OwnPage("index", ("source", "map", "stack", "sizes", "tables"), "map"),
    OwnPage("source", ("source", "stack"), "source"),
    OwnPage("stack", ("map", "stack"), "stack"),
    OwnPage("sizes", ("map", "sizes"), "sizes"),
    OwnPage("tables", ("tables", "sizes"), "tables"),
)
"""The pages of each model."""


class OwnPages:
    """Writes the pages of all models in one language.

    Args:
        models: The models.
        content: The notes on their functions.
        language: The language.
        differences: A part on the differences of the models, if there are several.
    """

    def __init__(
        self, models: Sequence[OwnModel], content: SiteContent, language: str, differences: str
    ) -> None:
        self.models = models
        self.content = content
        self.language = language
        self.differences = differences
        self.words: OwnWords = OWN_WORDS[language]

    def parts(self) -> Iterator[tuple[str, str]]:
        """Yield the generated parts by their file names."""
        for model in self.models:
            yield from self.parts_of(model)
        for walkthrough in self.content.walkthroughs:
            yield _walk_part_name(walkthrough), walk_part(self.content, walkthrough, self.language)
        if self.differences:
            yield "differences.html", one_line(self.differences)

    def parts_of(self, model: OwnModel) -> Iterator[tuple[str, str]]:
        """The explorers of one model, each with what it shows where no script runs."""
        explored = model.in_language(self.language)
        document = explorer_document(explored)
        for page in PAGES:
            files = Addresses(self.content, self.address(model, page.name)).explorer(model.name)
            still = "".join(still_parts(explored, document, (page.main,)))
            view = ExplorerView(page.panes, page.main)
            element = explorer_element(explored, document, files.element_id, view, still)
            yield f"{model.name}-{page.name}.html", _part(element, files)

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield the pages by their file names."""
        for model in self.models:
            for page in PAGES:
                yield f"{self.address(model, page.name)}.md", self.model_page(model, page)
        for walkthrough in self.content.walkthroughs:
            part = _walk_part_name(walkthrough)
            yield f"{walkthrough.walk.page}.md", f'{FRONT_MATTER}--8<-- "{part}"\n'
        if len(self.models) > 1:
            yield "index.md", self.list_of_models()
            about = self.words.about_differences.format(model=_text(self.models[0].title))
            yield "differences.md", _page(self.words.differences, about, "differences")

    def model_page(self, model: OwnModel, page: OwnPage) -> str:
        """One page of a model."""
        part = f"{model.name}-{page.name}"
        if page.name == "index":
            sentences = summary_sentences(model.in_language(self.language))
            return _page(model.title, " ".join(map(_text, sentences)), part)
        return _page(self.title(page), getattr(self.words, f"about_{page.name}"), part)

    def title(self, page: OwnPage) -> str:
        """The title of a page among those of its model."""
        words = self.words
        return words.overview if page.name == "index" else str(getattr(words, page.name))

    def address(self, model: OwnModel, page: str) -> str:
        """The address of a page without its suffix; a single model has the pages of the root."""
        return page if len(self.models) == 1 else f"{model.name}/{page}"

    def list_of_models(self) -> str:
        """The first page of a site of several models."""
        words = self.words
        rows = [(words.model, words.target, words.parameters), ("---", "---", "--:")]
        for model in self.models:
            trace = model.formulas
            link = f"[{_text(model.title)}]({self.address(model, 'index')}.md)"
            target = f"`{trace.target}`" if trace.target else ""
            rows.append((link, target, f"{trace.root.parameters:,}"))
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
        return f"# {words.models} {{#top}}\n\n{table}\n\n[{words.differences}](differences.md)\n"

    def nav(self) -> list[NavItem]:
        """The pages as a MkDocs configuration lists them."""
        if len(self.models) == 1:
            return [*self.nav_of(self.models[0])]
        lists: list[NavItem] = [{self.words.models: "index.md"}]
        lists += [{model.title: [*self.nav_of(model)]} for model in self.models]
        return [*lists, {self.words.differences: "differences.md"}]

    def nav_of(self, model: OwnModel) -> Iterator[NavItem]:
        """The pages of one model."""
        for page in PAGES:
            yield {self.title(page): f"{self.address(model, page.name)}.md"}
        walks = [one for one in self.content.walkthroughs if one.walk.trace == model.name]
        if walks:
            pages = [{one.function.name: f"{one.walk.page}.md"} for one in walks]
            yield {self.words.functions: pages}


def _page(title: str, sentences: str, part: str) -> str:
    """A page that includes one part."""
    return f'{FRONT_MATTER}# {_text(title)} {{#top}}\n\n{sentences}\n\n--8<-- "{part}.html"\n'


def _part(element: str, files: ExplorerFiles) -> str:
    """An explorer with its style and scripts."""
    style = f"<style>{resource('still.css')}</style>"
    sources = (files.data, files.component)
    scripts = "".join(f'<script src="{one}" defer></script>' for one in sources)
    return one_line(f'<div class="ut-explorer">{style}{element}{scripts}</div>')


def _walk_part_name(walkthrough: Walkthrough) -> str:
    return f"walk-{walkthrough.walk.notes}.md"


def _text(text: str) -> str:
    """A text in Markdown, of which nothing is a mark."""
    return MARKS.sub(r"\\\1", escape(text, quote=False))
