"""A table in Markdown, as GitHub and Python-Markdown read it: for pages and pull requests."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.render.formats.table import Column, ColumnRole, Table

CODE_FENCE: frozenset[ColumnRole] = frozenset({"path", "kind", "place"})
"""What is set as code: names that stand in a source file."""

SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]|"} | {"<": "&lt;", "\n": " "})


def to_markdown(table: Table) -> str:
    """The table, its title in bold above, its sentences as a list below."""
    title = f"**{_escaped(table.title)}**" if table.title else ""
    summary = "\n".join(f"- {_escaped(sentence)}" for sentence in table.summary)
    grid = "\n".join(_grid(table)) if table.rows else ""
    return "\n\n".join(part for part in (title, grid, summary) if part) + "\n"


def _grid(table: Table) -> Iterable[str]:
    yield _line(_escaped(column.title) for column in table.columns)
    yield _line("---:" if column.right else "---" for column in table.columns)
    for row in table.rows:
        yield _line(map(_cell, table.columns, row))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, text: str) -> str:
    if column.role not in CODE_FENCE or not text or "`" in text:
        return _escaped(text)
    # inside code nothing is special but the bar, which would end the cell
    inside = text.replace("|", "\\|")
    return f"`{inside}`"


def _escaped(text: str) -> str:
    return text.translate(SPECIAL)
