"""The names of another model beside those of ours, as patterns."""

from __future__ import annotations

from markupsafe import Markup

from tracer.render.formats.table import Column, Table
from tracer.site.content.name_pairs import NamePairs, name_patterns
from tracer.site.pages.page_table import table_part
from tracer.site.pages.words import Words


def names_table(names: NamePairs, words: Words) -> Markup:
    """Return the table of patterns."""
    rows = list(name_patterns(names.pairs))
    columns = (
        Column(words.our_name, tuple(row.ours for row in rows), "place"),
        Column(names.model, tuple(row.theirs for row in rows), "place"),
        Column(words.times, tuple(str(row.count) for row in rows), "number"),
    )
    return table_part(Table("", columns), words.names_caption, words)
