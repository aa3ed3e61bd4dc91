"""The column that names the line of source where something happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from tracer.render.formats.table import Column

CodeLine = tuple[str | None, int | None]
"""A file and a line; None where it was not recorded."""


def place_column(title: str, places: Sequence[CodeLine]) -> Column:
    """Return a column of lines such as `model.py:483`.

    On a narrow page it shows `:483` below the title `line`, if all lines are in one file.
    """
    files = {file for file, _ in places if file}
    one_file = len(files) == 1
    lines = tuple(f":{line}" if line else "" for _, line in places)
    return Column(
        title,
        tuple(_written(PurePath(file).name if file else "", line) for file, line in places),
        "place",
        short=lines if one_file else (),
        short_title="line" if one_file else "",
        exact=tuple(_written(file, line) for file, line in places),
    )


def _written(file: str | None, line: int | None) -> str:
    return f"{file}:{line}" if file and line else ""
