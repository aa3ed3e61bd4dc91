"""tracer/site/pages/views/walkthrough.py: the lines of a function beside their notes."""

from __future__ import annotations

from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.walkthrough import WalkView, walk_view
from tracer.site.pages.words import EN, KO, Words


def view(content: SiteContent, name: str = "block", language: str = "en") -> WalkView:
    found = next(w for w in content.walkthroughs if w.walk.notes == name)
    words: Words = {"en": EN, "ko": KO}[language]
    return walk_view(found, Addresses(content, found.walk.page), words, language)


def test_every_line_that_is_not_blank_is_shown_once(content: SiteContent) -> None:
    for name in ("block", "forward"):
        found = next(w for w in content.walkthroughs if w.walk.notes == name).function
        lines = [
            line.number
            for row in view(content, name).rows
            for piece in row.statements
            for line in piece.lines
        ]
        wanted = [n for n, text in enumerate(found.lines, found.first) if text.strip()]
        assert lines == wanted


def test_code_is_highlighted_and_not_changed(content: SiteContent) -> None:
    line = view(content).rows[-1].statements[0].lines[0]
    assert line.code.striptags() == "return x + h"
    assert '<span class="k">return</span>' in line.code


def test_notes_are_in_the_language_of_the_page(content: SiteContent) -> None:
    assert view(content).rows[-1].note == "About sum."
    assert view(content, language="ko").rows[-1].note == "sum에 관하여."
    assert (view(content).title, view(content, language="ko").intro) == ("Title", "앞.")


def test_upstream_lines_are_linked(content: SiteContent) -> None:
    assert view(content).upstream.address == "https://example.org/model.py#L1-L40"
    assert view(content).upstream.text == "upstream L1–L40"


def test_statements_without_a_new_tensor_are_marked(content: SiteContent) -> None:
    pieces = [piece for row in view(content, "forward").rows for piece in row.statements]
    silent = {piece.lines[-1].code.striptags().strip() for piece in pieces if piece.not_run}
    heads = {piece.lines[-1].code.striptags().strip() for piece in pieces if not piece.observed}
    assert silent == set()
    assert "if level != 0:" in heads
