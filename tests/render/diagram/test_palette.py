"""tracer/render/diagram/palette.py: the colours of a picture that stands alone."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.example import example
from tracer.render.diagram.diagram import digraph
from tracer.render.diagram.node_style import Style
from tracer.render.diagram.palette import PALETTE, in_colour

CSS = (ROOT / "docs" / "assets" / "site.css").read_text(encoding="utf-8")
DAY = dict(re.findall(r"--ut-([\w-]+): (#\w+);", CSS.partition("slate")[0]))
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
def test_a_picture_has_the_colours_that_the_site_has_by_day(
    drawn: tuple[str, str], variable: str
) -> None:
    name, attribute = drawn
    assert PALETTE[name][attribute] == DAY[variable]


def test_a_box_with_a_ground_is_filled_whatever_its_outline_is() -> None:
    assert in_colour({"class": "unit plain side", "style": "rounded"})["style"] == "rounded,filled"
    assert in_colour({"class": "unit attention"})["style"] == "filled"


def test_a_skip_stays_dashed() -> None:
    assert in_colour({"class": "skip skip-3", "style": "dashed"})["style"] == "dashed"


def test_what_has_no_colour_of_its_own_stays_as_it_is() -> None:
    assert in_colour({"class": "unit end", "label": "x"}) == {"class": "unit end", "label": "x"}


def test_every_box_arrow_and_band_of_a_model_is_painted() -> None:
    source = digraph(example(), style=Style(paint=in_colour)).source
    for colours in ("convolution", "attention", "up", "flow", "skip", "level"):
        assert all(f'"{colour}"' in source for colour in PALETTE[colours].values())
    assert "#" not in digraph(example()).source
