"""The differences of several models, as a part of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from tracer.algebra.substitute import resize
from tracer.record import Trace
from tracer.render.formats.html import fragment, message_section, table_section
from tracer.render.formats.table import Column, Table, translated
from tracer.render.tables.differences import ColumnTitles, difference_table
from tracer.site.own.own_models import OwnModel
from tracer.site.own.own_words import OWN_WORDS, OwnWords
from tracer.snapshot import snapshot_of
from tracer.snapshot.diff import Comparison, compare


def differences_part(models: Sequence[OwnModel], language: str) -> str:
    """Return the differences of each model from the first one, as HTML; "" for one model."""
    first, *others = models
    return "".join(_compared(first, other, language) for other in others)


def _compared(one: OwnModel, other: OwnModel, language: str) -> str:
    words = OWN_WORDS[language]
    comparison = compare_traces(one.formulas, other.formulas)
    table = difference_table(comparison, ColumnTitles(one.title, other.title), every=True)
    if language != "en":
        table = replace(translated(table, words.titles, words.cells), summary=())
    heading = words.compared.format(a=one.title, b=other.title)
    sections = [table_section(table, words.differences), _pairs(comparison, one, other, words)]
    return (
        f'<div class="ut-differences"><h2>{escape(heading)}</h2>{fragment(heading, sections)}</div>'
    )


def compare_traces(one: Trace, other: Trace) -> Comparison:
    """Compare two traces: in formulas if both have some, otherwise in numbers."""
    if not (one.symbols and other.symbols):
        one, other = resize(one), resize(other)
    return compare(snapshot_of(one), snapshot_of(other))


def _pairs(comparison: Comparison, one: OwnModel, other: OwnModel, words: OwnWords) -> str:
    rows = [row for row in name_pairs(comparison) if row[0] != row[1]]
    if not rows:
        return message_section(words.no_pairs, words.pairs)
    titles = (words.name_in.format(model=model.title) for model in (one, other))
    columns = tuple(
        Column(title, tuple(row[number] for row in rows), "path")
        for number, title in enumerate(titles)
    )
    return table_section(Table(title=words.pairs, columns=columns), words.pairs)


def name_pairs(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the names of each block that both models have, in the order of the second."""
    known = comparison.before.by_call
    for block in comparison.after.blocks:
        same = block.call if block.call in known and comparison.layers is None else None
        old = comparison.old_names.get(block.call, same)
        if old is not None:
            yield old, block.call
