"""tracer/render/formats/html_table.py: a table as an element of a page."""

from __future__ import annotations

import re

from tests.conftest import ROOT
from tracer.render.formats.html_table import table_element
from tracer.render.formats.table import Column, Table

TABLE = Table(
    title="Blocks",
    columns=(
        Column("block", ("mid", "mid.attn"), "path", outline=("mid", "└ attn"), links=("#m", None)),
        Column("out", ("1×8", "1×4"), "shape", formulas=("B × 8", "1×4")),
        Column("class", ("A<B", ""), "kind", links=("walk.html", "map.html"), link_title="Code"),
        Column("bytes", ("2", "1"), "number", bars=(100.0, 50.0)),
    ),
    anchors=("m", "a"),
)


def test_a_cell_shows_its_formula_where_that_is_another() -> None:
    text = table_element(TABLE)
    assert '<span class="ut-n">1×8</span><span class="ut-f">B × 8</span>' in text
    assert '<td class="ut-mono">1×4</td>' in text


def test_no_other_element_of_a_page_has_the_class_of_a_cell() -> None:
    """A rule of the style sheet for a code pane would lay out the cells, too."""
    cells = re.findall(r'<t[hd][^>]* class="([^"]+)"', table_element(TABLE))
    of_cells = {name for names in cells for name in names.split()}
    templates = (ROOT / "tracer/site/pages/templates").glob("*.j2")
    others = [
        name
        for template in templates
        for names in re.findall(
            r'<(?!t[hd]\b)\w+[^>]* class="([^"]+)"', template.read_text("utf-8")
        )
        for name in names.split()
    ]
    assert of_cells == {"ut-mono", "ut-number", "ut-bar"}
    assert of_cells.isdisjoint(others)


def test_a_cell_leads_to_its_address() -> None:
    text = table_element(TABLE)
    assert '<a href="#m">mid</a>' in text
    assert '<a href="walk.html" title="Code">A&lt;B</a>' in text


def test_a_link_without_text_is_an_icon_with_a_name() -> None:
    icon = '<a class="ut-icon" href="map.html" title="Code" aria-label="Code"></a>'
    assert icon in table_element(TABLE)


def test_a_row_has_its_anchor_and_a_bar_its_share() -> None:
    text = table_element(TABLE)
    assert '<tr id="m">' in text
    assert '<td class="ut-number ut-bar" style="--share:50%">1</td>' in text


def test_cells_name_their_columns_where_that_is_asked_for() -> None:
    text = table_element(TABLE, caption="All <blocks>", classes="ut-grid", labels=True)
    assert text.startswith('<table class="ut-grid"><caption>All &lt;blocks&gt;</caption>')
    assert '<td class="ut-mono" data-label="out">' in text
    assert "data-label" not in table_element(TABLE)
