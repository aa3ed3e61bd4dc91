"""The words that generated parts of pages are made of, in each language."""

from __future__ import annotations

from tracer.site.words.english import EN
from tracer.site.words.korean import KO
from tracer.site.words.phrases import Words

__all__ = ["EN", "KO", "WORDS", "Words"]

WORDS = {"en": EN, "ko": KO}
