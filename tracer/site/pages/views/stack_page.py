"""The skip stack of one model, as observed in its code and as the data flow shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from tracer.analysis.skip_stack import Ledger, LedgerEntry, Moment
from tracer.render.formats.table import Column, Table, with_formulas
from tracer.render.tables.skip_stack import event_titles, skip_stack_table, stack_names
from tracer.render.tables.skip_stack_summary import skip_stack_sentences
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.page_table import table_part
from tracer.site.pages.urls import Addresses, ExplorerFiles
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class StackView:
    """The table, and sentences about it, under the name and the title of the model."""

    name: str
    title: str
    run: str
    explorer: ExplorerFiles
    summary: tuple[str, ...]
    table: Markup


def stack_view(
    results: ModelResults, names: tuple[str, str], to: Addresses, words: Words
) -> StackView:
    """Return the view of a ledger, under the name of its model on the site and its title."""
    name, title = names
    caption = [words.stack_caption]
    if stacks := stack_names(results.ledger):
        caption.insert(0, words.observed.format(names=", ".join(stacks)))
    table = linked_stack(results, name, to, words)
    return StackView(
        name=name,
        title=title,
        run=results.run,
        explorer=to.explorer(name),
        summary=skip_stack_sentences(results.ledger, words.skip_stack),
        table=table_part(
            table,
            " ".join(caption),
            words,
            about=title,
            titles=stack_titles(words),
            classes="ut-stack",
        ),
    )


def linked_stack(results: ModelResults, name: str, to: Addresses, words: Words) -> Table:
    """The skip stack in numbers and formulas, its blocks and lines with their addresses."""
    ledger, symbolic = results.ledger, results.symbolic_ledger
    table = with_formulas(skip_stack_table(ledger), skip_stack_table(symbolic))
    for title, moments in _moments(ledger).items():
        table = table.with_fields(f"{title} by", links=_blocks(moments, name, to))
        table = table.with_fields(f"{title} at", links=_lines(moments, to))
    table = table.with_fields("bytes held", bars=_shares(ledger))
    steps = Column(words.steps, tuple(map(_steps, ledger.entries)), "number")
    _, *others = (one for one in table.columns if one.title != "depth")
    numbers = Column(words.skip, tuple(map(_numbered, enumerate(ledger.entries, 1))), "number")
    return replace(table, columns=(numbers, *others, steps))


def _numbered(numbered: tuple[int, LedgerEntry]) -> str:
    """`10 · hs[9]`: the number of a skip, and its place in the list after the push."""
    number, entry = numbered
    return f"{number} · {entry.stack}[{entry.depth - 1}]" if entry.stack else str(number)


def stack_titles(words: Words) -> dict[str, str]:
    """Return the titles of columns in one language, by those of the table."""
    return {
        "list": words.list_name,
        "pushed by": words.pushed_by,
        "made by": words.pushed_by,
        "pushed at": words.pushed_at,
        "made at": words.made_at,
        "shape": words.shape,
        "depth": words.depth,
        "bytes held": words.held,
        "popped by": words.popped_by,
        "joined by": words.popped_by,
        "read by": words.popped_by,
        "taken by": words.popped_by,
        "popped at": words.popped_at,
        "joined at": words.joined_at,
        "read at": words.read_at,
        "taken at": words.read_at,
        "join": words.join,
    }


Moments = tuple[Moment | None, ...]


def _moments(ledger: Ledger) -> dict[str, Moments]:
    """The first word of the titles that speak of pushes and pops, and what they speak of."""
    pushed: Moments = tuple(entry.pushed for entry in ledger.entries)
    popped: Moments = tuple(entry.popped for entry in ledger.entries)
    return dict(zip(event_titles(ledger), (pushed, popped), strict=True))


def _blocks(moments: Moments, name: str, to: Addresses) -> tuple[str | None, ...]:
    calls = (moment.block if moment else None for moment in moments)
    return tuple(None if call is None else to.row(name, call) for call in calls)


def _lines(moments: Moments, to: Addresses) -> tuple[str | None, ...]:
    return tuple(to.line(moment.file, moment.line) if moment else None for moment in moments)


def _shares(ledger: Ledger) -> tuple[float, ...]:
    """The bytes after each push, in percent of the most that are ever held."""
    most = (ledger.peak.byte_count if ledger.peak else None) or 1
    return tuple(round(100 * (entry.byte_count or 0) / most, 1) for entry in ledger.entries)


def _steps(entry: LedgerEntry) -> str:
    """The numbers of the operations between which the tensor is on the stack."""
    return ", ".join(f"{link.pushed} → {link.popped}" for link in entry.joins)
