"""tracer/site/pages/views/names_page.py: the table of names."""

from __future__ import annotations

from tracer.site.content.name_pairs import NamePairs
from tracer.site.pages.views.names_page import names_table
from tracer.site.pages.words import EN

NAMES = NamePairs(
    "diffusers", "1", "UNet", (2, 2, 2), (9, 9), (("a.0.b", "x.0.y"), ("a.1.b", "x.1.y"))
)


def test_pairs_that_follow_a_pattern_are_one_row() -> None:
    table = names_table(NAMES, EN)
    assert table.count("<tr>") == 2
    assert "a.i.b" in table
    assert "x.i.y" in table
    assert EN.names_caption in table
