"""tracer/render/words/table_words.py: tables in Korean."""

from __future__ import annotations

import pytest

from tests.site.left_over_english import left_over_english
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_rows import THE_MODEL
from tracer.render.tables.skip_stack import (
    FROM_INPUT,
    IN_CODE_ORDER,
    IN_MAIN_ORDER,
    NOT_REACHED,
    ON_NO_LIST,
    SKIP_FIRST,
    WITHOUT_JOIN,
)
from tracer.render.words.table_words import KOREAN, in_language
from tracer.snapshot.skip_text import MODEL_ITSELF, NOT_JOINED

FIXED = (THE_MODEL, FROM_INPUT, ON_NO_LIST, NOT_REACHED, *WITHOUT_JOIN.values())
SKIP_CELLS = (MODEL_ITSELF, NOT_JOINED)


@pytest.mark.parametrize("cell", [*FIXED, *SKIP_CELLS])
def test_what_stands_in_place_of_a_name_is_in_korean(cell: str) -> None:
    assert left_over_english(KOREAN.cell(cell), ()) == set()


@pytest.mark.parametrize("title", [IN_MAIN_ORDER, SKIP_FIRST, IN_CODE_ORDER])
def test_the_titles_of_sums_of_channels_are_in_korean(title: str) -> None:
    assert left_over_english(KOREAN.title(title), ["cat"]) == set()


@pytest.mark.parametrize(
    ("cell", "korean"),
    [
        ("(the model) and 3 more", "모델 자신 외 3개"),
        ("skip into up.0 and 12 more", "스킵 → up.0 외 12개"),
        ("down.1, 1,200 blocks", "down.1, 블록 1,200개"),
        ("size rule for H, W", "H, W의 크기 규칙"),
        ("H or W = 15", "H 또는 W = 15"),
        ("1×3×16×16, scalar", "1×3×16×16, 스칼라"),
        ("to 17 blocks", "블록 17개로"),
        ("output", "출력"),
        ("down.0", "down.0"),
    ],
)
def test_a_cell_with_a_name_or_a_number_keeps_it(cell: str, korean: str) -> None:
    assert KOREAN.cell(cell) == korean


def test_the_titles_of_two_code_bases_name_them() -> None:
    table = Table("", (Column("in Model", ("a",), "path"), Column("in", ("b",), "shape")))
    titles = [column.title for column in in_language(table, "ko").columns]
    assert titles == ["이름: Model", "입력"]


def test_a_table_in_english_is_as_it_was_made() -> None:
    table = Table("", (Column("block", ("(the model)",), "path"),), ("A sentence.",))
    assert in_language(table, "en") is table
    assert in_language(table, "ko").summary == ()
