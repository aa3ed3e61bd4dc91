"""A document as a text that is short, and that any current browser can unpack."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any


def json_text(document: dict[str, Any]) -> str:
    """Return a document as JSON without spaces."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def packed(document: dict[str, Any]) -> str:
    """Return a document as base64 of raw deflate.

    >>> unpacked(packed({"title": "UNet"}))
    {'title': 'UNet'}
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = deflate.compress(json_text(document).encode()) + deflate.flush()
    return base64.b64encode(data).decode("ascii")


def unpacked(text: str) -> dict[str, Any]:
    """Return the document of a packed text."""
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text), -zlib.MAX_WBITS))
    return found
