"""A function and its notes side by side: which note is about which pieces of the source."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from tracer.site.content.function_source import Function
from tracer.site.content.notes import Note, NoteFile
from tracer.site.errors import SiteError


@dataclass(frozen=True, slots=True)
class NoteRow:
    """Pieces of the function (their numbers), and the note about them, if there is one."""

    pieces: range
    note: Note | None


def paired(found: NoteFile, function: Function, origin: str) -> tuple[NoteRow, ...]:
    """The rows of a walkthrough, from the first line of the function to the last.

    Raises SiteError, which begins with `origin`, for a note whose code is not in the function.
    """
    rows: list[NoteRow] = []
    done = 0
    for note, pieces in _placed(found, function, origin):
        if pieces.start > done:
            rows.append(NoteRow(range(done, pieces.start), None))
        rows.append(NoteRow(pieces, note))
        done = pieces.stop
    if done < len(function.pieces):
        rows.append(NoteRow(range(done, len(function.pieces)), None))
    return tuple(rows)


def _placed(found: NoteFile, function: Function, origin: str) -> Iterator[tuple[Note, range]]:
    """Each note with the pieces that it quotes."""
    source = _bare(function.lines)
    at = 0
    for note in found.notes:
        quoted = [text for _, text in _bare(note.code.splitlines())]
        start = _find(source, quoted, at)
        if start is None:
            raise SiteError(f"{origin}: note {note.id!r}: {_trouble(source, quoted, function)}")
        at = start + len(quoted)
        lines = {function.first + source[n][0] for n in range(start, at)}
        touched = [
            number
            for number, piece in enumerate(function.pieces)
            if lines & set(range(piece.start, piece.last + 1))
        ]
        if not touched:
            raise SiteError(f"{origin}: note {note.id!r}: it quotes no statement.")
        yield note, range(touched[0], touched[-1] + 1)


def _trouble(source: list[tuple[int, str]], quoted: list[str], function: Function) -> str:
    if quoted and _find(source, quoted, 0) is not None:
        return "its code comes before that of the note above it; put the notes in order."
    return f"{function.name} in {function.file} does not have the code {' / '.join(quoted)!r}."


def _find(source: list[tuple[int, str]], quoted: list[str], at: int) -> int | None:
    """Where some lines stand one after another, from line `at` on."""
    texts = [text for _, text in source]
    size = len(quoted)
    starts = range(at, len(texts) - size + 1) if size else ()
    return next((start for start in starts if texts[start : start + size] == quoted), None)


def _bare(lines: tuple[str, ...] | list[str]) -> list[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 0, without comments and indents."""
    kept = dict(enumerate(lines))
    reader = io.StringIO("\n".join(lines) + "\n").readline
    try:
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                kept[row - 1] = kept[row - 1][:column]
    except (tokenize.TokenError, IndentationError):
        pass  # a quotation may break off in the middle; what came before is done
    return [(number, " ".join(text.split())) for number, text in kept.items() if text.strip()]
