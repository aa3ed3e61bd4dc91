"""HTML that stands in Markdown without being read as such."""

from __future__ import annotations

import re

STYLE_ELEMENT = re.compile(r"(<style>.*?</style>)", re.DOTALL)


def one_line(html: str) -> str:
    """Return HTML as one line, in which Markdown finds no fence, no list and no snippet.

    >>> one_line("<pre>a\\nb</pre>")
    '<pre>a&#10;b</pre>\\n'
    """
    parts = STYLE_ELEMENT.split(html)
    ends = ("&#10;", " ")  # of texts, and of styles, in which there are no references
    return "".join(part.replace("\n", ends[number % 2]) for number, part in enumerate(parts)) + "\n"
