"""What is shown of a trace, as it was asked for or as it suits the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.cli.output import Place

if TYPE_CHECKING:
    from tracer.render.listing import View

DATA = {"csv", "json"}
"""Forms for programs: every row by itself, whatever was said, and none that only leads there."""
READ = {"rich", "markdown", "html"}
"""Forms for people, in which blocks fold; plain text is for `grep` too, and holds every path."""


def view_of(depth: int | None, paths: tuple[str, ...], fold: bool | None, place: Place) -> View:
    """The view for a place; `fold` is None where nothing was said about it."""
    from tracer.render.listing import View

    form = place.table_form
    if form in DATA:
        return View(depth, paths, context=False)
    return View(depth, paths, form in READ if fold is None else fold)
