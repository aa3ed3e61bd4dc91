"""Shapes of tensors in the language in which they are expected."""

from __future__ import annotations

import pytest

from tracer.notation import parse_shape, shape_text
from tracer.record import Dim


@pytest.mark.parametrize(
    ("shape", "dtype", "text"),
    [
        ((1, 128, 32, 32), "float32", "[1 128 32 32]"),
        ((1,), "int64", "i64[1]"),
        ((), "bfloat16", "bf16[]"),
        ((2,), "quint8", "quint8[2]"),
        (("B", "H*W/16 + 77"), "float32", "[B H*W/16+77]"),
    ],
)
def test_a_tensor_is_written_as_it_is_expected(
    shape: tuple[Dim, ...], dtype: str, text: str
) -> None:
    assert shape_text(shape, dtype) == text


def test_what_is_written_can_be_expected() -> None:
    assert parse_shape(shape_text((1, 3), "float16")).dtypes == {"float16"}
