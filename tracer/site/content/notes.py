"""The annotation records: notes on the lines of one function, in every language of the site.

A file ``docs/notes/<name>.yaml`` holds the notes of one function, in the order of its lines. Each
note quotes the code that it is about, and the first digits of that code's hash: who changes the
code has to change both, and so to read the note again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from tracer.site.content.site_config import Span, Text
from tracer.site.content.yaml_file import read_yaml
from tracer.site.errors import SiteError

DIGITS = 12
Anchor = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]*$")]
NoteText = Annotated[str, Meta(min_length=1)]


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """One note. `shapes` says what local variables hold when the quoted lines are done."""

    id: Anchor
    code: str
    sha: str
    en: NoteText
    ko: NoteText
    upstream: Span | None = None
    shapes: dict[str, str] = field(default_factory=dict)

    def of(self, language: str) -> str:
        """The note in one language."""
        words: str = getattr(self, language)
        return words


class NoteFile(Struct, frozen=True, forbid_unknown_fields=True):
    """All notes on one function, ``package.module:Class.function``."""

    function: str
    upstream: Span
    title: Text
    intro: Text
    notes: tuple[Note, ...]
    outro: Text | None = None


def read_notes(path: Path) -> NoteFile:
    """The notes in a file. Raises SiteError that lists all that is wrong with it."""
    found = read_yaml(path, NoteFile)
    if problems := list(_problems(found)):
        raise SiteError("\n".join(f"{path}: {problem}" for problem in problems))
    return found


def fingerprint(code: str) -> str:
    """The first 12 hex digits of the SHA-256 of some code, white space folded into one blank."""
    return hashlib.sha256(" ".join(code.split()).encode()).hexdigest()[:DIGITS]


def _problems(found: NoteFile) -> Iterator[str]:
    for name, times in Counter(note.id for note in found.notes).items():
        if times > 1:
            yield f"{times} notes have the id {name!r}; links need one each."
    for note in found.notes:
        if (sha := fingerprint(note.code)) != note.sha:
            yield (
                f"note {note.id!r}: its code has changed. Read the note again, in each language, "
                f"then write `sha: {sha}`."
            )
        if not note.en.strip() or not note.ko.strip():
            yield f"note {note.id!r}: it is empty in one language."
