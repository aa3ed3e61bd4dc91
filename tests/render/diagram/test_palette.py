"""tracer/render/diagram/palette.py: the colors of a diagram that is a file of its own."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.example import example
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.node_style import Style
from tracer.render.diagram.palette import PALETTE, with_colors

CSS = (ROOT / "tracer" / "site" / "assets" / "site.css").read_text(encoding="utf-8")
LIGHT = dict(re.findall(r"--ut-([\w-]+): (#\w+);", CSS.partition("slate")[0]))
VARIABLES = {
    ("convolution", "fillcolor"): "conv",
    ("convolution", "color"): "conv-edge",
    ("attention", "fillcolor"): "attn",
    ("attention", "color"): "attn-edge",
    ("down", "fillcolor"): "res",
    ("up", "color"): "res-edge",
    ("plain", "fillcolor"): "plain",
    ("plain", "color"): "plain-edge",
    ("flow", "color"): "line",
    ("skip", "fontcolor"): "skip",
    ("level", "fillcolor"): "band",
    ("level", "color"): "rule",
    ("stub", "fontcolor"): "quiet",
}


@pytest.mark.parametrize(("drawn", "variable"), VARIABLES.items())
def test_the_palette_is_that_of_the_light_theme(drawn: tuple[str, str], variable: str) -> None:
    name, attribute = drawn
    assert PALETTE[name][attribute] == LIGHT[variable]


def test_a_box_with_a_fill_color_is_filled_whatever_its_outline() -> None:
    assert (
        with_colors({"class": "unit plain side", "style": "rounded"})["style"] == "rounded,filled"
    )
    assert with_colors({"class": "unit attention"})["style"] == "filled"


def test_a_skip_stays_dashed() -> None:
    assert with_colors({"class": "skip skip-3", "style": "dashed"})["style"] == "dashed"


def test_attributes_of_a_class_without_colors_are_unchanged() -> None:
    assert with_colors({"class": "unit end", "label": "x"}) == {"class": "unit end", "label": "x"}


def test_every_box_edge_and_cluster_of_a_model_is_colored() -> None:
    source = digraph(example(), style=Style(colorize=with_colors)).source
    for colors in ("convolution", "attention", "up", "flow", "skip", "level"):
        assert all(f'"{color}"' in source for color in PALETTE[colors].values())
    assert "#" not in digraph(example()).source
