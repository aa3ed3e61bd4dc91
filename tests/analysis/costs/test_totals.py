"""tracer/analysis/costs/totals.py: what a forward pass, its blocks and operations cost."""

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
from tracer.algebra.polynomial import parse
from tracer.analysis.costs import Cost, cost, sum_costs
from tracer.record import Step, Symbol, Trace, Value


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


def test_costs_are_added() -> None:
    one = Cost(1, 2, 30, 400, {"add": 1}, steps=1)
    other = Cost(10, 20, 300, 4000, {"mul": 3, "add": 1}, steps=5)
    assert sum_costs([one, other]) == Cost(11, 22, 330, 4400, {"mul": 3, "add": 2}, steps=6)
    assert sum_costs([]) == Cost()


def test_numbers_and_formulas_are_added_to_formulas() -> None:
    total = sum_costs([Cost(flops=2), Cost(flops=parse("3*B"), activation_bytes=parse("B"))])
    assert (total.flops, total.activation_bytes) == (parse("3*B + 2"), parse("B"))
    assert total.multiply_adds == parse("3*B/2 + 1")


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


# ------------------------------------------------------------------------------------ operations


def test_the_most_expensive_operations_come_first_then_the_most_frequent() -> None:
    names = list(cost(example()).operations)
    assert names[:5] == ["conv2d", "scaled_dot_product_attention", "linear", "add", "getitem"]


def test_each_operation_says_how_many_there_are_and_how_many_at_an_unknown_cost() -> None:
    found = cost(example()).operations
    assert (found["add"].steps, found["add"].uncounted, found["add"].flops) == (13, {"add": 13}, 0)
    assert (found["conv2d"].steps, found["conv2d"].uncounted) == (13, {})
    assert (found["getitem"].uncounted, found["getitem"].activation_bytes) == ({}, 0)


def test_the_sums_of_operations_are_those_of_the_whole() -> None:
    costs = cost(example())
    total = sum_costs(costs.operations.values())
    assert (total.flops, total.activation_bytes) == (costs.flops, costs.bytes)
    assert total.steps == costs.total.steps == len(example().steps)
    assert total.uncounted == costs.total.uncounted


# -------------------------------------------------------------------------------------- formulas

RUN = {"B": 1, "H": 16, "W": 16}


def with_costs() -> Trace:
    """The example in formulas, its FLOPs those of the example in numbers, as formulas of B."""
    steps = tuple(
        replace(step, flops=None if known.flops is None else f"{known.flops}*B")
        for step, known in zip(symbolic_example().steps, example().steps, strict=True)
    )
    symbols = tuple(Symbol(name, size) for name, size in RUN.items())
    return replace(symbolic_example(), steps=steps, symbols=symbols)


def test_at_the_sizes_of_the_run_the_formulas_are_its_costs() -> None:
    formulas, numbers = cost(with_costs()), cost(example())
    assert formulas.are_formulas
    assert formulas.sizes == RUN
    assert formulas.total == formulas.blocks[""]
    assert [formulas.at_run(formulas.flops), formulas.at_run(7)] == [numbers.flops, 7]
    for symbolic, known in (
        (formulas.blocks, numbers.blocks),
        (formulas.operations, numbers.operations),
    ):
        for name, one in symbolic.items():
            found = replace(
                one,
                flops=formulas.at_run(one.flops),
                activation_bytes=formulas.at_run(one.activation_bytes),
            )
            assert found == known[name]


def test_each_operation_has_its_sum_in_formulas() -> None:
    formulas = cost(with_costs())
    assert sum_costs(formulas.operations.values()).flops == formulas.flops


def test_bytes_grow_with_the_image() -> None:
    formulas = cost(with_costs())
    assert formulas.blocks["conv_in"].activation_bytes == parse("32*B*H*W")
    assert formulas.blocks["mid.attn.qkv"].activation_bytes == parse("48*B*H*W")


def test_views_write_nothing() -> None:
    assert cost(with_costs()).operations["transpose"].activation_bytes == parse("0")


def test_what_grows_fastest_comes_first_however_little_it_costs_at_the_run() -> None:
    run, flops = Sketch(), ("1000000*B", "B*H*W", "2*B*H*W")
    x = run.input("x", "B", 8, "H", "W")
    for op in ("linear", "conv2d", "bmm"):
        run.op(op, x)
    trace = run.trace(x)
    steps = (replace(step, flops=one) for step, one in zip(trace.steps, flops, strict=True))
    assert list(cost(replace(trace, steps=tuple(steps))).operations) == ["bmm", "conv2d", "linear"]


def test_the_names_of_version_0_1_are_aliases() -> None:
    assert tracer.cost_formulas is tracer.cost
    assert tracer.CostFormulas is tracer.Costs
