"""Results on standard output or in a file, in the form that was asked for or that fits there."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.errors import TraceError

if TYPE_CHECKING:
    from tracer.render.formats.table import Table

SUFFIXES = {".md": "markdown", ".csv": "csv", ".json": "json", ".html": "html"}
Records = Sequence[Any] | Mapping[str, Any]
FILE_WIDTH = 100
"""Cells of a terminal, for what is written to a file as it would be shown in one."""


@dataclass(frozen=True, slots=True)
class Destination:
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


def write_table(table: Table, records: Records, place: Destination) -> None:
    """Write a table; as JSON, the records that it was made from."""
    write_tables([table], records, place)


def write_tables(tables: Sequence[Table], records: Records, place: Destination) -> None:
    """Write several tables, one below the other; as JSON, the records that they were made from."""
    form = place.table_form
    if form == "rich" and place.path is None:
        sys.stdout.write("\n".join(map(_coloured, tables)))
    elif form == "json":
        from tracer.render.formats.json_text import to_json_text

        write_text(to_json_text(records), place.path)
    elif form == "html":
        from tracer.render.formats.html import page

        write_text(page(tables), place.path)
    else:
        write_text("\n".join(_text(table, form) for table in tables), place.path)


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


def _text(table: Table, form: str) -> str:
    match form:
        case "csv":
            from tracer.render.formats.csv_text import to_csv

            return to_csv(table)
        case "markdown":
            from tracer.render.formats.markdown import to_markdown

            return to_markdown(table)
        case "rich":
            from tracer.render.formats.terminal import to_text

            return to_text(table, FILE_WIDTH)
        case _:
            from tracer.render.formats.plain import to_plain

            return to_plain(table)


def _coloured(table: Table) -> str:
    """The table for the terminal, with its colours if it has any."""
    from rich.console import Console

    from tracer.render.formats.terminal import to_rich

    console = Console()
    with console.capture() as captured:  # rich itself ends the process when a pipe is closed
        console.print(to_rich(table, console.width))
    return captured.get()
