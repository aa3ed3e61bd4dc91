"""Results on standard output or in a file, in the format that was asked for or that fits there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.standard_streams import writing_results
from tracer.cli.stderr import report
from tracer.errors import TraceError, shown_path
from tracer.render.formats.registry import FORMATS, Format, Records, format_for
from tracer.render.formats.table import Table

FILE_WIDTH = 100
"""The width, in terminal cells, of a file that holds what a terminal would show."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a result goes, and the name of the format that was asked for, if any was."""

    form: str | None = None
    path: Path | None = None

    @property
    def format(self) -> Format:
        """What was asked for, what the suffix of the file says, or what suits standard output."""
        if self.form:
            return FORMATS[self.form]
        if self.path:
            return _format_of(self.path)
        return FORMATS["rich" if sys.stdout.isatty() else "plain"]


def table_destination(form: str | None = None, path: Path | None = None) -> Destination:
    """Return where a table goes. Raises TraceError if a suffix does not say in which format."""
    place = Destination(form, path)
    if path is not None:
        place.format  # noqa: B018 - refused before anything takes time
    return place


def _format_of(path: Path) -> Format:
    found = format_for(path)
    if found is None and path.exists() and not path.is_file():
        return FORMATS["plain"]  # a device such as /dev/stdout, or a pipe, whose name says nothing
    if found is None:
        *others, last = (suffix for one in FORMATS.values() for suffix in one.suffixes)
        raise unknown_format(path, f"{', '.join(others)} or {last}, or give --format")
    return found


def unknown_format(path: Path, known: str) -> TraceError:
    """Return the error for a file whose suffix does not say which format it is to have.

    Args:
        path: The file.
        known: The suffixes that do, for the message.
    """
    problem = (
        f'Unknown format "{path.suffix}"' if path.suffix else f'"{shown_path(path)}" has no suffix'
    )
    return TraceError(f"{problem}. Use {known}.")


def write_table(table: Table, records: Records, place: Destination) -> None:
    """Write a table, or the records that it was made from."""
    write_tables([table], records, place)


def write_tables(tables: Sequence[Table], records: Records, place: Destination) -> None:
    """Write several tables, one below the other, or the records that they were made from."""
    width = FILE_WIDTH if place.path else None
    write_text(place.format.write(tables, records, width), place.path)


def write_text(text: str, path: Path | None, counts: str = "") -> None:
    """Write a text to a file, and say so; without one, to standard output."""
    if path is None:
        with writing_results():
            click.echo(text, nl=False, color=True)  # a format itself knows whether it has colors
    else:
        write_bytes(text.encode(errors="backslashreplace"), path, counts)


def write_bytes(data: bytes, path: Path | None, counts: str = "") -> None:
    """Write bytes to a file, and say so; without one, to standard output.

    Args:
        data: The bytes.
        path: The file.
        counts: How much is in the file, for the message.
    """
    from tracer.atomic_write import write_whole

    if path is None:
        with writing_results():
            click.echo(data, nl=False)
        return
    try:
        write_whole(path, data)
    except OSError as error:
        reason = error.strerror or error
        raise TraceError(f'"{shown_path(path)}" cannot be written: {reason}.') from error
    report(f"Wrote {shown_path(path)}{counts and f': {counts}'}.")


if TYPE_CHECKING:
    from tracer.render.tables.visible_rows import RowSelection


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What the options say of rows; `fold` is None where they say nothing."""

    depth: int | None = None
    paths: tuple[str, ...] = ()
    fold: bool | None = None

    def selection(self, destination: Destination) -> RowSelection:
        """Return the rows to show in the format of a destination.

        Raises click.UsageError for folded rows in a format that holds every row by itself.
        """
        from tracer.render.tables.visible_rows import RowSelection

        form = destination.format
        if form.for_programs and self.fold:
            raise click.UsageError(
                f"--fold is for formats that people read, and {form.name} holds every row by "
                "itself: drop --fold, or choose another format."
            )
        if form.for_programs:  # every row by itself, whatever the options say
            return RowSelection(self.depth, self.paths, context=False)
        return RowSelection(self.depth, self.paths, form.folds if self.fold is None else self.fold)
