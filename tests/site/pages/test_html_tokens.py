"""tracer/site/pages/html_tokens.py: HTML cut into tags and text."""

from __future__ import annotations

import re

import pytest

from tracer.site.pages.html_tokens import attributes_of, opening_tags, tokens

PIECES = [
    ("other", "<!DOCTYPE html>"),
    ("start", "<p title=\"a > b\" data-x='<i>'>"),
    ("text", "x"),
    ("other", "&times;"),
    ("other", "<!-- <b> -->"),
    ("whole", "<br />"),
    ("other", "<script async>if (a<b) '<p>'</script>"),
    ("other", "<style>p > a {}</style>"),
    ("end", "</p>"),
    ("text", "\n"),
]


def test_the_pieces_are_all_of_the_html() -> None:
    html = "".join(text for _, text in PIECES)
    assert [(one.kind, one.text) for one in tokens(html)] == PIECES


@pytest.mark.parametrize("text", ["", "a < b", "1<2>3", "<", "&", "& b;", "</", "<!--"])
def test_what_is_no_tag_is_text(text: str) -> None:
    assert "".join(one.text for one in tokens(text)) == text
    assert {one.kind for one in tokens(text)} <= {"text"}


def test_attributes_may_be_quoted_or_not() -> None:
    (token,) = tokens('<a href=b.html title=\'"c"\' class = "d e" hidden>')
    found = {"href": "b.html", "title": '"c"', "class": "d e", "hidden": ""}
    assert attributes_of(token) == found


def test_an_opening_tag_is_found_by_an_attribute() -> None:
    html = '<p id="a"><b></b></p><script src="x">"<p id=b>"</script><img id="c"/>'
    found = opening_tags(html, re.compile(r"\b(?:id|src)="))
    assert [one.name for one in found] == ["p", "script", "img"]
