"""tracer/costs/sizes.py: bytes of tensors."""

from __future__ import annotations

import pytest

from tracer.analysis.costs import size_in_bytes
from tracer.record import Value


def test_a_tensor_has_the_bytes_of_its_numbers() -> None:
    assert size_in_bytes(Value("x", (2, 3, 5), "float16")) == 60
    assert size_in_bytes(Value("x", (), "int64")) == 8
    assert size_in_bytes(Value("x", (0, 4), "float32")) == 0


def test_a_formula_has_no_bytes_and_that_says_which() -> None:
    with pytest.raises(TypeError, match=r"h has formulas for sizes: \('B', 4\)"):
        size_in_bytes(Value("h", ("B", 4), "float32"))
