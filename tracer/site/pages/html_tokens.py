"""HTML cut into tags and the text between them, for passes over every page of a site.

Pages are what MkDocs writes: every attribute with a `>` in it is quoted. Python's own parser takes
ten times as long for the same, and a site has more than a hundred thousand tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal, NamedTuple

TokenKind = Literal["text", "start", "end", "whole", "other"]
"""`whole` is a tag that ends itself, such as `<path/>`; `other` is a comment, an entity, a script
or a style, of which nothing is read but the start tag.
"""

TAG_ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*+"""
HTML_TOKEN = re.compile(
    rf"(?P<comment><!--.*?-->|<![^>]*>|&\#?\w+;)"
    rf"|(?P<raw><(?P<element>script|style)\b(?P<settings>{TAG_ATTRIBUTES})>.*?</(?P=element)\s*>)"
    rf"|<(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<attributes>{TAG_ATTRIBUTES})>",
    re.DOTALL,
)
TAG_GROUPS = ("element", "settings", "slash", "name", "attributes")
TAG_ATTRIBUTE = re.compile(r"""([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


class HtmlToken(NamedTuple):
    """A piece of HTML, and for a tag or a raw element its name and its attributes as written."""

    kind: TokenKind
    text: str
    name: str = ""
    attributes: str = ""


def tokens(html: str) -> Iterator[HtmlToken]:
    """Yield the pieces of HTML, which together are all of it.

    >>> for one in tokens("<p class='a'>1&lt;2<br/></p>"):
    ...     print(one.kind, one.text)
    start <p class='a'>
    text 1
    other &lt;
    text 2
    whole <br/>
    end </p>
    """
    end = 0
    for match in HTML_TOKEN.finditer(html):
        if match.start() > end:
            yield HtmlToken("text", html[end : match.start()])
        end = match.end()
        if name := match["name"]:
            written = match["attributes"]
            kind: TokenKind = "end" if match["slash"] else "start"
            if kind == "start" and written.endswith("/"):
                kind = "whole"
            yield HtmlToken(kind, match[0], name, written)
        else:
            yield HtmlToken("other", match[0], match["element"] or "", match["settings"] or "")
    if end < len(html):
        yield HtmlToken("text", html[end:])


def opening_tags(html: str, attributes: re.Pattern[str]) -> Iterator[HtmlToken]:
    """Yield the tags that open an element and have some of these attributes."""
    for match in HTML_TOKEN.finditer(html):
        element, settings, slash, name, written = match.group(*TAG_GROUPS)
        text = written if element is None else settings
        if text and not slash and attributes.search(text):
            yield HtmlToken("start", match[0], element or name, text)


def attributes_of(token: HtmlToken) -> dict[str, str]:
    """Return the attributes of a tag by name; one without a value has an empty one.

    >>> attributes_of(next(tokens('<a href="a?b=1&amp;c" download>')))
    {'href': 'a?b=1&c', 'download': ''}
    """
    found = TAG_ATTRIBUTE.findall(token.attributes)
    return {name: unescape(one or two or three) for name, one, two, three in found}
