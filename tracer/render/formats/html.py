"""Tables and diagrams as self-contained HTML: for a notebook, or any page.

Nothing is loaded from elsewhere, and no rule of the style reaches beyond the fragment. The colors
of text and background are those of the surrounding page, light or dark, where it defines them;
every other color is mixed from them. The fragment can also be read without its style, as in a
notebook that is not trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from tracer.escapes import visible
from tracer.render.formats.html_table import table_element
from tracer.render.formats.registry import Records
from tracer.render.formats.table import Table, outlined
from tracer.render.formats.terminal import table_width

WIDE_TABLE = 100
"""The width, in terminal cells, from which on columns are shortened."""


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the tables as a whole page, light or dark as the reader prefers."""
    first, *others = tables
    title = escape(_one_line(first.title))
    parts = [table_section(first), *(table_section(table, table.title) for table in others)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8" />\n'
        '<meta name="color-scheme" content="light dark" />\n'
        '<meta name="viewport" content="width=device-width" />\n'
        f"<title>{title}</title>\n{fragment(first.title, parts)}\n</html>\n"
    )


def fragment(title: str, sections: Iterable[str]) -> str:
    """Return sections of a page below their title, with the style of all of them."""
    lines = map(escape, visible(title, keep_newlines=True).splitlines())
    style = files("tracer.render.formats").joinpath("fragment.css").read_text(encoding="utf-8")
    body, name = "".join(sections), escape(_one_line(title))
    return (
        f'<section class="unet-trace" aria-label="{name}"><style>{style}</style>'
        f'<p class="ut-title">{"<br />".join(lines)}</p>{body}</section>'
    )


def _one_line(text: str) -> str:
    return visible(text.replace("\n", " "))


def table_section(table: Table, heading: str = "") -> str:
    """Return a table that scrolls in a box of its own, and its sentences."""
    element = _scrolling(table_element(_shortened(table)), heading or table.title)
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in table.summary)
    return _section(heading, (element if table.rows else "") + sentences)


def _shortened(table: Table) -> Table:
    """A wide table with columns in their short forms; none is left out, because it scrolls."""
    for step in table.narrowing:
        if step.how == "shorten" and table_width(outlined(table)) > WIDE_TABLE:
            table = table.narrowed(step)
    return table


def diagram_section(svg: str, heading: str = "", caption: str = "", name: str = "Diagram") -> str:
    """Return a diagram as `inline_svg` makes it, and its caption below it.

    Args:
        svg: The diagram.
        heading: The heading above it; empty for none.
        caption: A sentence below it.
        name: What a screen reader calls it where it has no heading.
    """
    diagram = _scrolling(svg, heading or name)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return _section(heading, f'<figure class="ut-figure">{diagram}{below}</figure>')


def message_section(message: str, heading: str = "") -> str:
    """Return a message in place of something that cannot be shown."""
    return _section(heading, f"<p>{escape(visible(message, keep_newlines=True))}</p>")


def _section(heading: str, content: str) -> str:
    """Content below a heading, if there is one, that opens and closes it."""
    if not heading:
        return f"<div>{content}</div>"
    return f"<details open><summary>{escape(heading)}</summary>{content}</details>"


def _scrolling(content: str, name: str) -> str:
    """A box that scrolls, also from the keyboard."""
    return (
        f'<div class="ut-scroll" tabindex="0" role="region" aria-label="{escape(_one_line(name))}">'
        f"{content}</div>"
    )
