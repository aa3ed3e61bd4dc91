"""tracer/costs/polynomials.py: what a forward costs, as formulas of its sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example, symbolic_example
from tracer.algebra.polynomial import parse
from tracer.analysis.costs import cost, cost_formulas
from tracer.record import Trace, Value

AT = {"B": 1, "H": 16, "W": 16}


def with_costs() -> Trace:
    """The example in formulas, its FLOPs those of the example in numbers, as formulas of B."""
    numbers = example().steps
    steps = tuple(
        replace(step, flops=None if known.flops is None else f"{known.flops}*B")
        for step, known in zip(symbolic_example().steps, numbers, strict=True)
    )
    return replace(symbolic_example(), steps=steps)


def test_at_the_sizes_of_the_run_the_formulas_are_its_costs() -> None:
    formulas, numbers = cost_formulas(with_costs()), cost(example())
    for call, one in formulas.blocks.items():
        assert one.flops.evaluate(AT) == numbers.blocks[call].flops
        assert one.activation_bytes.evaluate(AT) == numbers.blocks[call].activation_bytes
        assert one.uncounted == numbers.blocks[call].uncounted
    assert formulas.total == formulas.blocks[""]


def test_each_kind_of_operation_has_its_sum() -> None:
    formulas = cost_formulas(with_costs())
    total = sum((one.flops for one in formulas.operations.values()), start=parse("0"))
    assert total == formulas.total.flops
    assert sum(one.steps for one in formulas.operations.values()) == len(example().steps)


def test_bytes_grow_with_the_image() -> None:
    formulas = cost_formulas(with_costs())
    assert formulas.blocks["conv_in"].activation_bytes == parse("32*B*H*W")
    assert formulas.blocks["mid.attn.qkv"].activation_bytes == parse("48*B*H*W")


def test_views_write_nothing() -> None:
    operations = cost_formulas(with_costs()).operations
    assert operations["transpose"].activation_bytes == parse("0")


def test_a_dtype_that_is_not_known_is_refused() -> None:
    trace = example()
    step = replace(trace.steps[0], outputs=(Value("q", (1,), "quaternion"),))
    with pytest.raises(ValueError, match="q is quaternion"):
        cost_formulas(replace(trace, steps=(step, *trace.steps[1:])))
