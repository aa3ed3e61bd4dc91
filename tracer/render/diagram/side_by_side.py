"""The diagrams of two models side by side in one SVG, with the differences marked in both.

A thick outline is where a difference begins, a thin one only follows from it, and a dashed one is
missing in the other model. So nothing depends on telling colors apart.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracer.render.diagram import labels
from tracer.render.diagram.svg_elements import (
    SVG,
    SVG_ELLIPSE,
    SVG_GROUP,
    SVG_PATH,
    SVG_POLYGON,
    SVG_TEXT,
    SVG_TITLE,
    parse_svg,
    size_in_points,
    svg_text,
)
from tracer.snapshot.diff import Comparison, Difference
from tracer.snapshot.diff.call_names import enclosing_calls

DIAGRAM_GAP, TITLE_HEIGHT, LEGEND_HEIGHT, TEXT_MARGIN = 24.0, 26.0, 22.0, 8.0
"""Points between the diagrams, above and below them, and beside text."""
CHANGE_COLORS = {"added": "#0072b2", "removed": "#d55e00"}
DEFAULT_CHANGE_COLOR = "#b36b00"
THICK, THIN, DASHES = "2.6", "1.2", "6,3"
LEGEND = (
    "Thick: a difference begins here. Thin: follows from another difference. "
    "Dashed: missing in the other model."
)


@dataclass(frozen=True, slots=True)
class TitledSvg:
    """The SVG of a diagram, and the title above it."""

    svg: bytes
    title: str


def draw_side_by_side(before: TitledSvg, after: TitledSvg, comparison: Comparison) -> str:
    """Return both diagrams as one SVG, with every difference marked at the blocks drawn.

    Args:
        before: The diagram of the first model.
        after: The diagram of the second model.
        comparison: The differences between the two.
    """
    roots = [parse_svg(diagram.svg) for diagram in (before, after)]
    for side, (root, names) in enumerate(zip(roots, _marks(comparison), strict=True)):
        _mark_differences(root, names)
        _prefix_ids(root, "ab"[side])
    widths, heights = zip(*map(size_in_points, roots), strict=True)
    whole = _canvas(sum(widths) + DIAGRAM_GAP, max(heights) + TITLE_HEIGHT + LEGEND_HEIGHT)
    for root, diagram, left in zip(
        roots, (before, after), (0.0, widths[0] + DIAGRAM_GAP), strict=True
    ):
        _write(whole, diagram.title, left + TEXT_MARGIN, TITLE_HEIGHT - TEXT_MARGIN)
        position = f"translate({left:g} {TITLE_HEIGHT:g})"
        ET.SubElement(whole, SVG_GROUP, transform=position).extend(list(root))
    legend_y = max(heights) + TITLE_HEIGHT + LEGEND_HEIGHT - TEXT_MARGIN
    _write(whole, LEGEND, TEXT_MARGIN, legend_y)
    return svg_text(whole) + "\n"


def _marks(comparison: Comparison) -> tuple[dict[str, Difference], dict[str, Difference]]:
    """What to mark in either diagram, by block name; root causes replace what follows from them."""
    before: dict[str, Difference] = {}
    after: dict[str, Difference] = {}
    every_block_renamed = comparison.layers is not None
    for difference in sorted(comparison.differences, key=lambda difference: difference.begins):
        if every_block_renamed and difference.change == "renamed":
            continue
        if difference.change != "added":
            name = comparison.old_names.get(difference.name, difference.name)
            before[difference.old_name or name] = difference
        if difference.change != "removed":
            after[difference.name] = difference
    return before, after


def _mark_differences(root: ET.Element, marks: Mapping[str, Difference]) -> None:
    """Mark the boxes of blocks that differ, and the edges of skips.

    A difference inside a block that the diagram does not expand marks the box of that block.
    """
    groups = {group.get("id", ""): group for group in root.iter(SVG_GROUP)}
    for name, difference in marks.items():
        calls = [name, *enclosing_calls(name)]
        marked: list[ET.Element] = []
        if difference.part == "skip":
            marked = list(_skips_into(root, calls.pop(0)))
        if not marked and difference.part in {"block", "skip"}:
            ids = map(labels.identifier, calls)
            marked = [groups[found] for found in ids if found in groups][:1]
        for group in marked:
            _mark(group, difference)


def _skips_into(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """The edges of skips that end at a block."""
    end = f"->{labels.identifier(name)}"
    for group in root.iter(SVG_GROUP):
        title = group.findtext(SVG_TITLE) or ""
        if "skip" in group.get("class", "") and title.endswith(end):
            yield group


def _mark(group: ET.Element, difference: Difference) -> None:
    group.set("class", f"{group.get('class')} {difference.change}")
    for tag in (SVG_POLYGON, SVG_PATH, SVG_ELLIPSE):
        for shape in group.iter(tag):
            shape.set("stroke", CHANGE_COLORS.get(difference.change, DEFAULT_CHANGE_COLOR))
            shape.set("stroke-width", THICK if difference.begins else THIN)
            if difference.change in CHANGE_COLORS:
                shape.set("stroke-dasharray", DASHES)


def _prefix_ids(root: ET.Element, prefix: str) -> None:
    """Make the ids of the two diagrams distinct."""
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.get('id')}")


def _canvas(width: float, height: float) -> ET.Element:
    box = f"0 0 {width:g} {height:g}"
    root = ET.Element(f"{{{SVG}}}svg", width=f"{width:g}pt", height=f"{height:g}pt", viewBox=box)
    ET.SubElement(root, f"{{{SVG}}}rect", width="100%", height="100%", fill="white")
    return root


def _write(root: ET.Element, text: str, x: float, y: float) -> None:
    attributes = {"x": f"{x:g}", "y": f"{y:g}", "font-family": "Helvetica,sans-serif"}
    ET.SubElement(root, SVG_TEXT, {**attributes, "font-size": "10"}).text = text
