"""A walkthrough: the lines of a function beside their notes, with the shapes of each statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tracer.site.content.dual_text import DualText
from tracer.site.content.executions import lines_that_ran
from tracer.site.content.match_notes import NoteRow
from tracer.site.content.notes import Note
from tracer.site.content.site_config import Span
from tracer.site.content.site_content import Walkthrough
from tracer.site.pages.drawings.by_name import drawing_of
from tracer.site.pages.math_text import with_math
from tracer.site.pages.urls import Addresses, ExplorerFiles, LinkedText, upstream_link
from tracer.site.pages.views.observed_shapes import ObservedStatement, StatementObserver
from tracer.site.pages.words import Words

CODE_OR_UNDERSCORE = re.compile(r"`[^`]*`|_")


@dataclass(frozen=True, slots=True)
class SourceLineView:
    """One line of source as HTML, the note about it, and what it made in the first call.

    Attributes:
        number: Its number in the file.
        code: Its text.
        note: The anchor of its note; empty if there is none.
        made: The name and the shape of what its statement made, on the last line of the statement.
        is_skipped: Its statement did not run.
    """

    number: int
    code: Markup
    note: str = ""
    made: tuple[str, DualText] | None = None
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note, with a heading and what was recorded of its statements.

    `first` and `last` are the lines that it is about. `not_run` says that one of its statements
    did not run. `drawing` is an SVG with its caption, if the note has one.
    """

    anchor: str
    heading: str
    text: str
    first: int
    last: int
    observed: tuple[ObservedStatement, ...]
    not_run: bool
    upstream: LinkedText | None
    drawing: Markup | None


@dataclass(frozen=True, slots=True)
class WalkView:
    """A whole walkthrough: the function, and the notes on it.

    `depth` is that of its heading: a page may have several functions, and the later ones are
    sections. `explorer` is None if it runs when a model is built, and not in a forward pass.
    """

    title: str
    depth: int
    intro: str
    outro: str
    traced_with: str
    file: str
    upstream: LinkedText | None
    run: str
    name: str
    explorer: ExplorerFiles | None
    code: tuple[SourceLineView, ...]
    arguments: ObservedStatement | None
    notes: tuple[NoteView, ...]


def walk_view(walkthrough: Walkthrough, urls: Addresses, words: Words, language: str) -> WalkView:
    """Return the view of a walkthrough in one language."""
    views = _Views(walkthrough, urls, words, language)
    notes = walkthrough.notes
    return WalkView(
        title=_plain(notes.title_of(language)),
        depth=1 + (_first_on_page(walkthrough, urls) is not walkthrough),
        intro=with_math(notes.intro.of(language)) if notes.intro else "",
        outro=with_math(notes.outro.of(language)) if notes.outro else "",
        traced_with=words.shown_trace.format(
            trace=walkthrough.walk.trace, torch=walkthrough.results.trace.torch
        ),
        file=walkthrough.function.file,
        upstream=views.upstream(notes.upstream),
        run=walkthrough.results.run,
        name=walkthrough.function.name,
        explorer=urls.explorer(walkthrough.walk.trace) if walkthrough.executions else None,
        code=tuple(views.code()),
        arguments=views.observer.arguments(),
        notes=tuple(views.note(row, row.note) for row in walkthrough.rows if row.note),
    )


def _plain(title: str) -> str:
    """A title whose underscores are no formatting; in code they are none anyway."""
    return CODE_OR_UNDERSCORE.sub(lambda found: r"\_" if found[0] == "_" else found[0], title)


def _first_on_page(walkthrough: Walkthrough, urls: Addresses) -> Walkthrough:
    page = walkthrough.walk.page
    return next(one for one in urls.content.walkthroughs if one.walk.page == page)


class _Views:
    """Makes the views of the lines and of the notes of one walkthrough."""

    def __init__(
        self, walkthrough: Walkthrough, urls: Addresses, words: Words, language: str
    ) -> None:
        self.walkthrough = walkthrough
        self.rows = walkthrough.rows
        self.function = walkthrough.function
        self.runs = bool(walkthrough.executions)
        self.lines_that_ran = lines_that_ran(walkthrough.results.trace, self.function)
        self.config = urls.content.config
        self.words = words
        self.language = language
        self.observer = StatementObserver(walkthrough, urls, words)

    def code(self) -> Iterator[SourceLineView]:
        """The lines of the function."""
        codes = highlighted(self.function.lines)
        for row in self.rows:
            anchor = row.note.id if row.note else ""
            for number in row.statements:
                statement = self.function.statements[number]
                observed = self.observer.observed(number)
                skipped = self.runs and self.did_not_run(number)
                for line in range(statement.first, statement.last + 1):
                    is_own = line >= statement.start
                    yield SourceLineView(
                        line,
                        codes[line - self.function.first],
                        anchor if is_own else "",
                        _made(observed, self.words.depth) if line == statement.last else None,
                        skipped and is_own,
                    )

    def note(self, row: NoteRow, note: Note) -> NoteView:
        statements = [self.function.statements[number] for number in row.statements]
        observed = filter(None, map(self.observer.observed, row.statements))
        return NoteView(
            anchor=note.id,
            heading=_heading(note),
            text=with_math(note.readable_in(self.language)),
            first=statements[0].start,
            last=statements[-1].last,
            observed=tuple(observed),
            not_run=self.runs and any(map(self.did_not_run, row.statements)),
            upstream=self.upstream(note.upstream),
            drawing=drawing_of(note, self.walkthrough, self.words),
        )

    def upstream(self, span: Span | None) -> LinkedText | None:
        """The upstream lines that some code follows, if it follows any."""
        return upstream_link(self.config, span, self.words) if span else None

    def did_not_run(self, number: int) -> bool:
        """Whether a statement did not run in any call of the function."""
        statement = self.function.statements[number]
        if statement.kind not in {"statement", "return"}:
            return False
        return self.lines_that_ran.isdisjoint(range(statement.start, statement.last + 1))


def _made(observed: ObservedStatement | None, depth: str) -> tuple[str, DualText] | None:
    """What the first execution of a statement made last; `depth` is a column that is no shape."""
    if observed is None:
        return None
    shapes = zip(observed.columns, observed.rows[0].shapes, strict=True)
    made = [(name, shape) for name, shape in shapes if name != depth]
    return made[-1] if made else None


def _heading(note: Note) -> str:
    """The first line of the code that a note is about, without its comment."""
    first, *more = [line.split("  # ")[0].strip() for line in note.code.strip().splitlines()]
    return f"{first} …" if more else first


def highlighted(lines: Sequence[str]) -> tuple[Markup, ...]:
    """Return each line of Python source as HTML, with Pygments' classes."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    html: str = highlight("\n".join(lines), lexer, HtmlFormatter(nowrap=True))
    return tuple(Markup(line) for line in html.split("\n")[: len(lines)])
