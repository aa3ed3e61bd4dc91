"""tracer/site/pages/drawings/svg_shapes.py: elements of drawings."""

from __future__ import annotations

from tracer.site.pages.drawings.svg_shapes import figure, label


def test_texts_are_escaped() -> None:
    assert label(1, 2.5, "a < b", "code") == (
        '<text class="code" x="1" y="2.5" text-anchor="middle">a &lt; b</text>'
    )


def test_a_figure_has_a_text_in_its_place() -> None:
    drawing = figure(["<g/>"], (10, 20), name="x", title='say "hi"', caption="<b>c</b>")
    assert drawing.count("say &quot;hi&quot;") == 2
    assert 'viewBox="0 0 10 20"' in drawing
    assert drawing.endswith("<figcaption><b>c</b></figcaption></figure>")
