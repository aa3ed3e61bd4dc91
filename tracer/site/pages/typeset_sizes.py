"""The sizes in a drawing as pages write them: ``B×128×H/2×W/2`` for ``Bx128xH/2xW/2``.

Graphviz is given ASCII, for it measures nothing else rightly; a page may have any sign.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from tracer.analysis.levels import resolution_levels
from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.diagram import labels
from tracer.render.diagram.inline_svg import LINK, SVG, TOOLTIP, XLINK

SIZE_TEXT = f"{{{SVG}}}text"
WORD = re.compile(r"[^\s,;]+")


def spelled(drawn: str, trace: Trace) -> str:
    """The SVG of a trace, the sizes in its words and tooltips with the signs that belong there."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root, known = ET.fromstring(drawn), _known(trace)
    for element in root.iter(SIZE_TEXT):
        element.text = _respelled(element.text or "", known)
    for element in root.iter(LINK):
        if said := element.get(TOOLTIP):
            element.set(TOOLTIP, _respelled(said, known))
    return ET.tostring(root, encoding="unicode")


def _respelled(text: str, known: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: known.get(found[0], found[0]), text)


def _known(trace: Trace) -> dict[str, str]:
    """Each shape and each resolution of a trace, by how the drawing writes it."""
    values = [*trace.inputs, *(value for step in trace.steps for value in step.outputs)]
    found = {labels.shape(value): number_format.close_sizes_of(value.shape) for value in values}
    planes = (level.spatial_size for level in resolution_levels(trace, skips(trace)))
    found |= {labels.sizes(plane): number_format.close_sizes_of(plane) for plane in planes}
    return {drawn: text for drawn, text in found.items() if text}
