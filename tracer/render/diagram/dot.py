"""The DOT source of a trace: a whole model as a U, or the inside of one block.

The outline of a box shows what the block does: an octagon is attention, a trapezium changes the
resolution, a plain box has convolutions, a rounded box does none of these. The source has no
colors unless a `Style` adds them; ids and classes are there for style sheets and scripts.
"""

from __future__ import annotations

from collections.abc import Iterable

import graphviz

from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace
from tracer.render.diagram.block_diagram import block_digraph
from tracer.render.diagram.node_style import DEFAULT_STYLE, Style
from tracer.render.diagram.u_diagram import u_digraph
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection


def digraph(
    trace: Trace,
    block: str | None = None,
    *,
    links: Iterable[SkipLink] | None = None,
    style: Style = DEFAULT_STYLE,
    view: RowSelection = ALL_ROWS,
) -> graphviz.Digraph:
    """Draw a model, or the inside of one of its blocks, as a Graphviz graph.

    Args:
        trace: The trace to draw, with numbers or with formulas as shapes.
        block: The call of the block to draw the inside of; None draws the whole model.
        links: The skips of the trace; None computes them.
        style: Adds links and colors to what is drawn.
        view: Its depth says how many levels of blocks are expanded. Units outside its paths are
            drawn only where they are one end of an edge.

    Returns:
        The graph; its DOT text is the attribute `source`.

    Raises:
        KeyError: The trace has no such block.
        TraceError: A pattern in `view.paths` matches no block.

    Example:
        >>> from tracer.record import Block, Step, Trace, Value
        >>> x, y = (Value(name, (1, 8, 4, 4), "float32") for name in "xy")
        >>> conv = Block("conv", "conv", "Conv2d", (x,), (y,), 584, 584, 0, 1)
        >>> root = Block("", "", "Net", (x,), (y,), 584, 0, 0, 1, (conv,))
        >>> trace = Trace("Net", (x,), (y,), (Step("conv2d", (x,), (y,), "conv"),), root)
        >>> "n_input_x -> n_conv" in digraph(trace).source
        True
    """
    if block is not None:
        return block_digraph(trace, block, style, view)
    return u_digraph(trace, skips(trace) if links is None else tuple(links), style, view)
