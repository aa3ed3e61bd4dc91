"""The names of SVG elements and attributes, and how an SVG is read and written as XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
SVG_GROUP, SVG_LINK, SVG_TITLE = f"{{{SVG}}}g", f"{{{SVG}}}a", f"{{{SVG}}}title"
SVG_TEXT, SVG_PATH, SVG_POLYGON = f"{{{SVG}}}text", f"{{{SVG}}}path", f"{{{SVG}}}polygon"
SVG_ELLIPSE = f"{{{SVG}}}ellipse"
HREF, TOOLTIP = f"{{{XLINK}}}href", f"{{{XLINK}}}title"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def parse_svg(svg: str | bytes) -> ET.Element:
    """Return the root element of an SVG. Raises ParseError for text that is not XML."""
    return ET.fromstring(svg)


def svg_text(root: ET.Element) -> str:
    """Return an element as text, with the prefix ``xlink`` and no prefix for SVG itself."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    return ET.tostring(root, encoding="unicode")


def size_in_points(root: ET.Element) -> tuple[float, float]:
    """Return the width and height that Graphviz gave a drawing; 0 for one that is missing."""
    width, height = (float(root.get(side, "0").removesuffix("pt")) for side in ("width", "height"))
    return width, height
