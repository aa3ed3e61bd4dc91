"""tracer/site/words: the phrases of both languages."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from string import Formatter

import pytest

from tracer.site.content.site_config import LANGUAGES
from tracer.site.pages import words
from tracer.site.pages.words import EN, KO, WORDS, Words

SITE = Path(words.__file__).parents[1]


def phrases(words: Words) -> dict[str, str]:
    """All phrases by name, those of a group behind the name of the group."""
    found: dict[str, str] = {}
    for name, phrase in asdict(words).items():
        group = phrase.items() if isinstance(phrase, dict) else [("", phrase)]
        found |= {f"{name}.{part}".rstrip("."): text for part, text in group}
    return found


PHRASES = sorted(phrases(EN))


def places(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_every_language_of_the_site_has_words() -> None:
    assert tuple(WORDS) == LANGUAGES


@pytest.mark.parametrize("name", PHRASES)
def test_both_languages_have_the_same_placeholders(name: str) -> None:
    en, ko = phrases(EN)[name], phrases(KO)[name]
    assert en.strip()
    assert ko.strip()
    assert places(en) == places(ko)


def test_korean_sentences_are_polite() -> None:
    sentences = [
        sentence
        for phrase in phrases(KO).values()
        for sentence in re.split(r"(?<=\.) ", phrase)
        if sentence.endswith(".")
    ]
    assert sentences
    assert [text for text in sentences if not re.search(r"니다(: \{names\})?\.$", text)] == []


def test_every_phrase_is_used() -> None:
    files = [*SITE.rglob("*.py"), *SITE.rglob("*.j2")]
    used = {
        name
        for path in files
        for name in re.findall(r"words\.(\w+)", path.read_text(encoding="utf-8"))
    }
    assert set(asdict(EN)) - used == set()
