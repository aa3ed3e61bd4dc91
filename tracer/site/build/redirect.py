"""The page at the root of the site, which sends the reader to a language."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader


def root_page(names: dict[str, str]) -> str:
    """The HTML of the page; `names` are the languages, the first for who prefers none of them."""
    templates = Environment(loader=PackageLoader("tracer.site.pages"), autoescape=True)
    return templates.get_template("root.html.j2").render(names=names)
