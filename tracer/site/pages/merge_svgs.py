"""One drawing with the words of two: of the same trace in numbers and in formulas.

Both drawings have the same boxes and lines, only other words in them. The wider one is kept, with
the words of the other beside its own; a style sheet shows one or the other by their classes.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy

from tracer.render.diagram import labels
from tracer.render.diagram.inline_svg import LINK, SVG, TITLE, TOOLTIP, XLINK
from tracer.render.diagram.node_style import EDGE_SIZE

TEXT_TAG, PATH, MERGED_GROUP = f"{{{SVG}}}text", f"{{{SVG}}}path", f"{{{SVG}}}g"
NUMBER_PATTERN, FORMULAS = "ut-n", "ut-f"

ElementKey = tuple[str, int]
"""The name of a group in DOT, and its number among those of that name."""


def relettered(numbers: str, formulas: str) -> str:
    """The SVG of a drawing with the words of both.

    What the other drawing has no counterpart of is left as it is.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    roots = ET.fromstring(numbers), ET.fromstring(formulas)
    wide = _width(roots[0]) > _width(roots[1])
    base, other = roots if wide else reversed(roots)
    classes = (NUMBER_PATTERN, FORMULAS) if wide else (FORMULAS, NUMBER_PATTERN)
    counterparts = dict(_groups(other))
    for key, group in _groups(base):
        if key in counterparts:
            _join(group, counterparts[key], classes)
    return ET.tostring(base, encoding="unicode")


def _width(root: ET.Element) -> float:
    return float(root.get("width", "0").removesuffix("pt"))


def _groups(root: ET.Element) -> Iterator[tuple[ElementKey, ET.Element]]:
    """The boxes, lines and bands of a drawing."""
    times: Counter[str] = Counter()
    for group in root.iterfind(f"{MERGED_GROUP}/{MERGED_GROUP}"):
        name = group.findtext(TITLE, "")
        yield (name, times[name]), group
        times[name] += 1


def _join(group: ET.Element, other: ET.Element, classes: tuple[str, str]) -> None:
    """Add the words of the other, and let the tooltip say both."""
    ends = _ends(group)
    parents = {child: parent for parent in group.iter() for child in parent}
    for element, twin in zip(list(group.iter(TEXT_TAG)), other.iter(TEXT_TAG), strict=False):
        if twin.text != element.text:
            moved = _moved(element, twin.text or "", ends)
            _add(parents[element], element, moved, classes)
    for link, twin in zip(group.iter(LINK), other.iter(LINK), strict=False):
        said = dict.fromkeys(filter(None, (one.get(TOOLTIP) for one in (link, twin))))
        link.set(TOOLTIP, "; ".join(said if classes[0] == NUMBER_PATTERN else reversed(said)))


def _add(
    parent: ET.Element, element: ET.Element, twin: ET.Element, classes: tuple[str, str]
) -> None:
    """Put a twin behind an element, each with its class."""
    for one, name in zip((element, twin), classes, strict=True):
        one.set("class", name)
    parent.insert(list(parent).index(element) + 1, twin)


def _moved(element: ET.Element, text: str, ends: list[float]) -> ET.Element:
    """The element with another text; on a line it begins or ends where the first one did."""
    twin = deepcopy(element)
    twin.text = text
    if ends:
        x = float(element.get("x", "0"))
        away = 1 if x >= min(ends, key=lambda end: abs(end - x)) else -1
        before, after = (labels.room((word,), EDGE_SIZE) for word in (element.text or "", text))
        twin.set("x", f"{x + away * (after - before) / 2:g}")
    return twin


def _ends(group: ET.Element) -> list[float]:
    """Where the line of an edge begins and ends, from left to right; nothing for a box."""
    path = next(group.iter(PATH), None) if "edge" in group.get("class", "").split() else None
    if path is None:
        return []
    numbers = re.findall(r"-?[\d.]+", path.get("d", ""))
    return [float(numbers[0]), float(numbers[-2])]
