"""tracer/site/pages/page_parts.py: the parts of pages, from the drawings and the content."""

from __future__ import annotations

import re

import pytest

from tracer.site.content.site_content import SiteContent
from tracer.site.pages.page_parts import InlineDrawing, model_parts

SENTENCE = {
    "en": "To stay readable, the diagram expands blocks to depth 1 only;",
    "ko": "읽기 쉽도록 블록을 깊이 1까지만 펼쳐 그렸습니다.",
}


@pytest.mark.parametrize("language", SENTENCE)
@pytest.mark.parametrize("depth", [None, 1])
def test_a_diagram_with_closed_blocks_says_so(
    content: SiteContent, language: str, depth: int | None
) -> None:
    pages = model_parts(content, {"toy": InlineDrawing("<svg/>", {}, depth)}, {}, language)
    drawn = [text for text in pages.values() if "<figcaption>" in text and "<svg/>" in text]
    assert len(drawn) == 2  # the home page and the map
    for page in drawn:
        assert (SENTENCE[language] in page) == (depth is not None)


def test_the_home_page_begins_where_the_middle_skip_is_popped(content: SiteContent) -> None:
    home = model_parts(content, {"toy": InlineDrawing("<svg/>", {}, None)}, {}, "en")["home.html"]
    trace = content.results["toy"].trace
    found = re.search(r' step="(\d+)"', home)
    assert found
    assert [change.kind for change in trace.lines[int(found[1])].changes] == ["pop"]


@pytest.mark.parametrize("language", SENTENCE)
def test_the_parts_on_models_do_not_depend_on_what_notes_say(
    content: SiteContent, language: str
) -> None:
    drawings = {"toy": InlineDrawing("<svg/>", {}, None)}
    silent = content.without_texts()
    assert model_parts(silent, drawings, {}, language) == model_parts(
        content, drawings, {}, language
    )
