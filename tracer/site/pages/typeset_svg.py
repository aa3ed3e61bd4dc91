"""Sizes in a drawing with the signs that pages use: ``B×128×H/2×W/2`` for ``Bx128xH/2xW/2``.

Graphviz gets ASCII, because it measures only ASCII reliably; a page can show any sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracer.analysis.levels import resolution_levels
from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.diagram import labels
from tracer.render.diagram.svg_elements import SVG_LINK, SVG_TEXT, TOOLTIP, parse_svg, svg_text

WORD = re.compile(r"[^\s,;]+")


def typeset_sizes(drawing: str, trace: Trace) -> str:
    """Return the SVG of a trace with multiplication signs in its texts and tooltips.

    Args:
        drawing: The SVG that Graphviz drew of the trace.
        trace: Its shapes and resolutions are the words that are replaced; others are kept.
    """
    root, typeset = parse_svg(drawing), _typeset_words(trace)
    for element in root.iter(SVG_TEXT):
        element.text = _replace_words(element.text or "", typeset)
    for element in root.iter(SVG_LINK):
        if tooltip := element.get(TOOLTIP):
            element.set(TOOLTIP, _replace_words(tooltip, typeset))
    return svg_text(root)


def _replace_words(text: str, replacements: Mapping[str, str]) -> str:
    return WORD.sub(lambda word: replacements.get(word[0], word[0]), text)


def _typeset_words(trace: Trace) -> dict[str, str]:
    """Each shape and each resolution of a trace, by its spelling in the drawing."""
    values = [*trace.inputs, *(value for step in trace.steps for value in step.outputs)]
    words = {labels.shape(value): number_format.close_sizes_of(value.shape) for value in values}
    planes = (level.spatial_size for level in resolution_levels(trace, skips(trace)))
    words |= {labels.sizes(plane): number_format.close_sizes_of(plane) for plane in planes}
    return {drawn: text for drawn, text in words.items() if text}
