"""tracer/site/pages/merge_svgs.py: one drawing with the texts of two."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from tracer.site.pages.merge_svgs import merge_drawings

PAGE = (
    '<svg width="{width}pt" xmlns="http://www.w3.org/2000/svg" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"><g class="graph">{groups}</g></svg>'
)
BOX = (
    '<g class="node"><title>{name}</title><g><a xlink:title="{name}: {shape}">'
    '<text x="10">{name}</text><text x="10">{shape}</text></a></g></g>'
)
LINE = (
    '<g class="edge skip"><title>a-&gt;b</title><path d="M0,5C30,5 60,5 100,5"/>'
    '<text x="20">{push}</text><text x="80">{pop}</text></g>'
)


def drawing(width: int, *groups: str) -> str:
    return PAGE.format(width=width, groups="".join(groups))


def box(name: str, shape: str) -> str:
    return BOX.format(name=name, shape=shape)


def texts(drawn: str) -> list[tuple[str | None, str | None]]:
    """The words of a drawing, each with its class."""
    root = ET.fromstring(drawn)
    return [(one.get("class"), one.text) for one in root.iter() if one.tag.endswith("text")]


def places(drawn: str, words: str) -> float:
    root = ET.fromstring(drawn)
    return next(float(one.get("x", "")) for one in root.iter() if one.text == words)


def test_texts_that_differ_are_both_in_the_drawing() -> None:
    drawn = merge_drawings(drawing(9, box("a", "1x8")), drawing(12, box("a", "Bx8")))
    assert texts(drawn) == [(None, "a"), ("ut-f", "Bx8"), ("ut-n", "1x8")]
    assert 'width="12pt"' in drawn


def test_the_wider_drawing_is_kept() -> None:
    drawn = merge_drawings(drawing(20, box("a", "1x888")), drawing(12, box("a", "Bx8")))
    assert texts(drawn) == [(None, "a"), ("ut-n", "1x888"), ("ut-f", "Bx8")]
    assert 'width="20pt"' in drawn


def test_a_tooltip_has_numbers_alone() -> None:
    for widths in ((9, 12), (12, 9)):
        pages = drawing(widths[0], box("a", "1x8")), drawing(widths[1], box("a", "Bx8"))
        assert 'title="a: 1x8"' in merge_drawings(*pages)


def test_equal_texts_are_there_once() -> None:
    drawn = merge_drawings(drawing(9, box("a", "16")), drawing(9, box("a", "16")))
    assert texts(drawn) == [(None, "a"), (None, "16")]
    assert 'title="a: 16"' in drawn


def test_texts_on_an_edge_keep_their_alignment() -> None:
    numbers, formulas = LINE.format(push="1x8", pop="1x16"), LINE.format(push="Bx8xHxW", pop="Bx16")
    drawn = merge_drawings(drawing(9, numbers), drawing(12, formulas))
    assert places(drawn, "Bx8xHxW") == 20
    assert places(drawn, "1x8") < 20
    assert places(drawn, "Bx16") == 80
    assert places(drawn, "1x16") > 80


def test_a_box_without_a_counterpart_is_left_as_it_is() -> None:
    drawn = merge_drawings(drawing(9, box("a", "1")), drawing(12, box("b", "B"), box("a", "B")))
    assert re.findall(r">([^<]+)</text>", drawn) == ["b", "B", "a", "B", "1"]
    assert texts(drawn)[:2] == [(None, "b"), (None, "B")]
