"""A PDF of an SVG, for the bundled renderer, which draws none. Its text can be searched."""

from __future__ import annotations

from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.pdfgen.canvas import Canvas
from svglib.svglib import svg2rlg


def pdf_of(svg: bytes) -> bytes:
    """One page of the size of the drawing; the same bytes each time.

    Raises ValueError for what is no SVG.
    """
    drawing = svg2rlg(BytesIO(svg))
    if drawing is None:
        raise ValueError("what should become a PDF is no SVG")
    page = BytesIO()
    canvas = Canvas(page, pagesize=(drawing.width, drawing.height), invariant=1)
    renderPDF.draw(drawing, canvas, 0, 0)
    canvas.save()
    return page.getvalue()
