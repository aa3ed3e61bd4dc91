"""The picture of a trace for Graphviz: a whole model as a ladder, or the inside of one block.

What a box does is shown by its outline: an octagon is attention, a trapezium changes the
resolution, a plain box convolves, a rounded one does none of these. Colours are a matter of the
style; ids and classes are there for a style sheet and for scripts.
"""

from __future__ import annotations

from collections.abc import Iterable

import graphviz

from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace
from tracer.render.diagram.block_diagram import block_digraph
from tracer.render.diagram.node_style import PLAIN_NODE, Style
from tracer.render.diagram.u_diagram import ladder_digraph
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection


def digraph(
    trace: Trace,
    block: str | None = None,
    *,
    links: Iterable[SkipLink] | None = None,
    style: Style = PLAIN_NODE,
    view: RowSelection = ALL_ROWS,
) -> graphviz.Digraph:
    """The picture of a model or, with the call of a block, of what happens inside that block.

    `links` are the skips of the trace where they are known already. Of a `view`, the depth says how
    deep blocks are looked into, and what is not on its paths is drawn only where a flow comes from
    or goes there. The text is in `source`.

    Raises KeyError for a block that is not in the trace, TraceError for a pattern no block fits.
    """
    if block is not None:
        return block_digraph(trace, block, style, view)
    return ladder_digraph(trace, skips(trace) if links is None else tuple(links), style, view)
