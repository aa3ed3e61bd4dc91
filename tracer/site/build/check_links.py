"""Checks a built site: no dead link, no repeated id, and nothing loaded from another server.

MkDocs checks the links of Markdown, but not those of raw HTML or inside SVG.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracer.site.pages.html_tokens import HtmlToken, attributes_of, opening_tags

SOURCE_ATTRIBUTES = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "object": "data",
}
"""Elements that a browser loads without a click, and the attribute with the address."""
LINK_STYLES = {"stylesheet", "icon", "preload", "preconnect", "modulepreload"}
EXTERNAL_IN_CSS = re.compile(r"""(?:url\(\s*|@import\s+)['"]?((?:https?:)?//[^'")\s]+)""")


INTERESTING = re.compile(r"\b(?:id|href|src|data)\s*=")
"""Most tags have none of these attributes."""


@dataclass
class Page:
    """The ids of a page, the addresses that it links to, and those that it loads."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    repeated_ids: list[str] = field(default_factory=list)

    @staticmethod
    def of(html: str) -> Page:
        """What the tags of a page say."""
        page = Page()
        for token in opening_tags(html, INTERESTING):
            page.read(token)
        return page

    def read(self, token: HtmlToken) -> None:
        """Take in a tag."""
        tag, attributes = token.name, attributes_of(token)
        if name := attributes.get("id"):
            self.repeated_ids += [name] if name in self.ids else []
            self.ids.add(name)
        for name in ("href", "xlink:href"):
            if tag == "a" and name in attributes:
                self.links.append(attributes[name])
        if tag == "link" and LINK_STYLES & set(attributes.get("rel", "").split()):
            self.loads.append(attributes["href"])
        if address := attributes.get(SOURCE_ATTRIBUTES.get(tag, "")):
            self.loads.append(address)


Pages = Mapping[str, Page]
"""Pages by their paths in the site."""


def read_pages(site: Path, names: str = "**/*.html") -> dict[str, Page]:
    """Return the pages of a site whose paths match a pattern.

    Args:
        site: The folder of the built site.
        names: The pattern, in the syntax of `pathlib`.
    """
    paths = (path for path in sorted(site.glob(names)) if path.is_file())
    return {
        path.relative_to(site).as_posix(): Page.of(path.read_text(encoding="utf-8"))
        for path in paths
    }


def link_problems(site: Path, pages: Pages) -> Iterator[str]:
    """Yield a sentence per problem with the links of a site, page by page.

    Args:
        site: The folder of the built site.
        pages: All of its pages.
    """
    paths = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*"))}
    files = {name for name, path in paths.items() if path.is_file()}
    for name, page in sorted(pages.items()):
        yield from (f"{name}: two elements have the id {one}" for one in page.repeated_ids)
        for address in page.loads:
            if urlsplit(address).netloc:
                yield f"{name}: loads {address} from another server"
        for address in dict.fromkeys((*page.links, *page.loads)):
            if problem := _problem(address, name, pages, files):
                yield f"{name}: links to {address}, {problem}"
    for name in (name for name in paths if name.endswith(".css")):
        for address in EXTERNAL_IN_CSS.findall(paths[name].read_text(encoding="utf-8")):
            yield f"{name}: loads {address} from another server"


def _problem(address: str, origin: str, pages: Pages, files: set[str]) -> str | None:
    """Why a link is dead; None if its target exists or is outside the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = _target(unquote(parts.path), origin)
    if target not in files:
        target = posixpath.normpath(f"{target}/index.html")  # of a folder
    if target not in files:
        return "but there is no such page"
    anchor = unquote(parts.fragment)
    page = pages.get(target)
    if anchor and page and anchor not in page.ids:
        return "but that page has no such anchor"
    return None


def _target(path: str, origin: str) -> str:
    """The path in the site that a page links to; one from its root begins with a slash."""
    if not path:
        return origin
    folder = "" if path.startswith("/") else posixpath.dirname(origin)
    return posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
