"""The notes on the lines of a function, in every language of the site.

A file ``docs/notes/<name>.yaml`` holds the notes of one function, in the order of its lines. Each
note quotes the code that it explains and has the first digits of that code's hash. When the code
changes, the hash no longer matches and the build fails until somebody has reread the note.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field, structs

from tracer.annotation.shape_comments import with_blanked_comments
from tracer.errors import SiteError
from tracer.site.content.site_config import LANGUAGES, Span, Text
from tracer.site.content.yaml_file import read_yaml

HASH_DIGITS = 12
Anchor = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]*$")]


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """One note.

    Attributes:
        id: Its anchor on the page.
        code: The lines that it explains, quoted without comments.
        sha: The hash of `code`; see `code_hash`.
        en: The text in English; empty if nobody has written it yet.
        ko: The text in Korean.
        upstream: The lines of the upstream file that the code follows.
        shapes: The shapes of local variables after the last quoted line.
        drawing: The name of the drawing that belongs to the lines; empty for none.
    """

    id: Anchor
    code: str
    sha: str
    en: str = ""
    ko: str = ""
    upstream: Span | None = None
    shapes: dict[str, str] = field(default_factory=dict)
    drawing: str = ""

    def of(self, language: str) -> str:
        """The text in one language."""
        text: str = getattr(self, language)
        return text

    def without_texts(self) -> Note:
        """This note without what it says."""
        return structs.replace(self, en="", ko="")

    def readable_in(self, language: str) -> str:
        """The text in one language or, if it is not written in that, in the other."""
        return self.of(language) or self.en or self.ko


class NoteFile(Struct, frozen=True, forbid_unknown_fields=True):
    """All notes on one function.

    This project's functions are ``package.module:Class.function``, and have an upstream, a title
    and an introduction. Those of other models are ``file.py:Class.function``, and need neither.
    """

    function: str
    notes: tuple[Note, ...]
    upstream: Span | None = None
    title: Text | None = None
    intro: Text | None = None
    outro: Text | None = None

    def without_texts(self) -> NoteFile:
        """These notes without what they say: where they are, and on which code."""
        notes = tuple(one.without_texts() for one in self.notes)
        return structs.replace(self, notes=notes, title=None, intro=None, outro=None)

    def title_of(self, language: str) -> str:
        """The title in one language; without one, the name of the function."""
        name = self.function.rpartition(":")[2]
        return self.title.of(language) if self.title else f"`{name}`"


def read_notes(path: Path) -> NoteFile:
    """Return the notes of this project in a file. Raises SiteError that lists every problem."""
    file = read_yaml(path, NoteFile)
    missing = [name for name in ("upstream", "title", "intro") if getattr(file, name) is None]
    problems = [f"it has no `{name}`." for name in missing]
    raise_problems(path, [*problems, *note_problems(file, LANGUAGES)])
    return file


def raise_problems(path: Path, problems: Sequence[str]) -> None:
    """Raise SiteError that lists the problems with a file, if there are any."""
    if problems:
        raise SiteError("\n".join(f"{path}: {problem}" for problem in problems))


def code_hash(code: str) -> str:
    """Return the first 12 hex digits of the SHA-256 of some code.

    White space does not count, and neither do comments that `unet-trace annotate` wrote.

    >>> code_hash("h = f(x)") == code_hash("  h  =  f(x)  # shape: (1, 8)")
    True
    """
    words = with_blanked_comments(code).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:HASH_DIGITS]


def note_problems(file: NoteFile, languages: Collection[str]) -> Iterator[str]:
    """Yield a sentence per problem with the notes of a file.

    Args:
        file: The file.
        languages: The languages that each note has to be written in.
    """
    for name, count in Counter(note.id for note in file.notes).items():
        if count > 1:
            yield f"{count} notes have the id {name!r}; every note needs its own."
    for note in file.notes:
        if (sha := code_hash(note.code)) != note.sha:
            yield (
                f"note {note.id!r}: its code has changed. Read the note again, in each language, "
                f"then write `sha: {sha}`."
            )
        missing = [one for one in languages if not note.of(one).strip()]
        if missing:
            yield f"note {note.id!r}: it has no text in {' and '.join(missing)}."
