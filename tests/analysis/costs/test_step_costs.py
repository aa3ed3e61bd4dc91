"""tracer/analysis/costs/step_costs.py: the cost of one operation, the bytes of a tensor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example
from tracer.algebra.polynomial import parse
from tracer.analysis.costs import cost
from tracer.analysis.costs.peak_memory import peak_of
from tracer.analysis.costs.step_costs import size_in_bytes
from tracer.record import Value


def test_a_tensor_has_the_bytes_of_its_numbers() -> None:
    assert size_in_bytes(Value("x", (2, 3, 5), "float16")) == 60
    assert size_in_bytes(Value("x", (), "int64")) == 8
    assert size_in_bytes(Value("x", (0, 4), "float32")) == 0


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
