"""tracer/render/tables/tree_guides.py: the guides of an indented list."""

from __future__ import annotations

from tracer.render.tables.block_columns import outline


def test_guides_show_where_a_row_stands() -> None:
    levels = [0, 1, 1, 2, 3, 2, 1, 2]
    assert outline(levels, list("abcdefgh")) == (
        "a",
        "├ b",
        "├ c",
        "│ ├ d",
        "│ │ └ e",
        "│ └ f",
        "└ g",
        "  └ h",
    )


def test_rows_without_a_tree_have_no_guides() -> None:
    assert outline([0, 0], ["a", "b"]) == ("a", "b")


def test_nothing_is_outlined_as_nothing() -> None:
    assert outline([], []) == ()
