"""The text of `--input` becomes a tensor without data, or a plain value."""

from __future__ import annotations

import pytest

from tracer.errors import TraceError
from tracer.option_text.input_text import TensorSpelling, nested, parse_input


@pytest.mark.parametrize(
    ("text", "sizes", "dtype"),
    [
        ("1x3x256x256", (1, 3, 256, 256), None),
        ("1×3×8", (1, 3, 8), None),
        ("1,3,8", (1, 3, 8), None),
        ("1:int64", (1,), "int64"),
        (":int64", (), "int64"),
        ("2x3:half", (2, 3), "half"),
        ("2x3:torch.complex64", (2, 3), "complex64"),
        ("0x3", (0, 3), None),
        ("7", (7,), None),
    ],
)
def test_a_shape_with_or_without_a_dtype(
    text: str, sizes: tuple[int, ...], dtype: str | None
) -> None:
    assert parse_input("x", text) == TensorSpelling(sizes, dtype)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7.5", 7.5),
        ("-1", -1),
        ("1e-3", 1e-3),
        ("False", False),
        ("none", None),
        ("'mean'", "mean"),
    ],
)
def test_a_number_a_word_or_a_quoted_string(text: str, expected: object) -> None:
    assert parse_input("x", text) == expected


@pytest.mark.parametrize("text", ["", "1x", "x3", "mean", "1x3:float17", "1x-3"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(TraceError, match="--input x"):
        parse_input("x", text)


def test_dots_make_dicts() -> None:
    given = {"x": 1, "cond.text": 2, "cond.time.ids": 3}
    assert nested(given) == {"x": 1, "cond": {"text": 2, "time": {"ids": 3}}}


def test_numbers_after_dots_make_lists() -> None:
    assert nested({"hs.1": "b", "hs.0": "a"}) == {"hs": ["a", "b"]}


def test_numbers_that_do_not_count_from_0_are_keys() -> None:
    assert nested({"hs.1": "b", "hs.2": "c"}) == {"hs": {"1": "b", "2": "c"}}


@pytest.mark.parametrize("names", [("a", "a.b"), ("a.b", "a")])
def test_a_name_cannot_be_a_value_and_hold_others(names: tuple[str, str]) -> None:
    with pytest.raises(TraceError, match="already"):
        nested(dict.fromkeys(names, 1))
