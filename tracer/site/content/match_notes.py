"""Matches the notes on a function with the statements of its source that they quote."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from tracer.errors import SiteError
from tracer.site.content.function_source import Function
from tracer.site.content.notes import Note, NoteFile

NumberedLines = list[tuple[int, str]]
"""Lines with their numbers from 0."""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """The numbers of some statements of the function, and the note about them if there is one."""

    statements: range
    note: Note | None


def note_rows(file: NoteFile, function: Function, origin: str) -> tuple[NoteRow, ...]:
    """Return the rows of a walkthrough, from the first line of the function to the last.

    Args:
        file: The notes, in the order of the code that they quote.
        function: The function that they are about.
        origin: The name of the file of notes, with which an error message begins.

    Raises:
        SiteError: A note quotes code that the function does not have, or that comes earlier.
    """
    rows: list[NoteRow] = []
    next_number = 0
    for note, statements in _matches(file, function, origin):
        if statements.start > next_number:
            rows.append(NoteRow(range(next_number, statements.start), None))
        rows.append(NoteRow(statements, note))
        next_number = statements.stop
    if next_number < len(function.statements):
        rows.append(NoteRow(range(next_number, len(function.statements)), None))
    return tuple(rows)


def _matches(file: NoteFile, function: Function, origin: str) -> Iterator[tuple[Note, range]]:
    """Each note with the numbers of the statements that it quotes."""
    source = _code_lines(function.lines)
    at = 0
    for note in file.notes:
        quoted = [text for _, text in _code_lines(note.code.splitlines())]
        start = _find_lines(source, quoted, at)
        if start is None:
            raise SiteError(f"{origin}: note {note.id!r}: {_problem(source, quoted, function)}")
        at = start + len(quoted)
        lines = {function.first + source[n][0] for n in range(start, at)}
        numbers = [
            number
            for number, statement in enumerate(function.statements)
            if lines & set(range(statement.start, statement.last + 1))
        ]
        if not numbers:
            raise SiteError(f"{origin}: note {note.id!r}: it quotes no statement.")
        yield note, range(numbers[0], numbers[-1] + 1)


def _problem(source: NumberedLines, quoted: list[str], function: Function) -> str:
    if quoted and _find_lines(source, quoted, 0) is not None:
        return "its code comes before that of the note above it; put the notes in order."
    missing = f"{function.name} in {function.file} does not have the code {' / '.join(quoted)!r}."
    texts = {text: number for number, text in source}
    alike = get_close_matches(quoted[0], texts, 1) if quoted else []
    if not alike:
        return f"{missing} Change the note, or delete it."
    line = function.first + texts[alike[0]]
    return f"{missing} If line {line} replaced it, copy that line into the note: {alike[0]!r}."


def _find_lines(source: NumberedLines, quoted: list[str], start: int) -> int | None:
    """The first index from `start` on where the quoted lines are consecutive."""
    texts = [text for _, text in source]
    size = len(quoted)
    starts = range(start, len(texts) - size + 1) if size else ()
    return next((index for index in starts if texts[index : index + size] == quoted), None)


def _code_lines(lines: tuple[str, ...] | list[str]) -> NumberedLines:
    """The lines that hold code, without comments, indents and repeated blanks."""
    code = dict(enumerate(lines))
    reader = io.StringIO("\n".join(lines) + "\n").readline
    try:
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                code[row - 1] = code[row - 1][:column]
    except (tokenize.TokenError, IndentationError):
        pass  # a quotation may end inside a statement; comments before that are removed
    return [(number, " ".join(text.split())) for number, text in code.items() if text.strip()]
