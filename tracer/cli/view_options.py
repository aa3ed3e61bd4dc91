"""Which rows of a trace are shown: what was asked for, or what suits the format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.cli.output import Destination

if TYPE_CHECKING:
    from tracer.render.tables.visible_rows import RowSelection


def view_of(
    depth: int | None, paths: tuple[str, ...], fold: bool | None, place: Destination
) -> RowSelection:
    """Returns the rows to show in the format of a destination.

    Formats that programs read hold every row by itself and no rows for context, whatever the other
    options say.

    Args:
        depth: The number of levels below the model; None shows all.
        paths: Patterns for the blocks to show; none shows all.
        fold: Whether blocks that repeat are one row; None leaves it to the format.
        place: Where the rows go.
    """
    from tracer.render.tables.visible_rows import RowSelection

    if place.format.for_programs:
        return RowSelection(depth, paths, context=False)
    return RowSelection(depth, paths, place.format.folds if fold is None else fold)
