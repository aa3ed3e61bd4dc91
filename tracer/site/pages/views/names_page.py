"""The names of another model beside those of ours, as patterns."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracer.errors import SiteError
from tracer.render.formats.table import Column, Table
from tracer.site.content.name_pairs import SharedBlocks, name_patterns
from tracer.site.content.site_config import ComparedModel
from tracer.site.pages.page_table import table_part
from tracer.site.pages.words import Words
from tracer.snapshot.diff.difference import LayerCounts


@dataclass(frozen=True, slots=True)
class NamesView:
    """How many layers were paired, of which models, and the patterns of their names.

    `parameters` is how many our model has.
    """

    other: ComparedModel
    model: str
    layers: LayerCounts
    parameters: int
    table: Markup


def names_view(other: ComparedModel, shared: SharedBlocks, words: Words) -> NamesView:
    """Return the patterns. Raises SiteError if the models share one code base."""
    if shared.layers is None:
        raise SiteError(f"{other.file}: the names of its blocks are those of {other.trace}.")
    rows = list(name_patterns(shared.names))
    columns = (
        Column(words.our_name, tuple(row.ours for row in rows), "place"),
        Column(shared.kind, tuple(row.theirs for row in rows), "place"),
        Column(words.times, tuple(str(row.count) for row in rows), "number"),
    )
    table = table_part(Table("", columns), words.names_caption, words)
    return NamesView(other, shared.kind, shared.layers, shared.parameters, table)
