"""The glossary: the terms of the site in each language, ``docs/glossary.yaml``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from msgspec import Struct

from tracer.errors import SiteError
from tracer.site.content.site_config import Text
from tracer.site.content.yaml_file import read_yaml


class GlossaryTerm(Struct, frozen=True, forbid_unknown_fields=True):
    """One term. `choice` explains why this translation is used where several are common."""

    id: str
    en: str
    ko: str
    definition: Text
    choice: Text | None = None

    def of(self, language: str) -> str:
        """The term in one language."""
        word: str = getattr(self, language)
        return word


class Glossary(Struct, frozen=True, forbid_unknown_fields=True):
    """All terms, in the order of the page."""

    terms: tuple[GlossaryTerm, ...]


def read_glossary(path: Path) -> tuple[GlossaryTerm, ...]:
    """Returns the terms in a file. Raises SiteError if a field is wrong or an id is used twice."""
    terms = read_yaml(path, Glossary).terms
    counts = Counter(term.id for term in terms)
    if repeated := [name for name, count in counts.items() if count > 1]:
        raise SiteError(f"{path}: more than one term has the id {', '.join(repeated)}.")
    return terms
