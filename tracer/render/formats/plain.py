"""A table as aligned text without colors: for pipes, files and `grep`.

Each row shows its whole path, so that a line that `grep` finds still says where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from tracer.render.formats.registry import Records
from tracer.render.formats.table import Column, Table

PLAIN_GAP = "  "


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the tables as aligned text, one below the other."""
    return "\n".join(map(to_plain, tables))


def to_plain(table: Table) -> str:
    """Return a table with its title above and its sentences below; no line ends with blanks."""
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
    padding = " " * (width - cell_len(text))
    return padding + text if column.right else text + padding
