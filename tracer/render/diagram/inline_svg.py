"""A diagram as part of a page: Graphviz's SVG without its colours, its sizes and its tooltips.

Colours come from the style sheet, by the classes in the SVG. ``xlink:href`` stays as it is, for
themes that load pages by script stumble over ``href`` in an SVG.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
TITLE, LINK, SVG_GROUP = f"{{{SVG}}}title", f"{{{SVG}}}a", f"{{{SVG}}}g"
HREF, TOOLTIP = f"{{{XLINK}}}href", f"{{{XLINK}}}title"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
POINT = 4 / 3
"""A point in CSS pixels."""


def inline_svg(drawn: str, prefix: str) -> str:
    """The drawing as one line of HTML, all its ids behind a prefix."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(drawn)
    _size(root)
    _remove_paper(root)
    for element in root.iter():
        _describe(element)
        element.attrib.pop(SPACE, None)
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.get('id')}")
    text = ET.tostring(root, encoding="unicode")
    return "".join(line.strip() for line in text.splitlines())


def _size(root: ET.Element) -> None:
    """As wide as its box, but no wider than it was drawn; the style sheet sets the least width."""
    width = float((root.attrib.pop("width", "") or "0").removesuffix("pt")) * POINT
    root.attrib.pop("height", None)
    root.set("style", f"max-width:{width:.0f}px")


def _remove_paper(root: ET.Element) -> None:
    """Take the white rectangle behind the drawing away."""
    for group in root.findall(SVG_GROUP):
        for polygon in group.findall(f"{{{SVG}}}polygon"):
            if polygon.get("fill") == "white":
                group.remove(polygon)


def _describe(element: ET.Element) -> None:
    """Let a group say its tooltip, when it has one, and not its name in DOT."""
    if element.tag != SVG_GROUP:
        return
    title = element.find(TITLE)
    anchor = element.find(f"{SVG_GROUP}/{LINK}")
    tooltip = anchor.attrib.pop(TOOLTIP, None) if anchor is not None else None
    if title is not None and tooltip:
        title.text = tooltip
    elif title is not None:
        element.remove(title)
    if anchor is not None and tooltip:
        _name(element, anchor, tooltip)


def _name(element: ET.Element, anchor: ET.Element, tooltip: str) -> None:
    """A link is named for who cannot see it; what leads nowhere is a picture, and no link."""
    if HREF in anchor.attrib:
        anchor.set("aria-label", tooltip)
    else:
        anchor.tag = SVG_GROUP
        element.set("role", "img")
        element.set("aria-label", tooltip)
