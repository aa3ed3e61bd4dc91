"""Two ladders side by side in one SVG, with what differs marked in both.

Where a difference begins the outline is thick, where it only follows thin; what the other model has
not is dashed. So nothing depends on telling the colours apart.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracer.render.diagram import labels
from tracer.render.diagram.inline_svg import SVG, SVG_GROUP, TITLE, XLINK
from tracer.snapshot.diff import Comparison, Difference
from tracer.snapshot.diff.call_names import enclosing_calls

PICTURE_GAP, TITLE_HEIGHT, FOOT, PICTURE_MARGIN = 24.0, 26.0, 22.0, 8.0
"""Points between the pictures, above and below them, and beside words."""
CHANGE_COLORS = {"added": "#0072b2", "removed": "#d55e00"}
CHANGED_CLASS = "#b36b00"
THICK, THIN, DASHES = "2.6", "1.2", "6,3"
LEGEND = "Thick: a difference begins here. Thin: it only follows. Dashed: the other has it not."


@dataclass(frozen=True, slots=True)
class Picture:
    """The SVG of a ladder, and what stands above it."""

    svg: bytes
    title: str


def side_by_side(before: Picture, after: Picture, comparison: Comparison) -> str:
    """Both pictures as one SVG. The differences are marked at the blocks that are drawn."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    roots = [ET.fromstring(picture.svg) for picture in (before, after)]
    for side, (root, names) in enumerate(zip(roots, _names(comparison), strict=True)):
        _mark(root, names)
        _prefix(root, "ab"[side])
    widths, heights = zip(*map(_size, roots), strict=True)
    whole = _whole(sum(widths) + PICTURE_GAP, max(heights) + TITLE_HEIGHT + FOOT)
    for root, picture, left in zip(
        roots, (before, after), (0.0, widths[0] + PICTURE_GAP), strict=True
    ):
        _write(whole, picture.title, left + PICTURE_MARGIN, TITLE_HEIGHT - PICTURE_MARGIN)
        place = f"translate({left:g} {TITLE_HEIGHT:g})"
        ET.SubElement(whole, SVG_GROUP, transform=place).extend(list(root))
    _write(whole, LEGEND, PICTURE_MARGIN, max(heights) + TITLE_HEIGHT + FOOT - PICTURE_MARGIN)
    return ET.tostring(whole, encoding="unicode") + "\n"


def _names(comparison: Comparison) -> tuple[dict[str, Difference], dict[str, Difference]]:
    """By the name that a block has on either side, what to mark there, beginnings above all."""
    before: dict[str, Difference] = {}
    after: dict[str, Difference] = {}
    other_names = comparison.layers is not None  # there, each block has one
    for one in sorted(comparison.differences, key=lambda one: one.begins):
        if other_names and one.change == "renamed":
            continue
        if one.change != "added":
            before[comparison.old_names.get(one.name, one.name)] = one
        if one.change != "removed":
            after[one.name] = one
    return before, after


def _mark(root: ET.Element, names: Mapping[str, Difference]) -> None:
    """Outline the boxes of blocks that differ, and the edges of skips."""
    boxes = {group.get("id", ""): group for group in root.iter(SVG_GROUP)}
    for name, one in names.items():
        if one.part == "skip":
            for edge in _skips_into(root, name):
                _outline(edge, one)
        elif one.part == "block":
            around = (labels.identifier(call) for call in (name, *enclosing_calls(name)))
            box = next((boxes[found] for found in around if found in boxes), None)
            if box is not None:
                _outline(box, one)


def _skips_into(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """The edges of skips that end at a block."""
    end = f"->{labels.identifier(name)}"
    for group in root.iter(SVG_GROUP):
        title = group.findtext(TITLE) or ""
        if "skip" in group.get("class", "") and title.endswith(end):
            yield group


def _outline(group: ET.Element, one: Difference) -> None:
    group.set("class", f"{group.get('class')} {one.change}")
    shapes = (f"{{{SVG}}}{name}" for name in ("polygon", "path", "ellipse"))
    for shape in [element for tag in shapes for element in group.iter(tag)]:
        shape.set("stroke", CHANGE_COLORS.get(one.change, CHANGED_CLASS))
        shape.set("stroke-width", THICK if one.begins else THIN)
        if one.change in CHANGE_COLORS:
            shape.set("stroke-dasharray", DASHES)


def _prefix(root: ET.Element, side: str) -> None:
    """Keep the ids of the two pictures apart."""
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{side}-{element.get('id')}")


def _size(root: ET.Element) -> tuple[float, float]:
    """The width and height of a picture in points."""
    width, height = (float(root.get(side, "0").removesuffix("pt")) for side in ("width", "height"))
    return width, height


def _whole(width: float, height: float) -> ET.Element:
    box = f"0 0 {width:g} {height:g}"
    root = ET.Element(f"{{{SVG}}}svg", width=f"{width:g}pt", height=f"{height:g}pt", viewBox=box)
    ET.SubElement(root, f"{{{SVG}}}rect", width="100%", height="100%", fill="white")
    return root


def _write(root: ET.Element, text: str, x: float, y: float) -> None:
    place = {"x": f"{x:g}", "y": f"{y:g}", "font-family": "Helvetica,sans-serif"}
    ET.SubElement(root, f"{{{SVG}}}text", {**place, "font-size": "10"}).text = text
