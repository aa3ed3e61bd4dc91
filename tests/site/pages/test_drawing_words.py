"""tracer/site/pages/drawing_words.py: the labels of a drawing in each language."""

from __future__ import annotations

from tracer.site.pages.drawing_words import translate_drawing
from tracer.site.pages.words import EN, KO

DRAWING = (
    '<g aria-label="conv_in -&gt; up.0: skip 1: 1×8, cat 1×16"><text>skip 1: 1×8</text></g>'
    '<g aria-label="output: 1×8"><text>output</text></g>'
    "<text>to 22 blocks</text><text>to up.0.proj</text><text>output.0</text>"
)


def test_a_drawing_in_english_is_left_as_it_is() -> None:
    assert translate_drawing(DRAWING, EN) == DRAWING


def test_a_drawing_in_korean_keeps_the_names_of_blocks_and_operations() -> None:
    assert translate_drawing(DRAWING, KO) == (
        '<g aria-label="conv_in -&gt; up.0: 스킵 1: 1×8, cat 1×16"><text>스킵 1: 1×8</text></g>'
        '<g aria-label="출력: 1×8"><text>출력</text></g>'
        "<text>→ 블록 22개</text><text>→ up.0.proj</text><text>output.0</text>"
    )
