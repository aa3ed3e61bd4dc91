"""The texts of small values."""

from __future__ import annotations

import pytest
from torch import Size

from tracer.from_torch.capture.lines.small_values import (
    MAX_ITEMS,
    OTHER,
    SmallValues,
    text_of_scalar,
    text_of_sequence,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (-3, "-3"),
        (0.5, "0.5"),
        (float("nan"), "nan"),
        (2**64, OTHER),
        ("up", "'up'"),
        ("it's \\ \u202e\ud800", "'it\\'s \\\\ \\u202e\\ud800'"),
        ("x" * 99, f"'{'x' * 20}…{'x' * 19}'"),
    ],
)
def test_a_scalar_is_written_as_in_python(value: object, text: str) -> None:
    assert text_of_scalar(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((), "()"),
        ([], "[]"),
        ((1,), "(1,)"),
        ([1, "a"], "[1, 'a']"),
        (Size([1, 3]), "(1, 3)"),
        ([[1]], OTHER),
        ((2**64, 1), OTHER),
        ((0,) * MAX_ITEMS, f"({', '.join('0' * MAX_ITEMS)})"),
        ((0,) * (MAX_ITEMS + 1), OTHER),
    ],
)
def test_a_short_sequence_of_scalars_is_written_as_in_python(value: object, text: str) -> None:
    assert text_of_sequence(value) == text  # type: ignore[arg-type]


def test_a_value_is_shown_once() -> None:
    small, local = SmallValues(), {"n": 1}
    small.look_at("n", 1)
    assert small.unshown(local) == (("n", "1"),)
    small.show((("n", "1"),))
    small.look_at("n", 1)
    assert small.unshown(local) == ()


def test_a_tensor_in_the_place_of_a_value_is_no_text_and_a_value_in_its_place_is() -> None:
    small = SmallValues()
    small.look_at("n", 1)
    small.pass_over("n")
    assert small.unshown({}) == ()
    small.look_at("n", object())
    assert small.unshown({}) == (("n", OTHER),)
