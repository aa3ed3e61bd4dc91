"""tracer/render/tables/symbol_notes.py: what the names in formulas stand for."""

from __future__ import annotations

import pytest

from tracer.record import Symbol
from tracer.render.tables.symbol_notes import symbols_text, word_list


@pytest.mark.parametrize(
    ("words", "text"), [(["B"], "B"), (["H", "W"], "H and W"), (["D", "H", "W"], "D, H and W")]
)
def test_words_are_listed(words: list[str], text: str) -> None:
    assert word_list(words) == text


def test_equal_sizes_and_equal_steps_are_told_together() -> None:
    symbols = [Symbol("B", 1), Symbol("H", 256, 32), Symbol("W", 256, 32), Symbol("u1", 6, 0)]
    assert list(symbols_text(symbols)) == [
        "sizes: B = 1, H = W = 256 in this run; the formulas hold for any B, and H and W in steps "
        "of 32"
    ]


def test_a_trace_in_numbers_has_nothing_to_say() -> None:
    assert list(symbols_text([])) == []
    assert list(symbols_text([Symbol("H", 8, 0)])) == []
