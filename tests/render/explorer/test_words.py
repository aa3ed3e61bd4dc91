"""What the explorer says is there in every language, with the same places for names and numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracer.render.explorer.map_words import MAP_WORDS
from tracer.render.explorer.words import EXPLORER_WORDS, PANE_WORDS

SOURCES = Path("tracer/render/explorer/web/src")
CALL = re.compile(r"\bword\(([^(){]*)")
KEY = re.compile(r'"(\w+)"')
PLACE = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", sorted(EXPLORER_WORDS))
def test_every_language_has_the_same_phrases_with_the_same_places(language: str) -> None:
    english, words = EXPLORER_WORDS["en"], EXPLORER_WORDS[language]
    assert words.keys() == english.keys()
    for key, phrase in words.items():
        assert sorted(PLACE.findall(phrase)) == sorted(PLACE.findall(english[key])), key


def test_no_phrase_is_written_twice() -> None:
    assert PANE_WORDS["en"].keys().isdisjoint(MAP_WORDS["en"])


def test_every_phrase_that_the_script_asks_for_is_there() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.js")]
    used = {key for text in texts for call in CALL.findall(text) for key in KEY.findall(call)}
    assert len(used) > 100
    assert used <= EXPLORER_WORDS["en"].keys()


@pytest.mark.parametrize("phrase", EXPLORER_WORDS["ko"].values())
def test_korean_has_no_choice_of_particles_after_a_place(phrase: str) -> None:
    assert not re.search(r"\}\s*[은는이가을를와과로]\b|\(으\)|이\(가\)|을\(를\)", phrase)
