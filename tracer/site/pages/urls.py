"""Where things stand on the site: the pages, their anchors, and the way from one page to another.

Addresses are relative, so that the site works in any folder of any server, and from a disk. The
pages are in docs/<language>/; generated parts only know them by these names.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from tracer.site.content.load import Content, Walkthrough

MAP, STACK = "map", "stack"


@dataclass(frozen=True)
class Addresses:
    """The addresses as they are written on one page (``shapes/tiny``)."""

    content: Content
    page: str

    def to(self, page: str, anchor: str = "") -> str:
        """The address of another page, or of a place on it."""
        fragment = f"#{anchor}" if anchor else ""
        if page == self.page and anchor:
            return fragment
        start = posixpath.dirname(self.page) or "."
        return f"{posixpath.relpath(page, start)}.html{fragment}"

    def row(self, name: str, call: str) -> str:
        """The row of a block call in the table of shapes of a trace."""
        return self.to(f"shapes/{name}", row_id(call))

    def node(self, name: str, node: str) -> str:
        """A box of the diagram of a trace, by its id."""
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
        found = self.walkthrough(f"{kind}.forward")
        return self.to(found.walk.page) if found else None

    def walkthrough(self, function: str) -> Walkthrough | None:
        """The walkthrough of a function, by its name."""
        some = (found for found in self.content.walkthroughs if found.function.name == function)
        return next(some, None)

    def data(self, file: str) -> str:
        """A file that was generated beside the pages."""
        start = posixpath.dirname(self.page) or "."
        return posixpath.relpath(f"generated/data/{file}", start)


def row_id(call: str) -> str:
    """The anchor of a block call; the model itself is called by the empty name."""
    return call or "the-model"


def node_id(name: str, node: str) -> str:
    """The anchor of a box in the diagram of a trace; ids of two diagrams must not be the same."""
    return f"{name}-{node}"
