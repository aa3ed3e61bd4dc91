"""tracer/render/steps.py: the table of operations."""

from __future__ import annotations

from tests.example import example
from tracer.render.steps import step_table


def test_a_row_says_operation_block_shapes_and_place() -> None:
    rows = step_table(example()).rows
    assert rows[0] == ("0", "embedding", "embed", "scalar", "16", "toy_unet.py:71")
    assert rows[28] == (
        "28",
        "cat",
        "(the model)",
        "1×16×8×8, 1×16×8×8",
        "1×32×8×8",
        "toy_unet.py:83",
    )


def test_every_operation_has_a_row() -> None:
    assert len(step_table(example()).rows) == len(example().steps)


def test_the_title_counts() -> None:
    assert step_table(example()).title == "52 operations of ToyUNet"
