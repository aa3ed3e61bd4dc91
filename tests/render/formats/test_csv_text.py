"""tracer/render/formats/csv_text.py: a table as comma-separated values."""

from __future__ import annotations

import csv
import io

from tests.example import example
from tracer.render.formats.csv_text import to_csv
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_shapes import shape_table


def test_numbers_are_exact_and_the_rest_is_quoted_where_it_must_be() -> None:
    table = Table(
        "left out",
        (
            Column("block", ("mid.attn",), "path", outline=("└ attn",)),
            Column("in", ("1×8, 1×2",), "shape", short=("1×8 +1",)),
            Column("parameters", ("(1,088)",), "number", exact=("1088",)),
        ),
        ("left out",),
    )
    assert to_csv(table) == 'block,in,parameters\nmid.attn,"1×8, 1×2",1088\n'


def test_what_is_read_back_is_the_table() -> None:
    table = shape_table(example())
    read = list(csv.DictReader(io.StringIO(to_csv(table))))
    assert [row["block"] for row in read] == list(table.columns[0].cells)
    assert sum(int(row["parameters"]) for row in read if row["block"] == "ToyUNet") == 33259


def test_a_table_without_rows_has_its_titles() -> None:
    assert to_csv(Table("", (Column("from", ()), Column("to", ())))) == "from,to\n"
