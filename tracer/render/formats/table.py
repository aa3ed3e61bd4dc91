"""A table of strings: what every table of this package is before it is written down.

Who makes a table decides what it says, and what a narrow page may leave out; the writers (`table`
for the terminal, `plain`, `markdown`, `csv_text`) decide what it looks like.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

ColumnRole = Literal["path", "kind", "shape", "number", "place", "text"]
"""What a column holds: a block, a class, shapes, numbers, a line of source, or words."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. The other forms of its cells, where there are any, are as many as the cells.

    `outline` is for a page where rows are indented: guides, and the last part of a path. `short`
    is for a narrow page, below a `short_title` if there is one, `exact` for a program (a number
    without separators).
    """

    title: str
    cells: tuple[str, ...]
    role: ColumnRole = "text"
    outline: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    short_title: str = ""
    exact: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the cells stand at the right edge, as numbers do."""
        return self.role == "number"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One way to make a table narrower: shorten a column, or leave it out.

    It is about all columns of that title, and of the other; one that was shortened goes by its
    short title.
    """

    title: str
    how: Literal["shorten", "drop"]
    other: str | None = None

    def is_about(self, column: Column) -> bool:
        """Whether it shortens this column, or leaves it out."""
        return column.title in {self.title, self.other}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, a title above and sentences below.

    `narrowing` lists what a page that is too narrow gives up, the least missed first. `heads` are
    the numbers of the rows that stand above others, as a group of blocks does; `faint` are those of
    rows that are there to lead to others.
    """

    title: str
    columns: tuple[Column, ...]
    summary: tuple[str, ...] = ()
    narrowing: tuple[Narrowing, ...] = ()
    heads: frozenset[int] = frozenset()
    faint: frozenset[int] = frozenset()

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells, row by row."""
        return tuple(zip(*(column.cells for column in self.columns), strict=True))

    def narrowed(self, step: Narrowing) -> Table:
        """This table after one narrowing."""
        kept = self.columns
        if step.how == "drop":
            kept = tuple(column for column in kept if not step.is_about(column))
        else:
            kept = tuple(_short(column) if step.is_about(column) else column for column in kept)
        return replace(self, columns=kept)


def outlined(table: Table) -> Table:
    """The table as an indented page shows it: outlines in place of full paths."""
    columns = (replace(column, cells=column.outline or column.cells) for column in table.columns)
    return replace(table, columns=tuple(columns))


def _short(column: Column) -> Column:
    title = column.short_title or column.title
    return replace(column, title=title, cells=column.short or column.cells)
