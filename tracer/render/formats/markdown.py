"""A table in Markdown, as GitHub and Python-Markdown read it: for pages and pull requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.render.formats.registry import Records
from tracer.render.formats.table import Column, ColumnRole, Table

CODE_SPANS: frozenset[ColumnRole] = frozenset({"path", "kind", "place"})
"""The roles whose cells are code spans: names that a source file contains."""

ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]|"} | {"<": "&lt;", "\n": " "})


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the tables in Markdown, one below the other."""
    return "\n".join(map(to_markdown, tables))


def to_markdown(table: Table) -> str:
    """Return a table with its title in bold above it and its sentences as a list below."""
    title = f"**{_escaped(table.title)}**" if table.title else ""
    summary = "\n".join(f"- {_escaped(sentence)}" for sentence in table.summary)
    grid = "\n".join(_grid(table)) if table.rows else ""
    return "\n\n".join(part for part in (title, grid, summary) if part) + "\n"


def _grid(table: Table) -> Iterator[str]:
    yield _line(_escaped(column.title) for column in table.columns)
    yield _line("---:" if column.right else "---" for column in table.columns)
    for row in range(len(table.rows)):
        yield _line(_cell(column, row) for column in table.columns)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, row: int) -> str:
    """The text of a cell, and the address that it leads to."""
    text, address = _text(column, column.cells[row]), column.link(row)
    return f"[{text}](<{address}>)" if text and address else text


def _text(column: Column, text: str) -> str:
    if column.role not in CODE_SPANS or not text or "`" in text:
        return _escaped(text)
    # in a code span only the bar is special: it would end the cell
    code = text.replace("|", "\\|")
    return f"`{code}`"


def _escaped(text: str) -> str:
    return text.translate(ESCAPES)
