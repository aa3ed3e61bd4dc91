"""The depth to which blocks are expanded by default, so that the diagram of a model is readable.

If UNets are nested, a diagram that expands all of them goes down and up again for each, and is many
pages tall. With the inner ones closed it is a U, and each of them can be drawn by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracer.analysis.levels.expanded_blocks import find_expanded_blocks
from tracer.analysis.levels.numbered_skips import number_skips
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram.node_style import DEFAULT_STYLE
from tracer.render.diagram.plan import DiagramPlan, plan_diagram
from tracer.render.tables.block_rows import rows
from tracer.render.tables.visible_rows import RowSelection

MAX_ASPECT = 3.5
"""How many times taller than wide, or wider than tall, a readable diagram is at most."""
MAX_SIDE = 3600.0
"""How wide and how tall it is at most, in points."""
MAX_BANDS_PER_LEVEL = 2.0
"""How often a readable diagram comes to each resolution level, on average. A U has one band for
each level, and UNets that follow one another share it."""


@dataclass(frozen=True, slots=True)
class ReadableDepth:
    """A depth at which a diagram is readable, and one of the blocks that it leaves closed."""

    depth: int
    closed: str

    def sentence(self, deeper: str = "--depth {}", inside: str = "--block {}") -> str:
        """Return why the diagram ends at this depth, and how to see more.

        Args:
            deeper: How to ask for a depth, with a place for the number.
            inside: How to ask for the inside of a block, with a place for its call.

        >>> ReadableDepth(1, "down.0").sentence("depth={}", "block={}")
        'To stay readable, the diagram expands blocks to depth 1 only. To see more, use depth=2, \
or block=down.0 for the inside of one block.'
        """
        more, block = deeper.format(self.depth + 1), inside.format(self.closed)
        return (
            f"To stay readable, the diagram expands blocks to depth {self.depth} only. "
            f"To see more, use {more}, or {block} for the inside of one block."
        )


def find_readable_depth(
    trace: Trace, links: Iterable[SkipLink], view: RowSelection
) -> ReadableDepth | None:
    """Return the depth for a diagram of a whole model; None if it shows what the view selects.

    The greatest depth is taken at which the diagram is readable, or if there is none, the depth at
    which it is smallest. A view with a depth or with paths is a request, and is not changed.

    Args:
        trace: The trace of the model.
        links: Its skips.
        view: What is drawn of it.
    """
    if view.depth is not None or view.paths:
        return None
    links = tuple(links)
    whole = plan_diagram(trace, links, DEFAULT_STYLE, view)
    if is_readable(whole):
        return None
    smallest, smallest_size = None, sum(diagram_size(whole))
    for found, plan in _shallower(trace, links, view):
        if is_readable(plan):
            return found
        if sum(diagram_size(plan)) < smallest_size:
            smallest, smallest_size = found, sum(diagram_size(plan))
    return smallest


def is_readable(plan: DiagramPlan) -> bool:
    """Return whether a diagram fits a page and comes to each resolution level about once."""
    clusters = plan.layout.clusters
    levels = {cluster.level for cluster in clusters}
    shorter, longer = sorted(diagram_size(plan))
    return longer <= min(MAX_SIDE, MAX_ASPECT * shorter) and len(
        clusters
    ) <= MAX_BANDS_PER_LEVEL * len(levels)


def diagram_size(plan: DiagramPlan) -> tuple[float, float]:
    """Return the width and the height of a diagram, in points."""
    top = min((box.top for box in plan.boxes.values()), default=0.0)
    bottom = max((box.bottom for box in plan.boxes.values()), default=0.0)
    return plan.layout.right - plan.layout.left, bottom - top


def _shallower(
    trace: Trace, links: tuple[SkipLink, ...], view: RowSelection
) -> Iterator[tuple[ReadableDepth, DiagramPlan]]:
    """The depths that leave blocks closed that a whole diagram expands, the greatest first."""
    levels = {row.call: row.level for row in rows(trace) if row.call}
    skips, sizes = number_skips(trace, links), find_spatial_sizes(trace)
    expanded = [call for call in find_expanded_blocks(trace, skips, sizes) if call]
    for depth in range(max((levels[call] for call in expanded), default=0), 0, -1):
        plan = plan_diagram(trace, links, DEFAULT_STYLE, replace(view, depth=depth))
        closed = (unit.name for unit in plan.graph.units if unit.name in expanded)
        yield ReadableDepth(depth, next(closed, "")), plan
