"""Phrases with Korean particles, whose form depends on how the word before them is read.

A phrase names both forms as the format of a field: ``{name:과/와} 같은 값``. The first is the one
after a final consonant. In other languages a field has no such format, and nothing is added to it.
"""

from __future__ import annotations

import re
from string import Formatter

PARTICLE_PAIRS = frozenset({"은/는", "이/가", "을/를", "과/와", "으로/로"})
"""The particles that a field may ask for."""
LETTERS_WITH_FINAL_L = frozenset("LR")
LETTERS_WITH_FINAL = frozenset("LMNR")
"""Letters of the alphabet that are read with a final consonant, such as 엘, 엠, 엔 and 알."""
DIGITS_WITH_FINAL_L = frozenset("178")
DIGITS_WITH_FINAL = frozenset("013678")
"""Digits that end in a consonant: 영, 일, 삼, 육, 칠, 팔. So do 십, 백, 천 and 만 for a final 0."""
WORD_WITH_FINAL_L = re.compile(r"le?$")
WORD_WITH_FINAL = re.compile(r"([lmn]e?|ng|ck|(?<![aeiou])[aeiou][bckpt])$")
"""English words that Korean writes with a final consonant: 네임, 타일, 블록, 스텝."""
LAST_WORD = re.compile(r"[^\W\d_]+$")
HANGUL = range(0xAC00, 0xD7A4)
FINALS = 28
FINAL_L = 8
"""The forms of a Hangul syllable per initial and vowel, and the one with a final ㄹ."""


def with_particle(word: str, forms: str) -> str:
    """Return a word with the form of a particle that fits it.

    Args:
        word: A name, a number or a word. White space and marks at its end do not count.
        forms: Both forms, such as ``과/와``; the first is the one after a final consonant.

    Raises:
        ValueError: There is no such particle.

    >>> [with_particle(word, "과/와") for word in ("H", "M", "10", "32", "`name`", "블록")]
    ['H와', 'M과', '10과', '32와', '`name`과', '블록과']
    """
    if forms not in PARTICLE_PAIRS:
        raise ValueError(f"{forms!r} is none of the particles {', '.join(sorted(PARTICLE_PAIRS))}.")
    after_consonant, after_vowel = forms.split("/")
    has_final, is_l = _final(re.sub(r"[\W_]+$", "", word))
    takes_first = has_final and not (is_l and after_vowel == "로")
    return f"{word}{after_consonant if takes_first else after_vowel}"


def fill(phrase: str, **values: object) -> str:
    """Return a phrase with its fields filled in, and each particle in the form that fits.

    >>> fill("{name:과/와} 같은 값: {rule}", name="L", rule="제한 없음")
    'L과 같은 값: 제한 없음'
    >>> fill("equal to {name}", name="L")
    'equal to L'
    """
    return _PhraseFormatter().format(phrase, **values)


class _PhraseFormatter(Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        if "/" in format_spec:
            return with_particle(str(value), format_spec)
        text: str = super().format_field(value, format_spec)
        return text


def _final(word: str) -> tuple[bool, bool]:
    """Whether a word is read with a final consonant, and whether that is ㄹ."""
    last = word[-1:]
    if last and ord(last) in HANGUL:
        final = (ord(last) - HANGUL.start) % FINALS
        return final > 0, final == FINAL_L
    if last.isdecimal():
        return last in DIGITS_WITH_FINAL, last in DIGITS_WITH_FINAL_L
    found = LAST_WORD.search(word)
    letters = found[0] if found else ""
    if len(letters) == 1 or letters.isupper():  # read letter by letter
        return last.upper() in LETTERS_WITH_FINAL, last.upper() in LETTERS_WITH_FINAL_L
    return bool(WORD_WITH_FINAL.search(letters)), bool(WORD_WITH_FINAL_L.search(letters))
