"""Results on standard output or in a file, in the form that was asked for or that fits there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.errors import TraceError

if TYPE_CHECKING:
    from tracer.render.grid import Table

SUFFIXES = {".md": "markdown", ".csv": "csv", ".json": "json"}
FILE_WIDTH = 100
"""Cells of a terminal, for what is written to a file as it would be shown in one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result goes, and the form that was asked for, if any was."""

    form: str | None = None
    path: Path | None = None

    @property
    def table_form(self) -> str:
        """The form of a table: what was asked for, what the suffix says, or what fits the place."""
        if self.form:
            return self.form
        if self.path:
            return SUFFIXES.get(self.path.suffix, "plain")
        return "rich" if sys.stdout.isatty() else "plain"


def write_table(table: Table, records: Sequence[Any], place: Place) -> None:
    """Write a table; as JSON, the records that it was made from."""
    form = place.table_form
    if form == "rich" and place.path is None:
        _print_rich(table)
    else:
        write_text(_text(table, records, form), place.path)


def write_text(text: str, path: Path | None) -> None:
    """Write a text to a file or, without one, to standard output."""
    if path is None:
        click.echo(text, nl=False)
    else:
        write_bytes(text.encode(), path)


def write_bytes(data: bytes, path: Path | None) -> None:
    """The same for what is no text."""
    from tracer.store import write_whole

    if path is None:
        click.echo(data, nl=False)
        return
    try:
        write_whole(path, data)
    except OSError as error:
        raise TraceError(f'"{path}" cannot be written: {error.strerror}.') from error


def _text(table: Table, records: Sequence[Any], form: str) -> str:
    match form:
        case "json":
            from tracer.render.json_text import to_json_text

            return to_json_text(records)
        case "csv":
            from tracer.render.csv_text import to_csv

            return to_csv(table)
        case "markdown":
            from tracer.render.markdown import to_markdown

            return to_markdown(table)
        case "rich":
            return _rich_text(table)
        case _:
            from tracer.render.plain import to_plain

            return to_plain(table)


def _print_rich(table: Table) -> None:
    from rich.console import Console

    from tracer.render.table import to_rich

    console = Console()
    console.print(to_rich(table, console.width))


def _rich_text(table: Table) -> str:
    """What a terminal would show, without colours."""
    from rich.console import Console

    from tracer.render.table import to_rich

    console = Console(file=StringIO(), width=FILE_WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(to_rich(table, FILE_WIDTH))
    return captured.get()
