"""Assertions about the skip stack of a model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tracer
from tests.example import example

TOY = example()
SKIPS = {
    "conv_in": "up.0.block.1",
    "down.0.block": "up.0.block.0",
    "down.0.downsample": "up.1.block.0",
}


def message(**expected: Any) -> str:
    with pytest.raises(AssertionError) as raised:
        tracer.assert_stack(TOY, **expected)
    return str(raised.value)


def test_a_stack_that_is_as_expected_passes() -> None:
    tracer.assert_stack(TOY, name="hs", pushes=3, last_in_first_out=True, skips=SKIPS)


def test_only_what_is_given_is_checked() -> None:
    tracer.assert_stack(TOY)
    tracer.assert_stack(TOY, skips={"conv_in": ["up.0.block.1"]})


def test_all_differences_are_reported_at_once() -> None:
    text = message(pushes=4, last_in_first_out=False, skips={"conv_in": "up.1.block.0"})
    assert text.split("\n\n") == [
        "The skip stack of ToyUNet is not as expected.",
        "pushes\n  expected  4\n  found     3, on hs",
        "order\n  expected  not last in, first out\n  found     last in, first out, on hs",
        "skips from conv_in\n  expected  up.1.block.0\n  found     up.0.block.1",
    ]


def test_a_block_without_a_skip_is_named_with_the_closest_one() -> None:
    assert 'no skip. Did you mean "conv_in"?' in message(skips={"conv_im": "up.0.block.1"})
    assert "expected  no skip" in message(skips={"conv_in": []})


def test_a_list_that_is_not_there_is_named_with_the_closest_one() -> None:
    assert 'there is no list hss. Did you mean "hs"?' in message(name="hss", pushes=3)


def test_without_lines_there_is_no_list_but_there_are_skips() -> None:
    trace = replace(TOY, lines=())
    tracer.assert_stack(trace, skips=SKIPS)
    with pytest.raises(AssertionError, match="no list was observed"):
        tracer.assert_stack(trace, pushes=3)


def test_a_model_and_its_inputs_are_traced() -> None:
    torch = pytest.importorskip("torch")
    from tests.from_torch.container_models import DictUNet

    tracer.assert_stack(
        (DictUNet(), torch.zeros(1, 3, 16, 16)),
        name="kept",
        pushes=2,
        skips={"adapt.0": "five", "adapt.1": "four"},
    )
