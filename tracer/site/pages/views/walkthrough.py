"""A walkthrough: the lines of a function beside their notes, and what a trace saw on each."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracer.site.content.function_source import Function
from tracer.site.content.load import Walkthrough
from tracer.site.content.match_notes import NoteRow
from tracer.site.content.statements import Statement
from tracer.site.pages.highlight import highlighted
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.observed_shapes import ObservedStatement, Observer
from tracer.site.pages.views.places import PlaceLinks, upstream_place
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of source, highlighted."""

    number: int
    code: Markup


@dataclass(frozen=True, slots=True)
class PieceView:
    """A piece of the function: its lines, and what was seen; `silent` when nothing could be."""

    lines: tuple[SourceLine, ...]
    seen: ObservedStatement | None
    silent: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """Pieces, and the note beside them."""

    pieces: tuple[PieceView, ...]
    anchor: str = ""
    note: str = ""
    upstream: PlaceLinks | None = None


@dataclass(frozen=True, slots=True)
class WalkView:
    """A whole walkthrough."""

    title: str
    intro: str
    outro: str
    trace_said: str
    file: str
    upstream: PlaceLinks
    run: str
    rows: tuple[RowView, ...]


def walk_view(found: Walkthrough, to: Addresses, words: Words, language: str) -> WalkView:
    """The view of a walkthrough in one language."""
    maker = _Maker(found, to, words)
    notes = found.notes
    return WalkView(
        title=notes.title.of(language),
        intro=notes.intro.of(language),
        outro=notes.outro.of(language) if notes.outro else "",
        trace_said=words.shown_trace.format(
            trace=found.walk.trace, torch=found.findings.trace.torch
        ),
        file=found.function.file,
        upstream=upstream_place(to.content.plan, notes.upstream, words),
        run=found.findings.run,
        rows=tuple(maker.row(row, language) for row in found.rows),
    )


class _Maker:
    """Makes the rows of one walkthrough."""

    def __init__(self, found: Walkthrough, to: Addresses, words: Words) -> None:
        self.function: Function = found.function
        self.plan = to.content.plan
        self.words = words
        self.code = highlighted(found.function.lines)
        self.observer = Observer(found, to, words)

    def row(self, row: NoteRow, language: str) -> RowView:
        pieces = tuple(self.piece(number) for number in row.pieces)
        note = row.note
        if note is None:
            return RowView(pieces)
        upstream = upstream_place(self.plan, note.upstream, self.words) if note.upstream else None
        return RowView(pieces, note.id, note.of(language), upstream)

    def piece(self, number: int) -> PieceView:
        piece = self.function.pieces[number]
        seen = self.observer.seen(number)
        return PieceView(self.lines(piece), seen, silent=piece.kind == "statement" and seen is None)

    def lines(self, piece: Statement) -> tuple[SourceLine, ...]:
        """The lines of a piece, from the first that is not blank."""
        text = self.function.text(piece.first, piece.last)
        first = piece.first + next((n for n, line in enumerate(text) if line.strip()), 0)
        start = self.function.first
        return tuple(SourceLine(n, self.code[n - start]) for n in range(first, piece.last + 1))
