"""The addresses of pages, anchors and files of the site, and text that links to them.

Addresses are relative, so that the site works in any folder of any server, and from disk. Pages are
written by hand in docs/<language>/; the generated parts know them only by these names.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TypedDict

from tracer.site.content.site_config import SiteConfig, Span
from tracer.site.content.site_content import SiteContent, Walkthrough
from tracer.site.pages.words import Words

HOME, MAP, SHEET, STACK, BREAKS = "index", "map", "teach", "stack", "breaks"
ODD_SIZE = "odd-size"
"""What breaks if a size becomes odd: the heading on the page `BREAKS`."""


@dataclass(frozen=True, slots=True)
class LinkedText:
    """The name of a block, a line or a file, with the address of what the site shows of it."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ExplorerFiles:
    """What a page needs to explore a model: the id of the data, and the addresses of two scripts.

    `data` puts an element with the data into the page, `component` draws it.
    """

    element_id: str
    data: str
    component: str


class ExplorerChoice(TypedDict):
    """A model that an explorer can show: its name, its title, and where its data is.

    `data` selects the element with the data, which the script at `script` puts into the page.
    """

    name: str
    title: str
    data: str
    script: str


class FunctionPage(TypedDict):
    """The page of a function, and its notes: first and last line, and address."""

    page: str
    notes: list[tuple[int, int, str]]


class ExplainedBy(TypedDict):
    """The pages that explain what an explorer shows: of functions by their names, and of sizes."""

    functions: dict[str, FunctionPage]
    sizes: str | None


@dataclass(frozen=True)
class Addresses:
    """Addresses as they are written on one page, such as ``shapes/tiny``."""

    content: SiteContent
    page: str

    def to(self, page: str, anchor: str = "") -> str:
        """The address of another page, or of an anchor on it."""
        fragment = f"#{anchor}" if anchor else ""
        if page == self.page and anchor:
            return fragment
        start = posixpath.dirname(self.page) or "."
        return f"{posixpath.relpath(page, start)}.html{fragment}"

    def row(self, name: str, call: str) -> str:
        """The row of a block call in the shape table of a model."""
        return self.to(f"shapes/{name}", row_id(call))

    def node(self, name: str, node: str) -> str:
        """A box in the diagram of a model, by its id."""
        return self.to(MAP, node_id(name, node))

    def line(self, file: str | None, line: int | None) -> str | None:
        """A line of source, if a walkthrough shows it."""
        for walkthrough in self.content.walkthroughs if line else ():
            function = walkthrough.function
            if function.file == file and function.first <= (line or 0) <= function.last:
                return self.to(walkthrough.walk.page, f"L{line}")
        return None

    def kind(self, kind: str) -> str | None:
        """The walkthrough of the forward of a class, if there is one."""
        walkthrough = self.walkthrough(f"{kind}.forward")
        return self.to(walkthrough.walk.page) if walkthrough else None

    def walkthrough(self, function: str) -> Walkthrough | None:
        """The walkthrough of a function, by its qualified name."""
        matches = (each for each in self.content.walkthroughs if each.function.name == function)
        return next(matches, None)

    def explained_by(self) -> ExplainedBy:
        """The pages that an explorer on this page links to."""
        others = (one for one in self.content.walkthroughs if one.walk.page != self.page)
        functions = {one.function.name: self.function_page(one) for one in others}
        breaks = "breaks" in self.content.records
        return ExplainedBy(functions=functions, sizes=self.to(BREAKS, ODD_SIZE) if breaks else None)

    def function_page(self, walkthrough: Walkthrough) -> FunctionPage:
        """The page of a function, and its notes."""
        statements, page = walkthrough.function.statements, walkthrough.walk.page
        notes = [
            (
                statements[row.statements[0]].start,
                statements[row.statements[-1]].last,
                self.to(page, row.note.id),
            )
            for row in walkthrough.rows
            if row.note
        ]
        return FunctionPage(page=self.to(page), notes=notes)

    def data(self, file: str) -> str:
        """A generated file to download."""
        return self.generated(f"data/{file}")

    def explorer(self, name: str) -> ExplorerFiles:
        """What this page needs to explore a model."""
        data = self.generated(f"data/{name}.explorer.js")
        return ExplorerFiles(explorer_id(name), data, self.generated("assets/explorer.js"))

    def generated(self, file: str) -> str:
        """A generated file."""
        start = posixpath.dirname(self.page) or "."
        return posixpath.relpath(f"generated/{file}", start)


def row_id(call: str) -> str:
    """Return the anchor of a block call; the call of the model itself is empty."""
    return call or "the-model"


def node_id(name: str, node: str) -> str:
    """Return the anchor of a box in a diagram, unique among all diagrams of a page."""
    return f"{name}-{node}"


def upstream_link(config: SiteConfig, span: Span, words: Words) -> LinkedText:
    """Return a link to some lines of the upstream file."""
    first, last = span
    lines = f"L{first}" if first == last else f"L{first}–L{last}"
    return LinkedText(words.upstream_lines.format(lines=lines), config.upstream_url(span))


def explorer_choice(name: str, title: str, files: ExplorerFiles) -> ExplorerChoice:
    """Return a model of an explorer, by its name on the site and its title."""
    return ExplorerChoice(name=name, title=title, data=f"#{files.element_id}", script=files.data)


def explorer_id(name: str) -> str:
    """Return the id of the element with the data of a model, on every page that explores it."""
    return f"explorer-{name}"
