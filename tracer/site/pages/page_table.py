"""A table of `tracer.render.tables` as a part of a page: translated, linked, below its caption."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from markupsafe import Markup

from tracer.render.formats.html_table import table_element
from tracer.render.formats.table import Table, translated
from tracer.render.tables.block_rows import THE_MODEL
from tracer.render.tables.skip_stack import (
    FROM_INPUT,
    JOIN_FAILED,
    LEFT_OVER,
    NO_SKIP,
    NOT_REACHED,
    ON_NO_LIST,
    REPLACED,
)
from tracer.site.pages.words import Words


def table_part(  # noqa: PLR0913 - how the table is named and looks, by keyword
    table: Table,
    caption: str,
    words: Words,
    *,
    about: str = "",
    titles: Mapping[str, str] | None = None,
    classes: str = "",
) -> Markup:
    """Return a table as HTML that scrolls in a box of its own.

    Args:
        table: The table, its columns titled in English or in the language of the page.
        caption: What the table shows, in the language of the page.
        words: The phrases of that language.
        about: What the table is about, where several of a page have the same caption; a screen
            reader says it before that.
        titles: The titles of columns by their English titles.
        classes: The classes that the style of the site knows the table by.
    """
    cells = {
        THE_MODEL: words.the_model,
        FROM_INPUT: words.input,
        LEFT_OVER: words.not_popped,
        NO_SKIP: words.not_a_skip,
        REPLACED: words.replaced,
        JOIN_FAILED: words.join_failed,
        NOT_REACHED: words.not_reached,
        ON_NO_LIST: words.on_no_list,
    }
    element = table_element(
        translated(table, titles or {}, cells),
        caption=caption,
        classes=f"ut-grid {classes}".strip(),
        labels=True,
    )
    name = escape(f"{about}: {caption}" if about else caption)
    box = f'<div class="ut-table" tabindex="0" role="region" aria-label="{name}">'
    return Markup(f"{box}{element}</div>")
