"""A table as aligned text without colours: for pipes, files and `grep`.

A row says its whole path, so that a line found by itself still says where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from tracer.render.formats.table import Column, Table

PLAIN_GAP = "  "


def to_plain(table: Table) -> str:
    """The table, its title above and its sentences below; lines end without blanks."""
    grid = list(_grid(table)) if table.rows else []
    parts = ([table.title] if table.title else [], grid, table.summary)
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _grid(table: Table) -> Iterator[str]:
    widths = [max(map(cell_len, (column.title, *column.cells))) for column in table.columns]
    titles = [column.title for column in table.columns]
    for row in (titles, ["-" * width for width in widths], *table.rows):
        yield _line(table.columns, widths, row)


def _line(columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]) -> str:
    cells = (_padded(*cell) for cell in zip(columns, widths, row, strict=True))
    return PLAIN_GAP.join(cells).rstrip()


def _padded(column: Column, width: int, text: str) -> str:
    blank = " " * (width - cell_len(text))
    return blank + text if column.right else text + blank
