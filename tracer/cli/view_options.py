"""Which rows of a table are shown: as asked for, or as it suits the format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracer.cli.output import Destination

if TYPE_CHECKING:
    from tracer.render.tables.visible_rows import RowSelection


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What the options say of rows; `fold` is None where they say nothing."""

    depth: int | None = None
    paths: tuple[str, ...] = ()
    fold: bool | None = None

    def selection(self, destination: Destination) -> RowSelection:
        """Return the rows to show in the format of a destination."""
        from tracer.render.tables.visible_rows import RowSelection

        form = destination.format
        if form.for_programs:  # every row by itself, whatever the options say
            return RowSelection(self.depth, self.paths, context=False)
        return RowSelection(self.depth, self.paths, form.folds if self.fold is None else self.fold)
