"""Rectangles, texts and paths of a drawing, and the figure that it is.

Colors are classes, which the style sheet of the site defines for light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup


def rectangle(x: float, y: float, width: float, height: float, classes: str) -> str:
    """Return a rectangle."""
    return f'<rect class="{classes}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'


def label(x: float, y: float, text: str, classes: str = "", anchor: str = "middle") -> str:
    """Return a text. `anchor` is the end of it that is at `x`: start, middle or end."""
    return (
        f'<text class="{classes}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def circle(x: float, y: float, radius: float, classes: str) -> str:
    """Return a circle."""
    return f'<circle class="{classes}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def figure(
    shapes: Iterable[str], size: tuple[float, float], *, name: str, title: str, caption: str
) -> Markup:
    """Return a figure with a drawing.

    Args:
        shapes: The elements of the drawing.
        size: Its width and height.
        name: The anchor of the figure.
        title: What a screen reader says in place of the drawing.
        caption: What stands below it.
    """
    width, height = size
    return Markup(
        f'<figure class="ut-figure ut-drawing" id="{name}">'
        f'<div class="ut-scroll" tabindex="0" role="region" aria-label="{escape(title)}">'
        f'<svg role="img" viewBox="0 0 {width:g} {height:g}" aria-label="{escape(title)}">'
        f"{''.join(shapes)}</svg></div><figcaption>{caption}</figcaption></figure>"
    )
