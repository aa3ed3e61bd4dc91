"""tracer/render/diagram/svg_to_pdf.py: an SVG as a PDF."""

from __future__ import annotations

import pytest

from tracer.render.diagram.svg_to_pdf import pdf_of

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="20pt" viewBox="0 0 30 20">'
    b'<text x="5" y="10" font-family="Helvetica">hello</text></svg>'
)


def test_the_page_has_the_size_of_the_drawing() -> None:
    assert b"/MediaBox [ 0 0 30 20 ]" in pdf_of(SVG)


def test_the_same_drawing_is_the_same_file() -> None:
    assert pdf_of(SVG) == pdf_of(SVG)


def test_bytes_that_are_not_an_svg_are_refused() -> None:
    with pytest.raises(ValueError, match="not one"):
        pdf_of(b"digraph {}")
