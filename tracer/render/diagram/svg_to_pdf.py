"""Converts an SVG to a PDF, for the bundled Graphviz, which writes none."""

from __future__ import annotations

from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.pdfgen.canvas import Canvas
from svglib.svglib import svg2rlg


def pdf_of(svg: bytes) -> bytes:
    """Return a PDF with one page of the size of the drawing, whose text can be searched.

    The same drawing gives the same bytes. Raises ValueError for bytes that are not an SVG.
    """
    drawing = svg2rlg(BytesIO(svg))
    if drawing is None:
        raise ValueError("only an SVG can be converted to a PDF, and these bytes are not one")
    page = BytesIO()
    canvas = Canvas(page, pagesize=(drawing.width, drawing.height), invariant=1)
    renderPDF.draw(drawing, canvas, 0, 0)
    canvas.save()
    return page.getvalue()
