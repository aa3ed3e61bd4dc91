"""tracer/render/tables/source_column.py: the column of source lines."""

from __future__ import annotations

from tracer.render.tables.source_column import place_column


def test_a_place_is_a_file_without_its_folder_and_a_line() -> None:
    column = place_column("at", [("ldm/modules/model.py", 483), (None, None)])
    assert column.cells == ("model.py:483", "")
    assert column.exact == ("ldm/modules/model.py:483", "")


def test_in_one_file_the_line_is_enough() -> None:
    column = place_column("at", [("model.py", 483), ("model.py", 5), (None, None)])
    assert column.short == (":483", ":5", "")
    assert column.short_title == "line"


def test_in_several_files_a_line_alone_would_mislead() -> None:
    column = place_column("at", [("model.py", 483), ("blocks.py", 5)])
    assert column.short == ()
    assert column.short_title == ""
