"""tracer/render/skips.py: the table of skips."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example, links
from tracer.render.skips import skip_table


def test_a_row_says_from_where_to_where_and_how() -> None:
    assert skip_table(links(example())).rows[1] == (
        "down.0.block",
        "up.0.block.0",
        "1×8×16×16",
        "1×16×16×16",
        "cat",
        "16 + 8 = 24",
        "7",
        "37",
    )


def test_the_model_itself_has_a_name() -> None:
    (row,) = skip_table([replace(links(example())[0], source="", target="")]).rows
    assert row[:2] == ("(the model)", "(the model)")


def test_the_title_counts() -> None:
    assert skip_table(links(example())).title == "3 skips"
    assert skip_table(()).rows == ()
