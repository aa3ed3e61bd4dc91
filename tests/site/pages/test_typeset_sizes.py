"""tracer/site/spelling.py: the signs of a drawing as pages write them."""

from __future__ import annotations

from tests.example import symbolic_example
from tracer.render.diagram.diagram import digraph
from tracer.render.diagram.graphviz_program import rendered
from tracer.site.pages.typeset_sizes import spelled


def test_shapes_and_resolutions_have_the_signs_that_belong_there() -> None:
    trace = symbolic_example()
    drawn = spelled(rendered(digraph(trace).source, "svg").decode(), trace)
    assert "Attention \u00a0B×16×H/2×W/2" in drawn
    assert ">H/2×W/2<" in drawn
    assert "mid.attn: Attention, B×16×H/2×W/2 -&gt; B×16×H/2×W/2" in drawn


def test_an_x_in_a_name_stays() -> None:
    trace = symbolic_example()
    page = '<svg xmlns="http://www.w3.org/2000/svg"><text>Bx8xHxW xBx8xHxW max</text></svg>'
    assert ">B×8×H×W xBx8xHxW max<" in spelled(page, trace)
