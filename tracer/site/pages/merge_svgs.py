"""Merges two drawings of one trace, with numbers and with formulas, into one with both texts.

Both drawings have the same boxes and lines and differ only in their text. The wider one is used,
with the text of the other beside its own; a style sheet shows one of them, by their classes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy

from tracer.render.diagram import labels
from tracer.render.diagram.node_style import EDGE_FONT_SIZE
from tracer.render.diagram.svg_elements import (
    SVG_GROUP,
    SVG_LINK,
    SVG_PATH,
    SVG_TEXT,
    SVG_TITLE,
    TOOLTIP,
    parse_svg,
    size_in_points,
    svg_text,
)

NUMBER_CLASS, FORMULA_CLASS = "ut-n", "ut-f"

ElementKey = tuple[str, int]
"""The name of a group in DOT, and its number among those of that name."""


def merge_drawings(numbers: str, formulas: str) -> str:
    """Return one SVG with the texts of two drawings.

    An element without a counterpart in the other drawing is left unchanged.

    Args:
        numbers: The SVG of a trace with numbers as sizes.
        formulas: The SVG of the same trace with formulas as sizes.
    """
    roots = parse_svg(numbers), parse_svg(formulas)
    is_numbers_wider = size_in_points(roots[0])[0] > size_in_points(roots[1])[0]
    base, other = roots if is_numbers_wider else reversed(roots)
    classes = (NUMBER_CLASS, FORMULA_CLASS) if is_numbers_wider else (FORMULA_CLASS, NUMBER_CLASS)
    counterparts = dict(_groups(other))
    for key, group in _groups(base):
        if key in counterparts:
            _merge_group(group, counterparts[key], classes)
    return svg_text(base)


def _groups(root: ET.Element) -> Iterator[tuple[ElementKey, ET.Element]]:
    """The boxes, lines and clusters of a drawing."""
    counts: Counter[str] = Counter()
    for group in root.iterfind(f"{SVG_GROUP}/{SVG_GROUP}"):
        name = group.findtext(SVG_TITLE, "")
        yield (name, counts[name]), group
        counts[name] += 1


def _merge_group(group: ET.Element, other: ET.Element, classes: tuple[str, str]) -> None:
    """Add the texts of the other group. A screen reader reads the tooltip: it has numbers alone."""
    ends = _line_ends(group)
    parents = {child: parent for parent in group.iter() for child in parent}
    for element, twin in zip(list(group.iter(SVG_TEXT)), other.iter(SVG_TEXT), strict=False):
        if twin.text != element.text:
            copy = _copy_with_text(element, twin.text or "", ends)
            _insert_after(parents[element], element, copy, classes)
    for link, twin in zip(group.iter(SVG_LINK), other.iter(SVG_LINK), strict=False):
        tooltip = (link if classes[0] == NUMBER_CLASS else twin).get(TOOLTIP)
        if tooltip:
            link.set(TOOLTIP, tooltip)


def _insert_after(
    parent: ET.Element, element: ET.Element, copy: ET.Element, classes: tuple[str, str]
) -> None:
    """Insert a copy after an element, and give each its class."""
    for each, name in zip((element, copy), classes, strict=True):
        each.set("class", name)
    parent.insert(list(parent).index(element) + 1, copy)


def _copy_with_text(element: ET.Element, text: str, ends: list[float]) -> ET.Element:
    """The element with another text; on an edge, aligned at the same end of the line."""
    copy = deepcopy(element)
    copy.text = text
    if ends:
        x = float(element.get("x", "0"))
        direction = 1 if x >= min(ends, key=lambda end: abs(end - x)) else -1
        old_width, new_width = (
            labels.text_width((line,), EDGE_FONT_SIZE) for line in (element.text or "", text)
        )
        copy.set("x", f"{x + direction * (new_width - old_width) / 2:g}")
    return copy


def _line_ends(group: ET.Element) -> list[float]:
    """The x of both ends of an edge, from left to right; empty for a box."""
    path = next(group.iter(SVG_PATH), None) if "edge" in group.get("class", "").split() else None
    if path is None:
        return []
    numbers = re.findall(r"-?[\d.]+", path.get("d", ""))
    return [float(numbers[0]), float(numbers[-2])]
