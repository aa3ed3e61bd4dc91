"""tracer/render/diagram/labels.py: the text in a diagram, and its width."""

from __future__ import annotations

from tests.example import example, links
from tracer.analysis.levels.whole_model import model_graph
from tracer.record import Value
from tracer.render.diagram import labels


def test_shapes_are_written_in_ascii() -> None:
    assert labels.shape(Value("x", (1, 128, 32, 32), "float32")) == "1x128x32x32"
    assert labels.shape(Value("x", ("B", "H*W/4", 16), "float32")) == "Bx(H*W/4)x16"
    assert labels.shape(Value("x", ("B", "H**2 + 1"), "float32")) == "Bx(H^2 + 1)"
    assert labels.sizes(("H/2", "W/2")) == "H/2xW/2"


def test_a_box_shows_label_class_and_output_shape() -> None:
    trace = example()
    units = {unit.name: unit for unit in model_graph(trace, links(trace)).units}
    assert labels.node_lines(units["mid.attn"]) == ("mid.attn", "Attention  1x16x8x8")
    assert labels.node_lines(units["mid.attn"], shapes=False) == ("mid.attn", "Attention")
    assert labels.node_lines(units["input x"]) == ("x", "1x3x16x16")
    assert labels.node_lines(units["output 0"], shapes=False) == ("output",)


def test_the_width_is_that_of_the_longest_line_and_grows_with_the_font() -> None:
    assert labels.text_width(("conv", "convolution"), 10) == labels.text_width(("convolution",), 10)
    assert labels.text_width(("conv",), 20) == 2 * labels.text_width(("conv",), 10)
    assert labels.text_width((), 10) == 0


def test_wide_letters_are_wider_than_narrow_ones() -> None:
    assert (
        labels.text_width(("mmmm",), 10)
        > labels.text_width(("nnnn",), 10)
        > labels.text_width(("iiii",), 10)
    )


def test_an_identifier_has_only_letters_digits_and_underscores() -> None:
    assert labels.identifier("up.0.block.1@2") == "n_up_0_block_1_2"
    assert labels.identifier("") == "n_"
