"""The glossary: the words of the site in each of its languages, ``docs/glossary.yaml``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from msgspec import Struct

from tracer.site.content.site_config import Text
from tracer.site.content.yaml_file import read_yaml
from tracer.site.errors import SiteError


class GlossaryTerm(Struct, frozen=True, forbid_unknown_fields=True):
    """One term. `choice` says why this form, where several compete."""

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
    """The terms in a file. Raises SiteError when it is not as it should be."""
    terms = read_yaml(path, Glossary).terms
    twice = [name for name, times in Counter(term.id for term in terms).items() if times > 1]
    if twice:
        raise SiteError(f"{path}: more than one term has the id {', '.join(twice)}.")
    return terms
