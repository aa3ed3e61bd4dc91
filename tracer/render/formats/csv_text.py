"""A table as comma-separated values (RFC 4180): for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from tracer.render.formats.registry import Records
from tracer.render.formats.table import Column, Table

SENTENCES = "text"
"""The title of the only column where a table consists of sentences."""


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the tables as comma-separated values, one below the other."""
    return "\n".join(map(to_csv, tables))


def to_csv(table: Table) -> str:
    """Return the titles and the rows; numbers are in full and without separators.

    A table without columns becomes one row per sentence.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    columns = table.columns or (Column(SENTENCES, (table.title, *table.summary)),)
    writer.writerow(column.title for column in columns)
    writer.writerows(zip(*(column.exact or column.cells for column in columns), strict=True))
    return out.getvalue()
