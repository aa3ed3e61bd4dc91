"""The list of output formats: everything that knows which formats there are asks here.

To add a format, write a module of this package with a function `write`, and add one line to
`FORMATS`. The command's options, the choice by the suffix of a file and the tests follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import Any

from tracer.render.formats.table import Table

Records = Sequence[Any] | Mapping[str, Any]
"""The data that tables were made from, for formats that programs read."""

Writer = Callable[[Sequence[Table], Records, int | None], str]
"""Writes tables, or their records, as text.

The number is the width of the text in terminal cells; None is the terminal that standard output
is, in its colors. Only formats whose lines have a limit look at it.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """One output format.

    Attributes:
        name: What the option --format calls it.
        writer: A function, or the name of a module whose function `write` it is. A module is only
            imported when something is written.
        suffixes: The suffixes of the files that hold it.
        folds: Whether blocks that repeat are one row unless asked otherwise.
        for_programs: Whether programs read it: every row by itself, and no row for context.
        one_table: Whether a text holds a single table.
    """

    name: str
    writer: Writer | str
    suffixes: tuple[str, ...] = ()
    folds: bool = False
    for_programs: bool = False
    one_table: bool = False

    def write(self, tables: Sequence[Table], records: Records, width: int | None) -> str:
        """Return tables, or their records, as text in this format.

        >>> from tracer.render.formats.table import Column
        >>> table = Table("Shapes", (Column("out", ("1×8×32×32",), "shape"),))
        >>> print(FORMATS["csv"].write([table], [], None), end="")
        out
        1×8×32×32
        """
        writer = self.writer
        if isinstance(writer, str):
            writer = import_module(f"{__package__}.{writer}").write
        return writer(tables, records, width)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("rich", "terminal", folds=True),
        Format("plain", "plain", (".txt",)),
        Format("markdown", "markdown", (".md",), folds=True),
        Format("html", "html", (".html",), folds=True),
        Format("csv", "csv_text", (".csv",), for_programs=True, one_table=True),
        Format("json", "json_text", (".json",), for_programs=True),
    )
}
"""Every format by its name, in the order in which help texts list them."""


def format_for(path: PurePath) -> Format | None:
    """The format that the suffix of a file stands for; None if it stands for none.

    >>> format_for(PurePath("shapes.md")).name, format_for(PurePath("shapes.tsv"))
    ('markdown', None)
    """
    return next((one for one in FORMATS.values() if path.suffix.lower() in one.suffixes), None)
