"""tracer/render/diagram/embed_svg.py: Graphviz's SVG as part of a page."""

from __future__ import annotations

import re

from tests.example import example
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.embed_svg import inline_svg
from tracer.render.diagram.graphviz_program import render_dot
from tracer.render.diagram.node_style import Style


def drawn() -> str:
    picture = digraph(example(), style=Style(lambda block: f"table.html#{block.call}"))
    return inline_svg(render_dot(picture.source, "svg").decode(), "toy")


def test_the_svg_is_one_line_without_comments() -> None:
    svg = drawn()
    assert svg.startswith("<svg ")
    assert svg.endswith("</svg>")
    assert "\n" not in svg
    assert "<!--" not in svg


def test_links_keep_xlink_and_have_accessible_names() -> None:
    svg = drawn()
    link = '<a xlink:href="table.html#mid.attn" aria-label="mid.attn: Attention, '
    assert link in svg
    assert ' href="' not in svg


def test_ids_are_those_of_the_diagram_with_the_prefix() -> None:
    ids = re.findall(r' id="([^"]*)"', drawn())
    assert "toy-n_mid_attn" in ids
    assert all(name.startswith("toy-") for name in ids)
    assert len(ids) == len(set(ids))


def test_there_is_no_background_and_no_fixed_size() -> None:
    svg = drawn()
    assert "white" not in svg
    assert not re.search(r'<svg[^>]* (width|height)="', svg)
    assert re.search(r'<svg[^>]* style="max-width:\d+px"', svg)


def test_titles_are_tooltips_and_never_names_in_dot() -> None:
    svg = drawn()
    titles = re.findall(r"<title>([^<]*)</title>", svg)
    assert any(title.startswith("mid.attn: Attention") for title in titles)
    assert not [title for title in titles if title.startswith(("n_", "cluster_"))]


def test_a_unit_without_an_address_is_an_image() -> None:
    svg = drawn()
    anchors = re.findall(r"<a [^>]*>", svg)
    assert anchors
    assert all("xlink:href" in anchor for anchor in anchors)
    assert 'role="img" aria-label="x: 1x3x16x16' in svg
