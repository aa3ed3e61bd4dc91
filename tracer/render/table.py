"""A table for the terminal, by rich: coloured, and never wider than the terminal.

Only the sixteen colours that a terminal's theme defines are used, and no row of another
background, so that it reads on a dark and on a light ground. A terminal that is too narrow gets
fewer columns and shorter cells, in the order that the table names.
"""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from tracer.render.grid import Column, Role, Table, outlined

GAP = 2
"""Blank cells between two columns."""

STYLES: dict[Role, str] = {
    "path": "",
    "kind": "cyan",
    "shape": "green",
    "number": "",
    "place": "magenta",
    "text": "",
}
HEAD = "bold"
GUIDES = "│├└─ "


def to_rich(table: Table, width: int) -> RenderableType:
    """What a `rich.console.Console` prints for a table on a terminal of `width` cells."""
    fitted = fit(outlined(table), width)
    parts: list[RenderableType] = [Text(table.title, HEAD)] if table.title else []
    if fitted.rows:
        parts.append(_grid(fitted))
    parts += [Text(sentence, "dim") for sentence in table.summary]
    return Group(*parts)


def fit(table: Table, width: int) -> Table:
    """The table, narrowed as often as it takes to be no wider than `width` cells, if it can be."""
    for step in table.narrowing:
        if breadth(table) <= width:
            break
        table = table.narrowed(step)
    return table


def breadth(table: Table) -> int:
    """How many cells of a terminal the table is wide."""
    widths = (max(map(cell_len, (column.title, *column.cells))) for column in table.columns)
    return sum(widths) + GAP * (len(table.columns) - 1)


def _grid(table: Table) -> RichTable:
    # the divider of the box and the padding on its right make the gap
    grid = RichTable(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0),
        header_style=HEAD,
        border_style="dim",
    )
    for column in table.columns:
        _add_column(grid, column)
    for number, row in enumerate(table.rows):
        first, *others = (_cell(*pair) for pair in zip(table.columns, row, strict=True))
        first.stylize(HEAD if number in table.heads else "", _indent(first.plain))
        grid.add_row(first, *others)
    return grid


def _add_column(grid: RichTable, column: Column) -> None:
    grid.add_column(
        column.title,
        justify="right" if column.right else "left",
        style=STYLES[column.role],
        no_wrap=True,
        overflow="ellipsis",
    )


def _cell(column: Column, text: str) -> Text:
    """The text of a cell, never read as markup; the guides of an outline stand back."""
    cell = Text(text)
    if column.outline:
        cell.stylize("dim", 0, _indent(text))
    return cell


def _indent(text: str) -> int:
    """How many cells the guides take."""
    return len(text) - len(text.lstrip(GUIDES))
