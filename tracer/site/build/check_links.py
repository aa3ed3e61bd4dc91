"""The check of a site that was built: no dead link, and nothing that is loaded from elsewhere.

MkDocs checks the links of Markdown, but not those of raw HTML or inside SVG, and no anchors there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""What a browser loads by itself, without a click."""
LINK_STYLES = {"stylesheet", "icon", "preload", "preconnect", "modulepreload"}
IN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)['"]?((?:https?:)?//[^'")\s]+)""")


@dataclass
class Page(HTMLParser):
    """The ids of a page, the addresses that it links to, and those that it loads."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if name := found.get("id"):
            self.twice += [name] if name in self.ids else []
            self.ids.add(name)
        for name in ("href", "xlink:href"):
            if tag == "a" and name in found:
                self.links.append(found[name])
        if tag == "link" and LINK_STYLES & set(found.get("rel", "").split()):
            self.loads.append(found["href"])
        if address := found.get(LOADED.get(tag, "")):
            self.loads.append(address)


def link_problems(site: Path) -> Iterator[str]:
    """What is wrong with the links of a site, a sentence each, in the order of its pages."""
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        where = path.relative_to(site.resolve()).as_posix()
        yield from (f"{where}: two elements have the id {name}" for name in page.twice)
        for address in page.loads:
            if urlsplit(address).netloc:
                yield f"{where}: loads {address}, from elsewhere"
        for address in dict.fromkeys((*page.links, *page.loads)):
            if trouble := _trouble(address, path, pages, site.resolve()):
                yield f"{where}: links to {address}, {trouble}"
    for sheet in sorted(site.rglob("*.css")):
        for address in IN_STYLE.findall(sheet.read_text(encoding="utf-8")):
            yield f"{sheet.relative_to(site).as_posix()}: loads {address}, from elsewhere"


def _trouble(address: str, at: Path, pages: dict[Path, Page], site: Path) -> str | None:
    """Why an address leads nowhere; None when it leads somewhere, or out of the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    name = unquote(parts.path)
    start = site if name.startswith("/") else at.parent
    target = (start / name.lstrip("/")).resolve() if name else at
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        return "and there is no such page"
    anchor = unquote(parts.fragment)
    page = pages.get(target)
    if anchor and page and anchor not in page.ids:
        return "and there is no such place on that page"
    return None
