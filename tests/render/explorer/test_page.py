"""The page holds the document and the component, and says the most without a script."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.example import FILE, SOURCE, example, symbolic_example
from tests.render.laws import LAW
from tracer.errors import TraceError
from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.embedded import component_script
from tracer.render.explorer.packed import unpack
from tracer.render.explorer.page import explorer_page, framed_page
from tracer.render.explorer.still_words import STILL_WORDS

CONTENT = ExplorerContent(symbolic_example(), {FILE: "\n".join(SOURCE)}, LAW, version="1.2")


class Elements(HTMLParser):
    """The elements of a page, the text in each kind, and what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


def packed_document(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/vnd.unet-trace" id="trace">(.*?)</script>', page)
    assert found
    return unpack(found[1])


@pytest.mark.parametrize("write", [explorer_page, framed_page])
def test_a_page_holds_its_document_and_closes_what_it_opens(write: type[object]) -> None:
    page = str(write(CONTENT))
    elements = Elements(page)
    assert elements.open == []
    expected = explorer_document(CONTENT)
    assert packed_document(page).keys() == expected.keys()
    assert packed_document(page)["dims"] == expected["dims"]


@pytest.mark.parametrize("write", [explorer_page, framed_page])
def test_nothing_is_loaded_from_elsewhere(write: type[object]) -> None:
    for _, attributes in Elements(str(write(CONTENT))).attributes:
        for name in attributes.keys() & {"src", "href", "srcset", "action"}:
            assert str(attributes[name]).startswith(("data:", "#"))


def test_the_content_comes_before_the_script() -> None:
    page = explorer_page(CONTENT)
    assert page.index("<h1>") < page.index("<svg") < page.index("<pre") < page.index("<table")
    assert page.index("<table") < page.index('id="trace"') < page.index(component_script()[:40])


def test_without_a_script_there_are_map_source_and_tables() -> None:
    elements = Elements(explorer_page(replace(CONTENT, trace=example())))
    assert {"Map", "Source", "Notes"} - set(elements.texts["h2"]) <= {"Notes"}
    assert any("def forward(self, x: Tensor, t: Tensor)" in one for one in elements.texts["pre"])
    assert "  # h 1×8×16×16" not in elements.texts["pre"]
    assert any("h 1×8×16×16" in one for one in elements.texts["span"])
    assert {"Shapes", "Skip stack", "Costs"} <= set(elements.texts["summary"])
    assert "ResBlock 1x8x16x16" in [" ".join(one.split()) for one in elements.texts["text"]]


def test_a_loop_shows_its_first_turn() -> None:
    page = explorer_page(replace(CONTENT, trace=example()))
    line = next(one for one in page.splitlines() if "hs.pop()" in one)
    assert line.endswith('<span class="made"># h 1×16×8×8</span>')


def test_a_page_in_korean_is_korean() -> None:
    page = explorer_page(replace(CONTENT, lang="ko"))
    assert '<html lang="ko">' in page
    assert "H, W: 2의 배수, 2 이상" in page
    assert "<h2>지도</h2>" in page
    headings = "".join(re.findall(r"<thead>.*?</thead>", page))
    assert "파라미터" in headings
    assert "<p>in: x" not in page


def test_names_of_a_model_are_text() -> None:
    trace = example()
    evil = "<script>alert(1)</script>"
    root = replace(trace.root, kind=evil)
    named = replace(trace, model=evil, root=root, notes=(evil,))
    for write in (explorer_page, framed_page):
        assert evil not in write(ExplorerContent(named, {FILE: "\n".join(SOURCE)}))


def test_what_is_not_known_is_said() -> None:
    page = explorer_page(ExplorerContent(example()))
    assert "The text of tests/toy_unet.py is not known here" in page
    assert STILL_WORDS["en"].no_rules in page
    assert STILL_WORDS["en"].no_formulas in page


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(TraceError, match='There is no language "fr": give one of en and ko'):
        explorer_page(replace(CONTENT, lang="fr"))


def test_a_frame_follows_the_page_around_it_and_changes_no_address() -> None:
    page = framed_page(CONTENT)
    assert "frameElement" in page
    attributes = next(found for tag, found in Elements(page).attributes if tag == "unet-explorer")
    assert attributes == {"data": "#trace", "lang": "en", "function": "ToyUNet.forward"}
    assert len(page) < len(explorer_page(CONTENT))
