"""What is shown of a trace, as it was asked for or as it suits the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.cli.output import Destination

if TYPE_CHECKING:
    from tracer.render.tables.visible_rows import RowSelection

DATA = {"csv", "json"}
"""Forms for programs: every row by itself, whatever was said, and none that only leads there."""
READ = {"rich", "markdown", "html"}
"""Forms for people, in which blocks fold; plain text is for `grep` too, and holds every path."""


def view_of(
    depth: int | None, paths: tuple[str, ...], fold: bool | None, place: Destination
) -> RowSelection:
    """The view for a place; `fold` is None where nothing was said about it."""
    from tracer.render.tables.visible_rows import RowSelection

    form = place.table_form
    if form in DATA:
        return RowSelection(depth, paths, context=False)
    return RowSelection(depth, paths, form in READ if fold is None else fold)
