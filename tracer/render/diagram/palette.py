"""Colours for a picture that stands alone: those that the site has by day.

A page colours its pictures itself, light or dark, by their classes. A file has nobody to do that.
"""

from __future__ import annotations

from tracer.render.diagram.node_style import Attributes

TEXT_COLOR, QUIET, LINE, RULE_COLOR, SKIP_COLOR = (
    "#1c2230",
    "#565d6d",
    "#59627a",
    "#d5d9e2",
    "#96407a",
)
RESAMPLING = {"fillcolor": "#def1e3", "color": "#2b653e"}
PALETTE: dict[str, Attributes] = {
    "convolution": {"fillcolor": "#e6edfa", "color": "#3f5689"},
    "attention": {"fillcolor": "#fdebc8", "color": "#855800"},
    "down": RESAMPLING,
    "up": RESAMPLING,
    "plain": {"fillcolor": "#f0f0f4", "color": "#5a6070"},
    "join": {"color": LINE},
    "operation": {"color": LINE},
    "flow": {"color": LINE},
    "skip": {"color": SKIP_COLOR, "fontcolor": SKIP_COLOR},
    "level": {"fillcolor": "#f6f7fa", "color": RULE_COLOR, "fontcolor": QUIET},
    "stub": {"fontcolor": QUIET},
}
"""By class; of several, the first that is here."""


def in_colour(attributes: Attributes) -> Attributes:
    """What is drawn, in the colours of its class; the ground is filled where a class has one."""
    names = attributes.get("class", "").split()
    colours = next((PALETTE[name] for name in names if name in PALETTE), {})
    if "fillcolor" not in colours:
        return attributes | colours
    style = ",".join(filter(None, (attributes.get("style"), "filled")))
    return attributes | colours | {"style": style}
