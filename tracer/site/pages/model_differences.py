"""The differences of several models, and the names of what they share, as parts of pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tracer.algebra.substitute import resize
from tracer.record import Trace
from tracer.render.formats.html import fragment, message_section, table_section
from tracer.render.formats.table import Column, Table
from tracer.render.tables.differences import ColumnTitles, difference_table
from tracer.render.words.table_words import in_language
from tracer.site.content.name_pairs import paired_names
from tracer.site.pages.words.own_words import OWN_WORDS, OwnWords
from tracer.snapshot import snapshot_of
from tracer.snapshot.diff import Comparison, compare

TitledModel = tuple[str, Trace]
"""The title of a model on pages, and its trace."""


def differences_part(models: Sequence[TitledModel], language: str) -> str:
    """Return the differences of each model from the first one, as HTML; "" for one model."""
    first, *others = models
    return "".join(_compared(first, other, language) for other in others)


def pairs_part(comparison: Comparison, titles: tuple[str, str], language: str) -> str:
    """Return the names of the blocks that two models have in common, as HTML."""
    section = _pairs(comparison, *titles, OWN_WORDS[language])
    return f'<div class="ut-differences">{fragment(titles[1], [section])}</div>'


def _compared(one: TitledModel, other: TitledModel, language: str) -> str:
    words = OWN_WORDS[language]
    comparison = compare_traces(one[1], other[1])
    table = difference_table(comparison, ColumnTitles(one[0], other[0]), every=True)
    table = in_language(table, language)
    heading = words.compared.format(a=one[0], b=other[0])
    pairs = _pairs(comparison, one[0], other[0], words)
    body = fragment(heading, [table_section(table, words.differences), pairs])
    return f'<div class="ut-differences"><h2>{escape(heading)}</h2>{body}</div>'


def compare_traces(one: Trace, other: Trace) -> Comparison:
    """Compare two traces: in formulas if both have some, otherwise in numbers."""
    if not (one.symbols and other.symbols):
        one, other = resize(one), resize(other)
    return compare(snapshot_of(one), snapshot_of(other))


def _pairs(comparison: Comparison, one: str, other: str, words: OwnWords) -> str:
    rows = [row for row in paired_names(comparison) if row[0] != row[1]]
    if not rows:
        return message_section(words.no_pairs, words.pairs)
    titles = (words.name_in.format(model=title) for title in (one, other))
    columns = tuple(
        Column(title, tuple(row[number] for row in rows), "path")
        for number, title in enumerate(titles)
    )
    return table_section(Table(title=words.pairs, columns=columns), words.pairs)
