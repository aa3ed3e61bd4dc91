"""tracer/render/diagram/node_outline.py: what a box does, found from its steps."""

from __future__ import annotations

import pytest

from tests.sketch import Forward, Sketch, conv, residual
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.whole_model import model_graph
from tracer.record import Value
from tracer.render.diagram.node_outline import outline_of


def vanilla(run: Sketch, x: Value) -> Value:
    weights = run.op("softmax", run.op("bmm", x, x, shape=(1, 64, 64)))
    return run.op("add", x, run.op("bmm", weights, x, shape=x.shape))


def linear_attention(run: Sketch, x: Value) -> Value:
    context = run.op("einsum", run.op("softmax", x), x)
    return run.op("einsum", context, x, shape=x.shape)


def fused(run: Sketch, x: Value) -> Value:
    return run.op("scaled_dot_product_attention", x, x, x)


def gate(run: Sketch, x: Value) -> Value:
    """A softmax, but one product with weights alone: no attention."""
    return run.op("mul", x, run.op("softmax", run.op("matmul", x, weight=(8, 8))))


def norm(run: Sketch, x: Value) -> Value:
    return run.op("group_norm", x, weight=(8,))


def attend_and_shrink(run: Sketch, x: Value) -> Value:
    return run.op("avg_pool2d", fused(run, x), shape=(1, 8, 4, 4))


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        (conv(), "convolution"),
        (residual(), "convolution"),
        (vanilla, "attention"),
        (linear_attention, "attention"),
        (fused, "attention"),
        (gate, "plain"),
        (norm, "plain"),
        (conv((1, 8, 4, 4)), "down"),
        (conv((1, 8, 16, 16)), "up"),
        (attend_and_shrink, "down"),
    ],
)
def test_the_outline_of_a_block_shows_what_it_runs(forward: Forward, expected: str) -> None:
    run = Sketch()
    x = run.call("stem", conv(), run.input("x", 1, 8, 8, 8))
    trace = run.trace(run.call("block", forward, x))
    (unit,) = (unit for unit in model_graph(trace, []).units if unit.name == "block")
    assert outline_of(unit, trace, find_spatial_sizes(trace)) == expected


def test_inputs_outputs_and_operations_have_outlines_too() -> None:
    run = Sketch()
    x, y = run.input("x", 1, 8, 8, 8), run.input("y", 1, 8, 8, 8)
    pooled = run.op("max_pool2d", run.op("add", x, y), shape=(1, 8, 4, 4))
    trace = run.trace(run.call("a", conv(), pooled))
    graph = model_graph(trace, [])
    assert {
        unit.label: outline_of(unit, trace, find_spatial_sizes(trace)) for unit in graph.units
    } == {
        "x": "end",
        "y": "end",
        "add": "operation",
        "max_pool2d": "down",
        "a": "convolution",
        "output": "end",
    }
