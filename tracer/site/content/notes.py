"""The notes on the lines of a function, in every language of the site.

A file ``docs/notes/<name>.yaml`` holds the notes of one function, in the order of its lines. Each
note quotes the code that it explains and has the first digits of that code's hash. When the code
changes, the hash no longer matches and the build fails until somebody has reread the note.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from tracer.annotation.shape_comments import with_blanked_comments
from tracer.errors import SiteError
from tracer.site.content.site_config import Span, Text
from tracer.site.content.yaml_file import read_yaml

HASH_DIGITS = 12
Anchor = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]*$")]
NoteText = Annotated[str, Meta(min_length=1)]


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """One note.

    Attributes:
        id: Its anchor on the page.
        code: The lines that it explains, quoted without comments.
        sha: The hash of `code`; see `code_hash`.
        en: The text in English.
        ko: The text in Korean.
        upstream: The lines of the upstream file that the code follows.
        shapes: The shapes of local variables after the last quoted line.
    """

    id: Anchor
    code: str
    sha: str
    en: NoteText
    ko: NoteText
    upstream: Span | None = None
    shapes: dict[str, str] = field(default_factory=dict)

    def of(self, language: str) -> str:
        """The text in one language."""
        text: str = getattr(self, language)
        return text


class NoteFile(Struct, frozen=True, forbid_unknown_fields=True):
    """All notes on one function, ``package.module:Class.function``."""

    function: str
    upstream: Span
    title: Text
    intro: Text
    notes: tuple[Note, ...]
    outro: Text | None = None


def read_notes(path: Path) -> NoteFile:
    """Return the notes in a file. Raises SiteError that lists every problem."""
    file = read_yaml(path, NoteFile)
    if problems := list(_problems(file)):
        raise SiteError("\n".join(f"{path}: {problem}" for problem in problems))
    return file


def code_hash(code: str) -> str:
    """Return the first 12 hex digits of the SHA-256 of some code.

    White space does not count, and neither do comments that `unet-trace annotate` wrote.

    >>> code_hash("h = f(x)") == code_hash("  h  =  f(x)  # shape: (1, 8)")
    True
    """
    words = with_blanked_comments(code).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:HASH_DIGITS]


def _problems(file: NoteFile) -> Iterator[str]:
    for name, count in Counter(note.id for note in file.notes).items():
        if count > 1:
            yield f"{count} notes have the id {name!r}; every note needs its own."
    for note in file.notes:
        if (sha := code_hash(note.code)) != note.sha:
            yield (
                f"note {note.id!r}: its code has changed. Read the note again, in each language, "
                f"then write `sha: {sha}`."
            )
        if not note.en.strip() or not note.ko.strip():
            yield f"note {note.id!r}: it is empty in one language."
