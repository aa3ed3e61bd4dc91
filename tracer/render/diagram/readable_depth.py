"""The depth to which blocks are expanded by default, so that the diagram of a model is readable.

If UNets are nested, a diagram that expands all of them goes down and up again for each, and is many
pages tall. With the inner ones closed it is a U, and each of them can be drawn by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from tracer.analysis.levels.whole_model import WholeModel
from tracer.analysis.skips import SkipLink
from tracer.record import Trace
from tracer.render.diagram.plan import DiagramPlan, plan_units
from tracer.render.tables.block_rows import rows
from tracer.render.tables.visible_rows import RowSelection

MAX_ASPECT = 3.5
"""How many times taller than wide, or wider than tall, a readable diagram is at most."""
MAX_SIDE = 3600.0
"""How wide and how tall it is at most, in points."""
MAX_BANDS_PER_LEVEL = 2.0
"""How often a readable diagram comes to each resolution level, on average. A U has one band for
each level, and UNets that follow one another share it."""
MAX_DEPTHS_TRIED = 20
"""How many depths are tried one by one; of more than these, halves are left out before."""


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
    model = WholeModel(trace, links)
    whole = plan_units(trace, model, view=view)
    if is_readable(whole):
        return None
    smallest, smallest_size = None, sum(diagram_size(whole))
    for found, plan in _shallower(trace, model, view):
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
    trace: Trace, model: WholeModel, view: RowSelection
) -> Iterator[tuple[ReadableDepth, DiagramPlan]]:
    """The depths that leave blocks closed that a whole diagram expands, the greatest first."""
    levels = {row.call: row.level for row in rows(trace) if row.call}
    expanded = model.expanded - {trace.root.call}

    def plan_at(depth: int) -> DiagramPlan:
        return plan_units(trace, model, view=replace(view, depth=depth))

    deepest = max((levels[call] for call in expanded), default=0)
    for depth in _depths_to_try(deepest, lambda depth: is_readable(plan_at(depth))):
        plan = plan_at(depth)
        closed = (unit.name for unit in plan.graph.units if unit.name in expanded)
        yield ReadableDepth(depth, next(closed, "")), plan


def _depths_to_try(deepest: int, is_readable_at: Callable[[int], bool]) -> range:
    """Every depth, the greatest first; of very many those at which the diagram gets readable.

    >>> _depths_to_try(12, lambda depth: depth <= 5), _depths_to_try(500, lambda depth: depth <= 38)
    (range(12, 0, -1), range(45, 30, -1))
    """
    readable, too_deep = 0, deepest + 1
    while too_deep - readable > MAX_DEPTHS_TRIED + 1:
        middle = (readable + too_deep) // 2
        if is_readable_at(middle):
            readable = middle
        else:
            too_deep = middle
    return range(too_deep - 1, max(readable, 1) - 1, -1)
