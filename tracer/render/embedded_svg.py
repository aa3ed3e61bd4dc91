"""An SVG as Graphviz writes it, made fit to stand inside a page.

What belongs to a file goes (prologue, comments, a fixed size, the white background), what a reader
needs comes: a role, a title and a description. Links keep their `xlink:href`, which the site's way
of loading pages without a reload depends on. Ids get a prefix, for two pictures may stand on a page.
"""

from __future__ import annotations

import re
from html import escape

PROLOGUE = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
SIZE = re.compile(r'(<svg\b[^>]*?)\s+width="[^"]*"\s+height="[^"]*"')
BACKGROUND = re.compile(r'<polygon fill="white" stroke="(?:none|transparent)"[^>]*/>\n?')
OPENING = re.compile(r"<svg\b[^>]*>")
ELEMENT_TITLE = re.compile(r"<title>[^<]*</title>\n?")
ID = re.compile(r'\bid="([^"]*)"')
HINT = re.compile(r'\bxlink:title=("[^"]*")')
BLANK_LINES = re.compile(r"\n\s*(?=\n|\Z)")


def embedded(svg: str, *, prefix: str, title: str, description: str) -> str:
    """The `<svg>` element alone, as wide as the page lets it be.

    `prefix` is set before every id, "map-" for one. `title` and `description` are plain text, in
    the language of the page.
    """
    text = COMMENT.sub("", PROLOGUE.sub("", svg))
    text = BACKGROUND.sub("", SIZE.sub(r"\1", text, count=1), count=1)
    text = HINT.sub(r"aria-label=\1", ELEMENT_TITLE.sub("", text))
    text = ID.sub(rf'id="{prefix}\1"', text)
    text = OPENING.sub(
        lambda found: _described(found[0], prefix, title, description), text, count=1
    )
    return BLANK_LINES.sub("", text).strip()


def _described(opening: str, prefix: str, title: str, description: str) -> str:
    """The opening tag with a role, and after it what a screen reader says."""
    names = f"{prefix}title {prefix}desc"
    return (
        f'{opening[:-1]} role="group" aria-labelledby="{names}">\n'
        f'<title id="{prefix}title">{escape(title)}</title>\n'
        f'<desc id="{prefix}desc">{escape(description)}</desc>'
    )
