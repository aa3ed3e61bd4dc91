"""The explorer in a notebook is a page in a frame."""

from __future__ import annotations

from html.parser import HTMLParser

import tracer
from tests.example import example
from tests.halved_unet import IMAGE, Halved


def test_the_frame_holds_the_page_as_an_attribute() -> None:
    found = tracer.explore(example(), height=500)
    frames: list[dict[str, str | None]] = []

    class Frames(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag == "iframe"
            frames.append(dict(attrs))

    Frames().feed(found._repr_html_())
    (frame,) = frames
    assert frame["srcdoc"] == found.html
    assert "height:500px" in (frame["style"] or "")
    assert frame["title"] == "ToyUNet"


def test_a_model_is_explored_in_the_language_that_was_asked_for() -> None:
    found = tracer.explore(Halved(), inputs=IMAGE, lang="ko")
    assert repr(found) == "<Explorer of Halved (displayed in Jupyter; .html holds the page)>"
    assert '<html lang="ko">' in found.html
