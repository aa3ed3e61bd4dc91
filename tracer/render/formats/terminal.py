"""A table for the terminal, by rich: colored, and never wider than the terminal.

Only colors that the terminal's theme defines are used, and no backgrounds, so that it can be read
on dark and on light terminals. On a narrow terminal a table first gives up columns, in the order
that it names itself, and then the ends of words; never a digit of a number.

The lines are put together here and not by `rich.table`, which takes a hundred times as long: it has
to find out how to wrap each cell, and here no cell is ever wrapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

from tracer.render.formats.registry import Records
from tracer.render.formats.table import GUIDES, Column, ColumnRole, Table, outlined

COLUMN_GAP = 2
"""Blank cells between columns."""
LEAST_WIDTH = 8
"""The least width that a column is cut to, in cells."""

HEADER_STYLE, DIM_STYLE, PLAIN_STYLE = "bold", "dim", "none"
ROLE_STYLES: dict[ColumnRole, str] = {
    "path": PLAIN_STYLE,
    "kind": "cyan",
    "shape": "green",
    "number": PLAIN_STYLE,
    "place": "magenta",
    "text": PLAIN_STYLE,
}

TextPiece = tuple[str, str]
"""A text, and the style that it is printed in."""


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the tables as a terminal shows them.

    Without a width they are as wide as the terminal, and in its colors if it has any.
    """
    if width is not None:
        return "\n".join(to_text(table, width) for table in tables)
    return "\n".join(map(_colored, tables))


def _colored(table: Table) -> str:
    console = Console()
    with console.capture() as captured:  # rich itself ends the process when a pipe is closed
        console.print(to_rich(table, console.width))
    return captured.get()


@dataclass(frozen=True)
class TableLines:
    """The lines of a table, for a rich console to print unchanged."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in _lines(self.table):
            yield from (Segment(text, console.get_style(style)) for text, style in line)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(table_width(self.table), table_width(self.table))


def to_rich(table: Table, width: int) -> RenderableType:
    """Return what a `rich.console.Console` prints for a table on a terminal of `width` cells."""
    parts: list[RenderableType] = [Text(f"{table.title}\n", HEADER_STYLE)] if table.title else []
    if table.rows:
        parts.append(TableLines(fit(outlined(table), width)))
        parts += [Text("")] if table.summary else []
    parts += [
        Text(sentence, DIM_STYLE if table.rows else PLAIN_STYLE) for sentence in table.summary
    ]
    return Group(*parts)


def to_text(table: Table, width: int) -> str:
    """Return what a terminal of `width` cells would show, without colors."""
    console = Console(file=StringIO(), width=width, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(to_rich(table, width))
    return captured.get()


def fit(table: Table, width: int) -> Table:
    """The table, made no wider than `width` cells, as far as numbers and short columns allow."""
    for step in table.narrowing:
        if table_width(table) <= width:
            break
        table = table.narrowed(step)
    return _cut(table, table_width(table) - width)


def table_width(table: Table) -> int:
    """The width of a table in terminal cells."""
    return sum(map(_column_width, table.columns)) + COLUMN_GAP * (len(table.columns) - 1)


def _column_width(column: Column) -> int:
    return max(map(cell_len, (column.title, *column.cells)))


def _cut(table: Table, excess: int) -> Table:
    """The table with its widest columns cut until the excess is gone."""
    columns = list(table.columns)
    for column in sorted(table.columns, key=_column_width, reverse=True):
        room = 0 if column.right else min(excess, _column_width(column) - LEAST_WIDTH)
        if room > 0:
            columns[columns.index(column)] = _truncated(column, _column_width(column) - room)
            excess -= room
    return replace(table, columns=tuple(columns))


def _truncated(column: Column, width: int) -> Column:
    title, *cells = (
        text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
        for text in (column.title, *column.cells)
    )
    return replace(column, title=title, cells=tuple(cells))


def _lines(table: Table) -> Iterator[Iterable[TextPiece]]:
    """The titles, a rule, and the rows."""
    widths = [_column_width(column) for column in table.columns]
    yield _line(table, widths, [[(column.title, HEADER_STYLE)] for column in table.columns])
    yield [("─" * table_width(table), DIM_STYLE)]
    for number, row in enumerate(table.rows):
        style = (
            DIM_STYLE
            if number in table.context_rows
            else HEADER_STYLE
            if number in table.group_rows
            else None
        )
        cells = [_cell(*cell, style) for cell in zip(table.columns, row, strict=True)]
        yield _line(table, widths, cells)


def _row_style(table: Table, number: int) -> str | None:
    """The style of a whole row; None where each cell has its own."""
    if number in table.context_rows:
        return DIM_STYLE
    return HEADER_STYLE if number in table.group_rows else None


def _line(
    table: Table, widths: Sequence[int], cells: Sequence[Sequence[TextPiece]]
) -> Iterator[TextPiece]:
    """The pieces of one line, with the blanks that align them, and none at its end."""
    padding = 0
    for column, width, cell in zip(table.columns, widths, cells, strict=True):
        blank = width - sum(cell_len(text) for text, _ in cell)
        yield " " * (padding + (blank if column.right else 0)), PLAIN_STYLE
        yield from cell
        padding = COLUMN_GAP + (0 if column.right else blank)


def _cell(column: Column, text: str, style: str | None) -> Sequence[TextPiece]:
    """A cell in its own style or in that of its row.

    The guides of an outline are dim, so that only the name stands out in the head of a group.
    """
    own = ROLE_STYLES[column.role]
    if not column.outline:
        return [(text, DIM_STYLE if style == DIM_STYLE else own)]
    name = text.lstrip(GUIDES)
    return [(text.removesuffix(name), DIM_STYLE), (name, style or own)]
