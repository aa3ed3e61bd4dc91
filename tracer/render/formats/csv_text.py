"""A table as comma-separated values (RFC 4180): for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
import io

from tracer.render.formats.table import Table


def to_csv(table: Table) -> str:
    """The titles and the rows; numbers are whole and without separators."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.title for column in table.columns)
    cells = (column.exact or column.cells for column in table.columns)
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()
