"""A map of a document as SVG that nothing has to draw: for print, and where no script runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import hypot
from typing import Any

from tracer.render.diagram.edge_routing import ARROW_LENGTH, Point
from tracer.render.diagram.node_style import EDGE_FONT_SIZE, NODE_FONT_SIZE
from tracer.render.words.table_words import label_in_language

LINE_HEIGHT_OF_BOX = 12.0
ARROW_WIDTH = 2.5
"""Half of it, in points."""
PIXELS = 4 / 3
CORNER = 5.0
CUT = 0.12
"""How much of its width a trapezium is narrower at either side of its lower end."""
OCTAGON = 0.29


def map_svg(drawn: Mapping[str, Any], dims: Sequence[str], name: str, lang: str = "en") -> str:
    """Return a map as an SVG element whose colors come from the style sheet around it.

    Args:
        drawn: One of the maps of a document.
        dims: The sizes of the document.
        name: What a screen reader calls it.
        lang: The language of its labels.
    """
    width, height = drawn["width"], drawn["height"]
    parts = (
        *(_level(one, dims) for one in drawn["levels"]),
        *(_edge(one, lang) for one in drawn["edges"]),
        *(_unit(one, lang) for one in drawn["units"]),
    )
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(name)}" style="max-width:{width * PIXELS:.0f}px" '
        f'font-size="{NODE_FONT_SIZE:g}" text-anchor="middle">'
    )
    return f"{opening}{''.join(parts)}</svg>"


def _level(level: Mapping[str, Any], dims: Sequence[str]) -> str:
    left, right, top, bottom = (level[side] for side in ("left", "right", "top", "bottom"))
    sizes = "×".join(dims[number] for number in level["sizes"])
    corners = f"{left:g},{top:g} {right:g},{top:g} {right:g},{bottom:g} {left:g},{bottom:g}"
    lines = _text_lines((sizes, level["ratio"]), (left + 6, (top + bottom) / 2), "start")
    return f'<g class="cluster"><polygon points="{corners}"/>{lines}</g>'


def _unit(unit: Mapping[str, Any], lang: str) -> str:
    center = unit["x"], unit["y"]
    name, texts = unit["name"], unit["lines"]
    if unit["outline"] == "end":  # others have the names of blocks and operations
        name = label_in_language(unit["label"] if unit["kind"] == "stub" else name, lang)
        texts = [label_in_language(one, lang) for one in texts]
    title = f"<title>{escape(name)}</title>"
    lines = _text_lines(texts, center)
    return f'<g class="unit {unit["outline"]}">{title}{_outline(unit)}{lines}</g>'


def _outline(unit: Mapping[str, Any]) -> str:
    x, y, width, height = (unit[key] for key in ("x", "y", "width", "height"))
    left, top = x - width / 2, y - height / 2
    kind = unit["outline"]
    if kind == "end":
        return ""
    if kind in {"join", "operation"}:
        return (
            f'<ellipse cx="{x:g}" cy="{y:g}" rx="{width / 2:g}" ry="{height / 2:g}" fill="none"/>'
        )
    if kind == "attention":
        return _polygon(_octagon(left, top, width, height))
    if kind in {"down", "up"}:
        cut = CUT * width
        lower = (left + width - cut, top + height), (left + cut, top + height)
        return _polygon([(left, top), (left + width, top), *lower])
    corner = f' rx="{CORNER:g}"' if kind == "plain" else ""
    if corner:  # the style sheet colors paths and polygons
        return f'<path d="{_rounded(left, top, width, height)}"/>'
    right, bottom = left + width, top + height
    return _polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def _octagon(left: float, top: float, width: float, height: float) -> list[Point]:
    cut = OCTAGON * height
    right, bottom = left + width, top + height
    return [
        (left + cut, top),
        (right - cut, top),
        (right, top + cut),
        (right, bottom - cut),
        (right - cut, bottom),
        (left + cut, bottom),
        (left, bottom - cut),
        (left, top + cut),
    ]


def _rounded(left: float, top: float, width: float, height: float) -> str:
    inner_width, inner_height = width - 2 * CORNER, height - 2 * CORNER
    arc = f"a{CORNER:g},{CORNER:g} 0 0 1"
    return (
        f"M{left + CORNER:.1f},{top:.1f}h{inner_width:.1f}{arc} {CORNER:g},{CORNER:g}"
        f"v{inner_height:.1f}{arc} -{CORNER:g},{CORNER:g}h{-inner_width:.1f}"
        f"{arc} -{CORNER:g},-{CORNER:g}v{-inner_height:.1f}{arc} {CORNER:g},-{CORNER:g}z"
    )


def _polygon(points: Sequence[Point]) -> str:
    return f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _edge(edge: Mapping[str, Any], lang: str) -> str:
    points = edge["points"]
    kind = "edge skip" if edge["skips"] else "edge"
    dashes = ' stroke-dasharray="5,3"' if edge["skips"] else ""
    line = f'<path d="{_curve(points)}" fill="none"{dashes}/>'
    return f'<g class="{kind}">{line}{_arrow(points)}{"".join(_labels(edge, lang))}</g>'


def _curve(points: Sequence[Point]) -> str:
    (x, y), *others = points
    return f"M{x:g},{y:g}C" + " ".join(f"{x:g},{y:g}" for x, y in others)


def _arrow(points: Sequence[Point]) -> str:
    """The head of an arrow, whose tip is the end of the curve."""
    x, y = points[-1]
    before = next(((a, b) for a, b in reversed(points) if (a, b) != (x, y)), (x, y - 1))
    length = hypot(x - before[0], y - before[1]) or 1.0
    along = (x - before[0]) / length, (y - before[1]) / length
    base = x - along[0] * ARROW_LENGTH, y - along[1] * ARROW_LENGTH
    side = -along[1] * ARROW_WIDTH, along[0] * ARROW_WIDTH
    left, right = (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1])
    return _polygon([(x, y), left, right])


def _labels(edge: Mapping[str, Any], lang: str) -> Iterator[str]:
    for label, place in (("push_label", "push_at"), ("join_label", "join_at")):
        if edge[label] and edge[place]:
            x, y = edge[place]
            baseline = y + EDGE_FONT_SIZE / 3
            text = escape(label_in_language(edge[label], lang))
            yield f'<text x="{x:g}" y="{baseline:g}" font-size="{EDGE_FONT_SIZE:g}">{text}</text>'


def _text_lines(lines: Sequence[str], center: Point, anchor: str = "") -> str:
    """Lines of text around a point."""
    x, y = center
    first = y - (len(lines) - 1) * LINE_HEIGHT_OF_BOX / 2 + NODE_FONT_SIZE / 3
    side = f' text-anchor="{anchor}"' if anchor else ""
    return "".join(
        f'<text x="{x:g}" y="{first + number * LINE_HEIGHT_OF_BOX:.1f}"{side}>{escape(text)}</text>'
        for number, text in enumerate(lines)
    )
