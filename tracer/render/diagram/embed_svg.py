"""A diagram as part of an HTML page: Graphviz's SVG without colors, fixed sizes or raw tooltips.

Colors come from the page's style sheet, by the classes in the SVG. ``xlink:href`` is kept, because
scripts of themes that load pages dynamically do not handle a plain ``href`` inside an SVG.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tracer.render.diagram.svg_elements import (
    HREF,
    SVG_GROUP,
    SVG_LINK,
    SVG_POLYGON,
    SVG_TITLE,
    TOOLTIP,
    XML_SPACE,
    parse_svg,
    size_in_points,
    svg_text,
)

PIXELS_PER_POINT = 4 / 3


def inline_svg(drawing: str, prefix: str) -> str:
    """Return a drawing as one line of HTML.

    Args:
        drawing: The SVG that Graphviz drew.
        prefix: Put before every id, so that several diagrams fit on one page.
    """
    root = parse_svg(drawing)
    _limit_width(root)
    _remove_background(root)
    for element in root.iter():
        _set_title(element)
        element.attrib.pop(XML_SPACE, None)
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.get('id')}")
    return "".join(line.strip() for line in svg_text(root).splitlines())


def _limit_width(root: ET.Element) -> None:
    """Let the drawing shrink with the page; the style sheet sets the minimum width."""
    width, _ = size_in_points(root)
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("style", f"max-width:{width * PIXELS_PER_POINT:.0f}px")


def _remove_background(root: ET.Element) -> None:
    """Remove the white rectangle behind the drawing."""
    for group in root.findall(SVG_GROUP):
        for polygon in group.findall(SVG_POLYGON):
            if polygon.get("fill") == "white":
                group.remove(polygon)


def _set_title(element: ET.Element) -> None:
    """Title a group with its tooltip where it has one, never with its name in DOT."""
    if element.tag != SVG_GROUP:
        return
    title = element.find(SVG_TITLE)
    anchor = element.find(f"{SVG_GROUP}/{SVG_LINK}")
    tooltip = anchor.attrib.pop(TOOLTIP, None) if anchor is not None else None
    if title is not None and tooltip:
        title.text = tooltip
    elif title is not None:
        element.remove(title)
    if anchor is not None and tooltip:
        _set_accessible_name(element, anchor, tooltip)


def _set_accessible_name(element: ET.Element, anchor: ET.Element, tooltip: str) -> None:
    """Name a link for screen readers; an anchor without an address becomes an image."""
    if HREF in anchor.attrib:
        anchor.set("aria-label", tooltip)
    else:
        anchor.tag = SVG_GROUP
        element.set("role", "img")
        element.set("aria-label", tooltip)
