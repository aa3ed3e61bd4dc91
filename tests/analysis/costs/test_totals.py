"""tracer/costs/totals.py: what a forward costs, and what each of its blocks does."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import reference_model
import tracer
from tests.example import example, symbolic_example
from tests.from_torch.zoo import UNETS, quiet, traced
from tests.sketch import Sketch, conv
from tracer.analysis.costs import Cost, added, cost
from tracer.record import Step, Trace, Value


@pytest.mark.parametrize("name", ["tiny", "ddpm-cifar10"])
def test_every_block_costs_what_flop_counter_mode_says(name: str) -> None:
    with torch.device("meta"):
        model = reference_model.build(name)
        inputs = reference_model.example_inputs(model.config)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(**inputs)
    counted = {
        path.removeprefix("Model").removeprefix("."): sum(by_operation.values())
        for path, by_operation in counter.get_flop_counts().items()
        if path != "Global"
    }
    costs = cost(tracer.trace(model, inputs))
    assert costs.flops == counter.get_total_flops()
    known = {call: one.flops for call, one in costs.blocks.items() if one.flops}
    assert known == {path: flops for path, flops in counted.items() if flops}
    assert len(known) > 50


def test_a_multiply_add_is_two_flops() -> None:
    costs = cost(example())
    assert costs.multiply_adds * 2 == costs.flops == costs.total.flops
    assert costs.blocks["conv_in"].multiply_adds == 8 * 16 * 16 * 3 * 3 * 3


def test_a_block_costs_what_its_children_and_its_own_operations_do() -> None:
    costs = cost(example())
    parts = [costs.blocks[f"mid.attn.{name}"].flops for name in ("qkv", "proj")]
    attention = 2 * 64 * 16 * (2 * 64)
    assert costs.blocks["mid.attn"].flops == sum(parts) + attention


def test_a_module_that_is_called_twice_costs_arithmetic_twice_and_parameters_once() -> None:
    costs = cost(example())
    once, again = costs.blocks["mid.block"], costs.blocks["mid.block@1"]
    assert once == again
    assert costs.parameters == example().root.parameters
    assert costs.parameters < sum(block.parameters for block in example().root.children)


def test_bytes_are_those_that_were_written_and_no_views() -> None:
    # flatten, transpose, qkv, chunk, attention, proj, transpose, reshape, add
    tokens = 64 * 16 * 4
    assert cost(example()).blocks["mid.attn"].activation_bytes == (3 + 1 + 1 + 1) * tokens


def test_what_has_no_known_cost_is_named_the_most_frequent_first() -> None:
    total = cost(example()).total
    assert total.uncounted == {"add": 13, "interpolate": 1}
    assert list(total.uncounted) == ["add", "interpolate"]
    assert cost(example()).blocks["conv_in"].uncounted == {}


@pytest.mark.parametrize("op", ["view", "cat", "float", "transpose_", "masked_fill_", "zeros"])
def test_what_computes_nothing_is_not_named(op: str) -> None:
    assert cost(one_step(op)).total.uncounted == {}


@pytest.mark.parametrize("op", ["add_", "softmax", "max_pool2d", "fft_rfft2", "no_such_operation"])
def test_what_computes_something_unknown_is_named(op: str) -> None:
    assert cost(one_step(op)).total.uncounted == {op: 1}


def one_step(op: str) -> Trace:
    run = Sketch()
    return run.trace(run.op(op, run.input("x", 1, 8)))


@pytest.mark.parametrize(
    ("dtype", "size"),
    [("float32", 4), ("bfloat16", 2), ("bool", 1), ("complex64", 8), ("float8_e4m3fnuz", 1)],
)
def test_each_dtype_has_its_bytes(dtype: str, size: int) -> None:
    x = Value("x", (3, 5), dtype)
    y = Value("y", (3, 5), dtype)
    root = replace(example().root, children=(), first=0, last=1)
    trace = Trace("Net", (x,), (y,), (Step("relu", (x,), (y,), ""),), root)
    assert cost(trace).bytes == 15 * size


def test_weights_are_read_once_however_often_they_are_used() -> None:
    run, weight = Sketch(), (8, 8, 3, 3)
    h = run.op("conv2d", run.input("x", 1, 8, 4, 4), weight=weight)
    trace = run.trace(run.op("conv2d", h, weight=weight))
    assert cost(trace).weight_bytes == 8 * 8 * 3 * 3 * 4


def test_formulas_have_no_single_cost() -> None:
    with pytest.raises(TypeError, match="formulas for sizes"):
        cost(symbolic_example())


def test_costs_are_added() -> None:
    one = Cost(1, 2, 30, 400, {"add": 1})
    other = Cost(10, 20, 300, 4000, {"mul": 3, "add": 1})
    assert added([one, other]) == Cost(11, 22, 330, 4400, {"mul": 3, "add": 2})
    assert added([]) == Cost(0, 0, 0, 0, {})


@pytest.mark.parametrize("name", UNETS)
@pytest.mark.filterwarnings(*(mark.args[0] for mark in quiet))
def test_the_whole_is_the_sum_of_the_steps(name: str) -> None:
    trace = traced(name)
    costs = cost(trace)
    assert costs.flops == sum(int(step.flops or 0) for step in trace.steps)
    assert sum(costs.total.uncounted.values()) <= sum(step.flops is None for step in trace.steps)


def test_a_model_that_computed_nothing_costs_nothing() -> None:
    run = Sketch()
    costs = cost(run.trace(run.input("x", 1, 8)))
    assert (costs.flops, costs.bytes, costs.total.uncounted) == (0, 0, {})


def test_a_block_that_ran_nothing_costs_nothing() -> None:
    run = Sketch()
    x = run.input("x", 1, 8, 4, 4)
    h = run.call("identity", lambda run, x: x, x)
    assert cost(run.trace(run.call("conv", conv(), h))).blocks["identity"].activation_bytes == 0
