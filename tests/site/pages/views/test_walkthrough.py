"""tracer/site/pages/views/walkthrough.py: the lines of a function beside their notes."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from tracer.site.content.site_config import Text
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.walkthrough import WalkView, walk_view
from tracer.site.pages.words import EN, KO, Words


def view(content: SiteContent, name: str = "block", language: str = "en") -> WalkView:
    found = next(w for w in content.walkthroughs if w.walk.notes == name)
    words: Words = {"en": EN, "ko": KO}[language]
    return walk_view(found, Addresses(content, found.walk.page), words, language)


def test_the_code_is_the_whole_function_line_by_line(content: SiteContent) -> None:
    for name in ("block", "forward"):
        found = next(w for w in content.walkthroughs if w.walk.notes == name).function
        lines = view(content, name).code
        assert [line.number for line in lines] == list(range(found.first, found.last + 1))
        assert [line.code.striptags().strip() for line in lines] == [
            text.strip() for text in found.lines
        ]


def test_code_is_highlighted_and_not_changed(content: SiteContent) -> None:
    line = view(content).code[-1]
    assert line.code.striptags().strip() == "return x + h"
    assert '<span class="k">return</span>' in line.code


def test_a_line_leads_to_its_note_and_the_note_to_its_lines(content: SiteContent) -> None:
    found = view(content)
    for note in found.notes:
        numbers = [line.number for line in found.code if line.note == note.anchor]
        assert numbers == list(range(note.first, note.last + 1))


def test_a_note_is_headed_by_the_code_that_it_is_about(content: SiteContent) -> None:
    assert view(content).notes[-1].heading == "return x + h"


def test_the_last_line_of_a_statement_has_the_shape_that_it_made_first(
    content: SiteContent,
) -> None:
    name, shape = view(content).code[-1].made or ("", None)
    assert name == "returned"
    assert shape is not None
    assert shape.numbers == "1×8×16×16"


def test_notes_are_in_the_language_of_the_page(content: SiteContent) -> None:
    assert view(content).notes[-1].text == "About sum."
    assert view(content, language="ko").notes[-1].text == "sum에 관하여."
    assert (view(content).title, view(content, language="ko").intro) == ("Title", "앞.")


def test_upstream_lines_are_linked(content: SiteContent) -> None:
    assert view(content).upstream.address == "https://example.org/model.py#L1-L40"
    assert view(content).upstream.text == "upstream L1–L40"


def test_statements_that_did_not_run_are_marked(content: SiteContent) -> None:
    lines = view(content, "forward").code
    assert [line.code.striptags().strip() for line in lines if line.is_skipped] == []
    heads = {line.code.striptags().strip() for line in lines if line.made is None}
    assert "if level != 0:" in heads


def test_a_title_is_no_markdown_but_in_code(content: SiteContent) -> None:
    walkthrough = content.walkthroughs[0]
    titles = Text("Net.__init__: built", "`Net.__init__`: 만들기")
    notes = msgspec.structs.replace(walkthrough.notes, title=titles)
    titled = replace(content, walkthroughs=(replace(walkthrough, notes=notes),))
    name = walkthrough.walk.notes
    assert view(titled, name).title == r"Net.\_\_init\_\_: built"
    assert view(titled, name, "ko").title == "`Net.__init__`: 만들기"


def test_a_drawing_is_in_the_note_that_asks_for_it(content: SiteContent) -> None:
    walkthrough = content.walkthroughs[0]
    asked = walkthrough.notes.notes[1].id
    rows = tuple(
        replace(row, note=msgspec.structs.replace(row.note, drawing="copies"))
        if row.note and row.note.id == asked
        else row
        for row in walkthrough.rows
    )
    drawn = replace(content, walkthroughs=(replace(walkthrough, rows=rows),))
    notes = view(drawn, walkthrough.walk.notes).notes
    assert [note.anchor for note in notes if note.drawing] == [asked]
