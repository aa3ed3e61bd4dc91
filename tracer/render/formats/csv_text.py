"""A table as comma-separated values (RFC 4180): for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from tracer.escapes import escaped_character
from tracer.render.formats.registry import Records
from tracer.render.formats.table import Column, Table

SENTENCES = "text"
"""The title of the only column where a table consists of sentences."""

FORMULA_START = re.compile(r"^(?:[=@\t\r＝＋－＠]|[+-](?!\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?$))")
"""What a spreadsheet takes for the start of a formula; a number with a sign is none."""


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the tables as comma-separated values, one below the other."""
    return "\n".join(map(to_csv, tables))


def to_csv(table: Table) -> str:
    """Return the titles and the rows; numbers are in full and without separators.

    A table without columns becomes one row per sentence. A text that a spreadsheet would take for
    a formula begins with an escape: ``\\x3dSUM(A1)``.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    columns = table.columns or (Column(SENTENCES, (table.title, *table.summary)),)
    writer.writerow(_text(column.title) for column in columns)
    cells = (map(_text, column.exact or column.cells) for column in columns)
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()


def _text(cell: str) -> str:
    return FORMULA_START.sub(lambda found: escaped_character(found[0]), cell)
