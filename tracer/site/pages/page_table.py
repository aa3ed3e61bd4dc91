"""A table of `tracer.render.tables` as a part of a page: translated, linked, below its caption."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from markupsafe import Markup

from tracer.render.formats.html_table import table_element
from tracer.render.formats.table import Table, translated
from tracer.render.tables.block_rows import THE_MODEL
from tracer.render.tables.skip_stack import FROM_INPUT, LEFT_OVER, NO_JOIN
from tracer.site.pages.words import Words


def table_part(
    table: Table,
    caption: str,
    words: Words,
    *,
    titles: Mapping[str, str] | None = None,
    classes: str = "",
) -> Markup:
    """Return a table as HTML that scrolls in a box of its own.

    Args:
        table: The table, its columns titled in English or in the language of the page.
        caption: What the table shows, in the language of the page.
        words: The phrases of that language.
        titles: The titles of columns by their English titles.
        classes: The classes that the style of the site knows the table by.
    """
    cells = {
        THE_MODEL: words.the_model,
        FROM_INPUT: words.input,
        LEFT_OVER: words.not_popped,
        NO_JOIN: words.not_joined,
    }
    element = table_element(
        translated(table, titles or {}, cells),
        caption=caption,
        classes=f"ut-grid {classes}".strip(),
        labels=True,
    )
    box = f'<div class="ut-table" tabindex="0" role="region" aria-label="{escape(caption)}">'
    return Markup(f"{box}{element}</div>")
