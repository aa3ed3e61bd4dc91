"""The colors of a diagram that is a file of its own: those of the site's light theme.

A page colors its diagrams by their classes, light or dark. A file has no style sheet, so its colors
are written into it.
"""

from __future__ import annotations

from tracer.render.diagram.node_style import Attributes

MUTED_COLOR, LINE_COLOR, BORDER_COLOR, SKIP_COLOR = "#565d6d", "#59627a", "#d5d9e2", "#96407a"
RESAMPLING = {"fillcolor": "#def1e3", "color": "#2b653e"}
PALETTE: dict[str, Attributes] = {
    "convolution": {"fillcolor": "#e6edfa", "color": "#3f5689"},
    "attention": {"fillcolor": "#fdebc8", "color": "#855800"},
    "down": RESAMPLING,
    "up": RESAMPLING,
    "plain": {"fillcolor": "#f0f0f4", "color": "#5a6070"},
    "join": {"color": LINE_COLOR},
    "operation": {"color": LINE_COLOR},
    "flow": {"color": LINE_COLOR},
    "skip": {"color": SKIP_COLOR, "fontcolor": SKIP_COLOR},
    "level": {"fillcolor": "#f6f7fa", "color": BORDER_COLOR, "fontcolor": MUTED_COLOR},
    "stub": {"fontcolor": MUTED_COLOR},
}
"""The color attributes of each class; of several classes, the first one listed here counts."""


def with_colors(attributes: Attributes) -> Attributes:
    """Return the attributes with the colors of their class; the style is filled where it has one.

    >>> with_colors({"class": "flow"})
    {'class': 'flow', 'color': '#59627a'}
    """
    classes = attributes.get("class", "").split()
    colors = next((PALETTE[name] for name in classes if name in PALETTE), {})
    if "fillcolor" not in colors:
        return attributes | colors
    style = ",".join(filter(None, (attributes.get("style"), "filled")))
    return attributes | colors | {"style": style}
