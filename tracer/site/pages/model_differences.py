"""The differences of several models, and the names of what they share, as parts of pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from tracer.record import Trace
from tracer.render.formats.html_table import table_element
from tracer.render.formats.table import Column, Table
from tracer.render.tables.differences import ColumnTitles, difference_table
from tracer.render.words.table_words import in_language
from tracer.site.content.name_pairs import compare_traces, paired_names
from tracer.site.pages.words.own_words import OWN_WORDS, OwnWords

TitledModel = tuple[str, Trace]
"""The title of a model on pages, and its trace."""

NamePair = tuple[str, str]
"""The names that two models give to the same block."""


def differences_part(models: Sequence[TitledModel], language: str) -> str:
    """Return the differences of each model from the first one, as HTML; "" for one model."""
    first, *others = models
    return "".join(_compared(first, other, language) for other in others)


def pairs_part(names: Iterable[NamePair], titles: tuple[str, str], language: str) -> str:
    """Return the names of the blocks that two models have in common, as HTML."""
    return _pairs(names, *titles, OWN_WORDS[language])


def _compared(one: TitledModel, other: TitledModel, language: str) -> str:
    words = OWN_WORDS[language]
    comparison = compare_traces(one[1], other[1])
    table = difference_table(comparison, ColumnTitles(one[0], other[0]), every=True)
    table = in_language(table, language)
    heading = words.compared.format(a=one[0], b=other[0])
    pairs = _pairs(paired_names(comparison), one[0], other[0], words)
    parts = _box(table, words.differences), f"<h3>{escape(words.pairs)}</h3>", pairs
    return f"<h2>{escape(heading)}</h2>{''.join(parts)}"


def _pairs(names: Iterable[NamePair], one: str, other: str, words: OwnWords) -> str:
    rows = [pair for pair in names if pair[0] != pair[1]]
    if not rows:
        return f"<p>{escape(words.no_pairs)}</p>"
    titles = (words.name_in.format(model=title) for title in (one, other))
    columns = tuple(
        Column(title, tuple(row[number] for row in rows), "path")
        for number, title in enumerate(titles)
    )
    return _box(Table("", columns), words.pairs)


def _box(table: Table, name: str) -> str:
    """A table that scrolls in a box of its own, and its sentences."""
    sentences = "".join(f"<p>{escape(one)}</p>" for one in table.summary)
    if not table.rows:
        return sentences
    element = table_element(table, classes="ut-grid")
    opening = f'<div class="ut-compare" tabindex="0" role="region" aria-label="{escape(name)}">'
    return f"{opening}{element}</div>{sentences}"
