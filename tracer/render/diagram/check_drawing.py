"""Checks that bytes are a whole drawing of a format, before they are written or shown."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
import zlib

from tracer.render.diagram.svg_elements import SVG

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNK_HEADER, CHECKSUM = struct.Struct(">I4s"), struct.Struct(">I")
"""The length of the data of a chunk, and its type; a checksum follows the data."""
PDF_HEADER, PDF_END = b"%PDF-", b"%%EOF"
PDF_END_WITHIN = 1024
"""How far from the end of a PDF its last line may be, as readers of PDF accept."""


def drawing_problem(drawing: bytes, form: str) -> str:
    """Return why bytes are not a whole drawing; empty if they are one.

    Args:
        drawing: What a program wrote.
        form: "svg", "png" or "pdf".

    >>> drawing_problem(b"hello", "svg")
    'what it wrote is not well-formed XML (syntax error: line 1, column 0)'
    """
    if not drawing:
        return "it wrote nothing"
    return {"svg": _svg_problem, "png": _png_problem, "pdf": _pdf_problem}[form](drawing)


def _svg_problem(drawing: bytes) -> str:
    try:
        root = ET.fromstring(drawing)
    except (ET.ParseError, ValueError, LookupError) as error:  # the latter for its encoding
        return f"what it wrote is not well-formed XML ({error})"
    if root.tag != f"{{{SVG}}}svg":
        return "what it wrote is XML, but not an SVG"
    return ""


def _png_problem(drawing: bytes) -> str:
    """Follows the chunks of a PNG: length, type, data and checksum of each, up to IEND."""
    if not drawing.startswith(PNG_SIGNATURE):
        return "what it wrote is not a PNG"
    position, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        try:
            length, kind = CHUNK_HEADER.unpack_from(drawing, position)
            end = position + CHUNK_HEADER.size + length
            (checksum,) = CHECKSUM.unpack_from(drawing, end)
        except struct.error:
            return "the PNG that it wrote is cut off"
        if zlib.crc32(drawing[end - length - len(kind) : end]) != checksum:
            return "the PNG that it wrote is damaged"
        position = end + CHECKSUM.size
    return "" if position == len(drawing) else "other bytes follow the PNG that it wrote"


def _pdf_problem(drawing: bytes) -> str:
    if not drawing.startswith(PDF_HEADER):
        return "what it wrote is not a PDF"
    if PDF_END not in drawing[-PDF_END_WITHIN:]:
        return "the PDF that it wrote is cut off"
    return ""
