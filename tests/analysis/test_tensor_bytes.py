"""tracer/analysis/tensor_bytes.py: the bytes of a tensor, from its shape and its dtype."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example
from tracer.algebra.polynomial import parse
from tracer.analysis.costs import cost
from tracer.analysis.costs.peak_memory import peak_of
from tracer.analysis.tensor_bytes import size_in_bytes
from tracer.record import Value


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (Value("x", (2, 3), "float32"), 24),
        (Value("x", (2, 3, 5), "float16"), 60),
        (Value("x", (10,), "bfloat16"), 20),
        (Value("x", (10,), "bool"), 10),
        (Value("x", (10,), "uint8"), 10),
        (Value("x", (10,), "float8_e4m3fn"), 10),
        (Value("x", (10,), "complex64"), 80),
        (Value("x", (), "int64"), 8),
        (Value("x", (0, 4), "float32"), 0),
    ],
    ids=lambda item: item.dtype if isinstance(item, Value) else None,
)
def test_bytes_follow_from_shape_and_dtype(value: Value, size: int) -> None:
    assert size_in_bytes(value) == size


def test_the_bytes_of_a_shape_in_formulas_are_a_formula() -> None:
    assert size_in_bytes(Value("x", ("B", 4, "H*W/4"), "float16")) == parse("2*B*H*W")


def test_a_formula_has_no_peak_and_that_says_which() -> None:
    trace = replace(example(), inputs=(Value("h", ("B", 4), "float32"),))
    with pytest.raises(TypeError, match=r"h has formulas for sizes: \('B', 4\)"):
        peak_of(trace)


def test_a_dtype_that_is_not_known_is_refused() -> None:
    trace = example()
    step = replace(trace.steps[0], outputs=(Value("q", (1,), "quaternion"),))
    with pytest.raises(ValueError, match="q is quaternion"):
        cost(replace(trace, steps=(step, *trace.steps[1:])))
