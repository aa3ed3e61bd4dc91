"""Python source as HTML, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer


def highlighted(lines: Sequence[str]) -> tuple[Markup, ...]:
    """Each line with its names, strings and comments marked by Pygments' classes."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    html: str = highlight("\n".join(lines), lexer, HtmlFormatter(nowrap=True))
    found = html.split("\n")
    return tuple(Markup(line) for line in found[: len(lines)])
