"""Checks a built site: no dead link, no repeated id, and nothing loaded from another server.

MkDocs checks the links of Markdown, but not those of raw HTML or inside SVG.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

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


@dataclass
class Page(HTMLParser):
    """The ids of a page, the addresses that it links to, and those that it loads."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    repeated_ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
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


def link_problems(site: Path) -> Iterator[str]:
    """Yield a sentence per problem with the links of a site, page by page.

    Args:
        site: The folder of the built site.
    """
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        where = path.relative_to(site.resolve()).as_posix()
        yield from (f"{where}: two elements have the id {name}" for name in page.repeated_ids)
        for address in page.loads:
            if urlsplit(address).netloc:
                yield f"{where}: loads {address} from another server"
        for address in dict.fromkeys((*page.links, *page.loads)):
            if problem := _problem(address, path, pages, site.resolve()):
                yield f"{where}: links to {address}, {problem}"
    for sheet in sorted(site.rglob("*.css")):
        for address in EXTERNAL_IN_CSS.findall(sheet.read_text(encoding="utf-8")):
            yield f"{sheet.relative_to(site).as_posix()}: loads {address} from another server"


def _problem(address: str, origin: Path, pages: dict[Path, Page], site: Path) -> str | None:
    """Why a link is dead; None if its target exists or is outside the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    name = unquote(parts.path)
    start = site if name.startswith("/") else origin.parent
    target = (start / name.lstrip("/")).resolve() if name else origin
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return "but there is no such page"
    anchor = unquote(parts.fragment)
    page = pages.get(target)
    if anchor and page and anchor not in page.ids:
        return "but that page has no such anchor"
    return None
