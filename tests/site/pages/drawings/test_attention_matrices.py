"""tracer/site/pages/drawings/attention_matrices.py: the matrices of attention with their sizes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from tracer.record import Block, Value
from tracer.site.pages.drawings.attention_matrices import attention_drawing, attention_sizes
from tracer.site.pages.words import EN

OUT = Value("out", (1, 512, 8, 4), "float32")
BLOCK = Block("mid.attn_1", "mid.attn_1", "AttnBlock", (OUT,), (OUT,), 0, 0, 0, 0)


def test_the_sizes_are_those_of_the_call() -> None:
    sizes = attention_sizes(BLOCK)
    assert (sizes.pixels, sizes.channels) == (32, 512)
    drawing = attention_drawing(sizes, EN)
    assert "8×4 = 32 pixels, and 512 channels" in drawing
    assert "1,024 scores" in drawing
    assert set(re.findall(r">(\w+=\d+)</text>", drawing)) == {"HW=32", "C=512"}


def test_the_drawing_is_well_formed() -> None:
    ET.fromstring(attention_drawing(attention_sizes(BLOCK), EN))
