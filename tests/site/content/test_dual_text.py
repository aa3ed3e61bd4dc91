"""tracer/site/content/dual_text.py: shapes as numbers and as formulas."""

from __future__ import annotations

from tests.site.toy_site import toy_results
from tracer.record import Value
from tracer.site.content.dual_text import DualText


def test_a_shape_is_looked_up_by_the_name_of_its_tensor() -> None:
    found = toy_results()
    block = found.trace.blocks["down.0.downsample"]
    assert found.shapes.of(block.outputs[0]) == DualText("1×16×8×8", "B × 16 × H/2 × W/2")
    assert found.shapes.all_of(block.inputs) == (DualText("1×8×16×16", "B × 8 × H × W"),)
    assert found.shapes.first_of(block.outputs) == DualText("1×16×8×8", "B×16×H/2×W/2")


def test_a_tensor_without_a_formula_has_the_same_text_twice() -> None:
    assert toy_results().shapes.of(Value("table", (7, 2), "float32")) == DualText("7×2", "7×2")


def test_equal_texts_are_the_same() -> None:
    assert DualText("scalar", "scalar").is_same
    assert not DualText("8", "H/4").is_same


def test_the_run_is_named_by_its_sizes() -> None:
    assert toy_results().run == "B = 1, H = W = 16"
