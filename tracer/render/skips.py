"""The table of skips as the data flow shows them: from which block to which, joined how."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracer.analysis.skips import SkipLink
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables import joins

NARROWING = (
    Narrowing("popped", "drop"),
    Narrowing("pushed", "drop"),
    Narrowing("joined with", "drop"),
    Narrowing("join", "drop"),
)


def skip_table(links: Sequence[SkipLink]) -> Table:
    """The skips in the order of the joins. `pushed` and `popped` are numbers of operations."""

    def column(title: str, role: ColumnRole, cell: Callable[[SkipLink], str]) -> Column:
        return Column(title, tuple(map(cell, links)), role)

    return Table(
        title=number_format.plural(len(links), "skip"),
        columns=(
            column("from", "path", lambda link: link.source or "(the model)"),
            column("to", "path", lambda link: link.target or "(the model)"),
            column("skip", "shape", lambda link: number_format.shape_of(link.value)),
            column("joined with", "shape", lambda link: number_format.shape_of(link.joined)),
            column("join", "text", lambda link: joins.kind_of([link])),
            column("h + skip = cat", "text", lambda link: joins.channels_of([link])),
            column("pushed", "number", lambda link: str(link.pushed)),
            column("popped", "number", lambda link: str(link.popped)),
        ),
        narrowing=NARROWING,
    )
