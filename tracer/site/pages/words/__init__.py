"""The phrases of generated parts, in each language."""

from __future__ import annotations

from tracer.site.pages.words.english import EN
from tracer.site.pages.words.korean import KO
from tracer.site.pages.words.phrases import Words

__all__ = ["EN", "KO", "WORDS", "Words"]

WORDS = {"en": EN, "ko": KO}
