"""tracer/site/pages/typeset_svg.py: sizes with the signs that pages use."""

from __future__ import annotations

from tests.example import symbolic_example
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.graphviz_program import render_dot
from tracer.site.pages.typeset_svg import typeset_sizes


def test_shapes_and_resolutions_have_multiplication_signs() -> None:
    trace = symbolic_example()
    drawn = typeset_sizes(render_dot(digraph(trace).source, "svg").decode(), trace)
    assert "Attention \u00a0B×16×H/2×W/2" in drawn
    assert ">H/2×W/2<" in drawn
    assert "mid.attn: Attention, B×16×H/2×W/2 -&gt; B×16×H/2×W/2" in drawn


def test_an_x_in_a_name_is_kept() -> None:
    trace = symbolic_example()
    page = '<svg xmlns="http://www.w3.org/2000/svg"><text>Bx8xHxW xBx8xHxW max</text></svg>'
    assert ">B×8×H×W xBx8xHxW max<" in typeset_sizes(page, trace)
