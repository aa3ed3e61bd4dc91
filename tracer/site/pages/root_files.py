"""The files at the root of the site, beside the folders of the languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracer.site.pages.page_parts import TEMPLATES, root_page

ROOT_FILES = frozenset({"index.html", "404.html", "sitemap.xml"})


def _not_found(names: dict[str, str], address: str) -> str:
    template = TEMPLATES.get_template("not_found.html.j2")
    return template.render(names=tuple(names), address=address)


def files_at_root(
    names: dict[str, str], pages: Iterable[str], address: str
) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file at the root.

    Args:
        names: The name of each language by its code.
        pages: The paths of the pages below the folder of a language, the same for each.
        address: The address of the site, without a slash at its end. Without one there is no
            sitemap, because a sitemap holds absolute addresses.
    """
    yield "index.html", root_page(names)
    yield "404.html", _not_found(names, address)
    if address:
        template = TEMPLATES.get_template("sitemap.xml.j2")
        yield (
            "sitemap.xml",
            template.render(address=address, languages=tuple(names), pages=sorted(pages)),
        )
