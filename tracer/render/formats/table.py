"""The one Table: what every table is before it becomes text, Markdown, CSV, HTML or a page.

`tracer.render.tables` decides what a table says, and what a narrow page may leave out. The other
modules of this package, which `registry` lists, decide what it looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from tracer.escapes import is_readable, readable, visible

ColumnRole = Literal["path", "kind", "shape", "number", "place", "text"]
"""What a column holds: block paths, classes, shapes, numbers, lines of source, or words."""

WHOLE_ROLES: frozenset[ColumnRole] = frozenset({"shape", "number"})
"""The roles whose cells are never shortened: they hold no names."""

GUIDES = "│├└ "
"""The characters that an outline puts in front of a name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Every field but the titles and the role has one item per row, or is empty where the column has
    nothing of that kind. No text in it holds hidden characters, whatever it was made with, and long
    words are shortened in the middle; `exact` has them whole.

    Attributes:
        title: What stands above the cells.
        cells: The text of each cell.
        role: What the cells hold; it decides alignment, color and font.
        outline: The cells of an indented page: guides, and the last part of a path.
        short: The cells of a narrow page.
        short_title: The title above `short`, if it differs.
        exact: The cells for a program: numbers in full and without separators.
        formulas: The cells with formulas in place of numbers, for pages that can switch.
        links: The address that each cell leads to. A link without text is shown as an icon.
        link_title: What the links of the column are for.
        bars: How much of a full bar each cell stands for, in percent.
    """

    title: str
    cells: tuple[str, ...]
    role: ColumnRole = "text"
    outline: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    short_title: str = ""
    exact: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    links: tuple[str | None, ...] = ()
    link_title: str = ""
    bars: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Makes every text readable."""
        texts = (self.title, *self.cells, *self.outline, *self.short, *self.exact, *self.formulas)
        others = (self.short_title, self.link_title, *(link or "" for link in self.links))
        if all(map(is_readable, (*texts, *others))):
            return
        whole = tuple(map(visible, self.cells))
        form = visible if self.role in WHOLE_ROLES else readable
        fields = {
            "title": readable(self.title),
            "cells": tuple(map(form, self.cells)),
            "outline": tuple(map(form, self.outline)),
            "short": tuple(map(form, self.short)),
            "short_title": readable(self.short_title),
            "formulas": tuple(map(visible, self.formulas)),
            "links": tuple(link and visible(link) for link in self.links),
            "link_title": readable(self.link_title),
        }
        is_shortened = fields["cells"] != whole
        fields["exact"] = tuple(map(visible, self.exact)) or (whole if is_shortened else ())
        for name, field in fields.items():
            object.__setattr__(self, name, field)

    @property
    def right(self) -> bool:
        """Whether the cells are aligned to the right, as numbers are."""
        return self.role == "number"

    def link(self, row: int) -> str | None:
        """The address that a cell leads to."""
        return self.links[row] if self.links else None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One way to make a table narrower: shorten a column, or leave it out.

    It applies to the columns titled `title` or `other`. A column that was shortened goes by its
    short title.
    """

    title: str
    how: Literal["shorten", "drop"]
    other: str | None = None

    def applies_to(self, column: Column) -> bool:
        """Whether it shortens this column, or leaves it out."""
        return column.title in {self.title, self.other}


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length, a title above and sentences below.

    Attributes:
        title: What the table is about; it may have several lines.
        columns: The columns, from left to right. The first one names the rows.
        summary: Sentences below the table. A table without rows may consist of them alone.
        narrowing: What a page that is too narrow gives up, the least important first.
        group_rows: The numbers of the rows that head others, as a group of blocks does.
        context_rows: The numbers of the rows that are only there to lead to others.
        anchors: The name of each row on a page, by which links reach it.
    """

    title: str
    columns: tuple[Column, ...]
    summary: tuple[str, ...] = ()
    narrowing: tuple[Narrowing, ...] = ()
    group_rows: frozenset[int] = frozenset()
    context_rows: frozenset[int] = frozenset()
    anchors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Makes the title and the sentences readable."""
        object.__setattr__(self, "title", readable(self.title, keep_newlines=True))
        summary = (readable(sentence, keep_newlines=True) for sentence in self.summary)
        object.__setattr__(self, "summary", tuple(summary))

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The cells, row by row."""
        return tuple(zip(*(column.cells for column in self.columns), strict=True))

    def column(self, title: str) -> Column:
        """The column of that title. Raises KeyError where there is none."""
        for column in self.columns:
            if column.title == title:
                return column
        raise KeyError(title)

    def with_fields(self, title: str, **fields: Any) -> Table:
        """This table with other fields of the column of that title, if there is one.

        >>> table = Table("", (Column("block", ("mid",), "path"),))
        >>> table.with_fields("block", links=("#mid",)).column("block").link(0)
        '#mid'
        """
        changed = (
            replace(column, **fields) if column.title == title else column
            for column in self.columns
        )
        return replace(self, columns=tuple(changed))

    def narrowed(self, step: Narrowing) -> Table:
        """This table after one narrowing."""
        columns = self.columns
        if step.how == "drop":
            columns = tuple(column for column in columns if not step.applies_to(column))
        else:
            columns = tuple(
                _shortened(column) if step.applies_to(column) else column for column in columns
            )
        return replace(self, columns=columns)


def outlined(table: Table) -> Table:
    """The table as an indented page shows it: outlines in place of full paths."""
    columns = (replace(column, cells=column.outline or column.cells) for column in table.columns)
    return replace(table, columns=tuple(columns))


def with_formulas(table: Table, formulas: Table) -> Table:
    """A table whose cells also know their formulas.

    Args:
        table: The table of a trace in numbers.
        formulas: The same table of the same trace in formulas, with the same rows.

    >>> numbers = Table("", (Column("out", ("1×8×32×32",), "shape"),))
    >>> symbolic = Table("", (Column("out", ("B × 8 × H × W",), "shape"),))
    >>> with_formulas(numbers, symbolic).column("out").formulas
    ('B × 8 × H × W',)
    """
    return replace(table, columns=tuple(_with_formulas(table.columns, formulas)))


def _with_formulas(columns: tuple[Column, ...], formulas: Table) -> Iterator[Column]:
    known = {column.title: column.cells for column in formulas.columns}
    for column in columns:
        cells = known.get(column.title, column.cells)
        yield replace(column, formulas=cells) if cells != column.cells else column


def translated(table: Table, titles: Mapping[str, str], cells: Mapping[str, str]) -> Table:
    """The table in another language; it is no longer narrowed.

    Args:
        table: The table in English.
        titles: The titles of columns by their English titles.
        cells: The texts of cells by their English texts; other cells are the same in any language.

    >>> table = Table("", (Column("block", ("(the model)", "mid"), "path"),))
    >>> translated(table, {"block": "블록"}, {"(the model)": "모델"}).rows
    (('모델',), ('mid',))
    """
    columns = (
        replace(
            column,
            title=titles.get(column.title, column.title),
            short_title="",
            cells=tuple(cells.get(cell, cell) for cell in column.cells),
        )
        for column in table.columns
    )
    return replace(table, columns=tuple(columns), narrowing=())


def _shortened(column: Column) -> Column:
    title = column.short_title or column.title
    return replace(column, title=title, cells=column.short or column.cells)
