"""A walkthrough: the lines of a function beside their notes, with the shapes of each statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tracer.site.content.match_notes import NoteRow
from tracer.site.content.site_content import Walkthrough
from tracer.site.content.statements import Statement
from tracer.site.pages.urls import Addresses, LinkedText, upstream_link
from tracer.site.pages.views.observed_shapes import ObservedStatement, StatementObserver
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class HighlightedLine:
    """One line of source as HTML."""

    number: int
    code: Markup


@dataclass(frozen=True, slots=True)
class StatementView:
    """The lines of a statement, and what the trace recorded of it.

    `not_run` says that it could have bound a tensor, and the trace recorded none.
    """

    lines: tuple[HighlightedLine, ...]
    observed: ObservedStatement | None
    not_run: bool


@dataclass(frozen=True, slots=True)
class NoteRowView:
    """Statements, and the note beside them if there is one."""

    statements: tuple[StatementView, ...]
    anchor: str = ""
    note: str = ""
    upstream: LinkedText | None = None


@dataclass(frozen=True, slots=True)
class WalkView:
    """A whole walkthrough."""

    title: str
    intro: str
    outro: str
    traced_with: str
    file: str
    upstream: LinkedText
    run: str
    rows: tuple[NoteRowView, ...]


def walk_view(walkthrough: Walkthrough, urls: Addresses, words: Words, language: str) -> WalkView:
    """Return the view of a walkthrough in one language."""
    rows = _RowViews(walkthrough, urls, words, language)
    notes = walkthrough.notes
    return WalkView(
        title=notes.title.of(language),
        intro=notes.intro.of(language),
        outro=notes.outro.of(language) if notes.outro else "",
        traced_with=words.shown_trace.format(
            trace=walkthrough.walk.trace, torch=walkthrough.results.trace.torch
        ),
        file=walkthrough.function.file,
        upstream=upstream_link(urls.content.config, notes.upstream, words),
        run=walkthrough.results.run,
        rows=tuple(map(rows.row, walkthrough.rows)),
    )


class _RowViews:
    """Makes the views of the rows of one walkthrough."""

    def __init__(
        self, walkthrough: Walkthrough, urls: Addresses, words: Words, language: str
    ) -> None:
        self.function = walkthrough.function
        self.config = urls.content.config
        self.words = words
        self.language = language
        self.code = highlighted(self.function.lines)
        self.observer = StatementObserver(walkthrough, urls, words)

    def row(self, row: NoteRow) -> NoteRowView:
        statements = tuple(map(self.statement, row.statements))
        note = row.note
        if note is None:
            return NoteRowView(statements)
        span = note.upstream
        upstream = upstream_link(self.config, span, self.words) if span else None
        return NoteRowView(statements, note.id, note.of(self.language), upstream)

    def statement(self, number: int) -> StatementView:
        statement = self.function.statements[number]
        observed = self.observer.observed(number)
        not_run = statement.kind == "statement" and observed is None
        return StatementView(self.lines(statement), observed, not_run)

    def lines(self, statement: Statement) -> tuple[HighlightedLine, ...]:
        """The lines of a statement, from the first that is not blank."""
        text = self.function.text(statement.first, statement.last)
        blank = next((n for n, line in enumerate(text) if line.strip()), 0)
        numbers = range(statement.first + blank, statement.last + 1)
        start = self.function.first
        return tuple(HighlightedLine(n, self.code[n - start]) for n in numbers)


def highlighted(lines: Sequence[str]) -> tuple[Markup, ...]:
    """Return each line of Python source as HTML, with Pygments' classes."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    html: str = highlight("\n".join(lines), lexer, HtmlFormatter(nowrap=True))
    return tuple(Markup(line) for line in html.split("\n")[: len(lines)])
