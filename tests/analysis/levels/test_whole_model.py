"""Which boxes a diagram has, and which tensors flow between them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.example import example, links
from tests.render.unet_kinds import levels_as_blocks
from tests.sketch import Sketch, conv, residual, series
from tracer.analysis.levels.unit_graph import UnitGraph
from tracer.analysis.levels.whole_model import block_graph, model_graph
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value


def blocks(graph: UnitGraph) -> list[str]:
    return [unit.name for unit in graph.units if unit.block]


def ways(graph: UnitGraph) -> list[tuple[str, str]]:
    return [(flow.source, flow.target) for flow in graph.flows]


def skipped(graph: UnitGraph) -> list[tuple[str, str, int]]:
    return [(flow.source, flow.target, flow.skip.number) for flow in graph.flows if flow.skip]


def link(trace: Trace, value: Value, joined: Value, result: Value, *via: str) -> SkipLink:
    pushed, popped = trace.producers.get(value.name, -1), trace.producers[result.name]
    way = way_between(trace, value, next(x for x in trace.steps[popped].inputs if x != joined))
    return SkipLink("", "", value, joined, result, "cat", pushed, popped, via, way)


def way_between(trace: Trace, value: Value, operand: Value) -> tuple[Value, ...]:
    """Back from the operand of a join, by first inputs, to the value that it was made from."""
    way = []
    while operand != value:
        way.append(operand)
        operand = trace.steps[trace.producers[operand.name]].inputs[0]
    return tuple(way)


def half(size: int) -> tuple[int, int, int, int]:
    return (1, 8, size // 2, size // 2)


def test_the_units_of_the_toy_are_its_blocks_at_the_steps_of_the_ladder() -> None:
    trace = example()
    assert blocks(model_graph(trace, links(trace))) == [
        "embed",
        "conv_in",
        "down.0.block",
        "down.0.downsample",
        "mid.block",
        "mid.attn",
        "mid.block@1",
        "up.1.block.0",
        "up.1.upsample",
        "up.0.block.0",
        "up.0.block.1",
        "conv_out",
    ]


def test_skips_are_numbered_in_the_order_of_their_pushes() -> None:
    trace = example()
    assert skipped(model_graph(trace, links(trace))) == [
        ("down.0.downsample", "up.1.block.0", 3),
        ("down.0.block", "up.0.block.0", 2),
        ("conv_in", "up.0.block.1", 1),
    ]


def test_a_join_belongs_to_the_block_that_alone_takes_its_result() -> None:
    trace = example()
    graph = model_graph(trace, links(trace))
    assert not [unit for unit in graph.units if unit.kind == "join"]
    assert ("up.1.upsample", "up.0.block.0") in ways(graph)


def test_a_join_whose_result_two_blocks_take_is_a_unit_of_its_own() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    b = run.call("b", conv(), a)
    joined = run.op("cat", b, a, shape=(1, 16, 8, 8))
    out = run.call("c", conv(), joined), run.call("d", conv(), joined)
    trace = run.trace(*out)
    graph = model_graph(trace, [link(trace, a, b, joined)])
    assert [unit.name for unit in graph.units if unit.kind == "join"] == ["cat 2"]
    assert skipped(graph) == [("a", "cat 2", 1)]


def test_an_operation_of_the_model_passes_its_tensor_on_unless_it_brings_two_flows_together() -> (
    None
):
    run = Sketch()
    x, y = run.input("x", 1, 8, 8, 8), run.input("y", 1, 8, 8, 8)
    a = run.call("a", conv(), run.op("silu", x))
    b = run.call("b", conv(), run.op("add", a, y))
    graph = model_graph(run.trace(b), [])
    assert ways(graph) == [
        ("input x", "a"),
        ("a", "add 2"),
        ("input y", "add 2"),
        ("add 2", "b"),
        ("b", "output 0"),
    ]


def test_an_operation_of_the_model_that_resamples_is_a_unit() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    b = run.call("b", conv(), run.op("max_pool2d", a, shape=half(8)))
    assert ("max_pool2d 1", "b") in ways(model_graph(run.trace(b), []))


def test_a_tensor_made_from_none_is_a_unit_where_a_block_takes_it() -> None:
    run = Sketch()
    x = run.input("x", 1, 8, 8, 8)
    positions, unused = run.op("arange", shape=(64,)), run.op("arange", shape=(9,))
    a = run.call("a", lambda run, x, p: run.op("embed", x, p), x, positions)
    graph = model_graph(run.trace(a), [])
    assert ("arange 0", "a") in ways(graph)
    assert not [unit for unit in graph.units if unused in unit.outputs]


def test_a_block_that_runs_nothing_is_no_unit() -> None:
    run = Sketch()
    x = run.input("x", 1, 8, 8, 8)
    a = run.call("drop", lambda _, h: h, run.call("a", conv(), x))
    assert blocks(model_graph(run.trace(run.call("b", conv(), a)), [])) == ["a", "b"]


def test_a_block_named_output_is_told_from_the_output() -> None:
    run = Sketch()
    out = run.call("output", conv(), run.call("a", conv(), run.input("x", 1, 8, 8, 8)))
    assert ("output", "output 0") in ways(model_graph(run.trace(out), []))


def test_a_block_that_pushes_in_its_middle_is_opened() -> None:
    run = Sketch()
    made: list[Value] = []

    def stage(run: Sketch, x: Value) -> Value:
        made.append(run.call("down.res", residual(), x))
        made.append(run.call("down.sample", conv(half(8)), made[0]))
        return made[1]

    down = run.call("down", stage, run.input("x", 1, 8, 8, 8))
    mid = run.call("mid", residual(), down)
    first = run.op("cat", mid, down, shape=(1, 16, 4, 4))
    up = run.call("up", conv((1, 8, 8, 8)), first)
    second = run.op("cat", up, made[0], shape=(1, 16, 8, 8))
    trace = run.trace(run.call("out", conv(), second))
    graph = model_graph(trace, [link(trace, down, mid, first), link(trace, made[0], up, second)])
    assert blocks(graph) == ["down.res", "down.sample", "mid", "up", "out"]
    assert skipped(graph) == [("down.sample", "up", 2), ("down.res", "out", 1)]


def nested() -> tuple[Trace, SkipLink]:
    """A block that joins its input with what its submodule makes of it, called by a sequence."""
    run = Sketch()
    joined: list[Value] = []

    def skip(run: Sketch, x: Value) -> Value:
        h = run.call("model.1.sub", residual(), x)
        joined.extend((x, h, run.op("cat", x, h, shape=(1, 16, 4, 4))))
        return joined[2]

    model = series(conv(half(8)), skip, conv((1, 8, 8, 8)))
    out = run.call("model", model, run.input("x", 1, 8, 8, 8))
    trace = run.trace(out)
    return trace, link(trace, *joined)


def test_blocks_are_opened_as_deep_as_a_skip_is_held_inside_them() -> None:
    trace, skip = nested()
    graph = model_graph(trace, [skip])
    assert blocks(graph) == ["model.0", "model.1.sub", "model.2"]
    assert skipped(graph) == [("model.0", "model.2", 1)]


def decoder_block(*, resampled: bool) -> UnitGraph:
    """A block that takes a skip and joins it, at once or after an upsampling of its own."""
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    h = run.call("down", conv(half(8) if resampled else ()), a)
    joined: list[Value] = []

    def up(run: Sketch, x: Value, skip: Value) -> Value:
        joined.append(run.op("interpolate", x, shape=a.shape) if resampled else x)
        joined.append(run.op("cat", joined[0], skip, shape=(1, 16, 8, 8)))
        return run.call("up.conv", conv(a.shape), joined[1])

    trace = run.trace(run.call("up", up, h, a))
    return model_graph(trace, [link(trace, a, *joined)])


def test_a_block_that_upsamples_before_it_joins_is_opened() -> None:
    graph = decoder_block(resampled=True)
    assert [unit.name for unit in graph.units][3:-1] == ["interpolate 2", "up.conv"]
    assert skipped(graph) == [("a", "up.conv", 1)]


def test_a_block_that_joins_first_of_all_is_one_unit() -> None:
    graph = decoder_block(resampled=False)
    assert blocks(graph) == ["a", "down", "up"]
    assert skipped(graph) == [("a", "up", 1)]


def padded(before: str) -> UnitGraph:
    """A skip that was padded on its way: by the model, or at the end of the block that made it."""
    run = Sketch()

    def first(run: Sketch, x: Value) -> Value:
        h = run.call("a.conv", conv(), x)
        return run.op("pad", h) if before == "leaving" else h

    a = run.call("a", first, run.input("x", 1, 8, 8, 8))
    b = run.call("b", residual(), a)
    operand = run.op("pad", a) if before == "joining" else a
    joined = run.op("cat", b, operand, shape=(1, 16, 8, 8))
    trace = run.trace(run.call("c", conv(), joined))
    made = trace.steps[0].outputs[0]
    return model_graph(trace, [link(trace, made, b, joined, "pad")])


@pytest.mark.parametrize(("before", "said"), [("leaving", ()), ("joining", ("pad",))])
def test_a_skip_says_what_was_done_to_it_after_it_left_its_block(
    before: str, said: tuple[str, ...]
) -> None:
    graph = padded(before)
    assert blocks(graph) == ["a", "b", "c"]
    assert [flow.skip.via for flow in graph.flows if flow.skip] == [said]


def test_a_skip_that_passes_through_a_gate_is_followed_back_to_its_push() -> None:
    run = Sketch()
    a = run.call("a", residual(), run.input("x", 1, 8, 8, 8))
    up = run.call("up", conv((1, 8, 8, 8)), run.call("down", conv(half(8)), a))
    gated = run.call("gate", lambda run, x, y: run.op("mul", x, run.op("sigmoid", y)), a, up)
    joined = run.op("cat", gated, up, shape=(1, 16, 8, 8))
    trace = run.trace(run.call("b", conv(), joined))
    graph = model_graph(trace, [link(trace, a, up, joined, "mul")])
    ends = [(f.source, f.target, f.starts, f.ends) for f in graph.flows if f.skip]
    assert ends == [("a", "gate", True, False), ("gate", "b", False, True)]


def test_a_chain_of_blocks_with_the_resolution_changing_in_it_is_opened() -> None:
    run = Sketch()
    down, up = half(8), (1, 8, 8, 8)
    encoder = series(residual(), series(residual(), conv(down)))
    h = run.call("encoder", encoder, run.input("x", *up))
    h = run.call("decoder", series(residual(), conv(up), residual(up)), h)
    assert blocks(model_graph(run.trace(h), [])) == [
        "encoder.0",
        "encoder.1.0",
        "encoder.1.1",
        "decoder.0",
        "decoder.1",
        "decoder.2",
    ]


@pytest.mark.parametrize(
    "name",
    ["a residual block that resamples", "a stage that begins with it", "a block that only does it"],
)
def test_a_block_at_one_step_of_the_ladder_is_one_unit(name: str) -> None:
    forward = {
        "a residual block that resamples": residual(half(8)),
        "a stage that begins with it": series(conv(half(8)), residual(), residual()),
        "a block that only does it": series(lambda run, x: run.op("pad", x), conv(half(8))),
    }[name]
    run = Sketch()
    h = run.call("stem", conv(), run.input("x", 1, 8, 8, 8))
    assert blocks(model_graph(run.trace(run.call("block", forward, h)), [])) == ["stem", "block"]


def test_a_model_that_only_wraps_another_shows_the_other() -> None:
    run = Sketch()
    h = run.call("net", series(series(residual(), residual())), run.input("x", 1, 8, 8, 8))
    assert blocks(model_graph(run.trace(h), [])) == ["net.0.0", "net.0.1"]


def test_the_inside_of_a_block_has_every_operation_and_child() -> None:
    graph = block_graph(example(), "mid.attn")
    assert [unit.label for unit in graph.units] == [
        "add_3",
        "flatten",
        "transpose",
        "mid.attn.qkv",
        "chunk",
        "scaled_dot_product_attention",
        "mid.attn.proj",
        "transpose",
        "reshape",
        "add",
        "output",
    ]
    assert shapes(graph, "mid.attn.qkv") == [(1, 64, 48)]


def shapes(graph: UnitGraph, source: str) -> Iterable[tuple[int | str, ...]]:
    return [flow.value.shape for flow in graph.flows if flow.source == source]


def test_there_is_no_inside_of_a_block_that_was_not_called() -> None:
    with pytest.raises(KeyError, match=r"mid\.attn_9"):
        block_graph(example(), "mid.attn_9")


def test_a_skip_that_stays_inside_a_closed_block_is_none_of_the_diagram() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))

    def inner(run: Sketch, x: Value) -> Value:
        h = run.call("b.one", conv(), x)
        return run.op("add", run.call("b.two", conv(), h), x)

    b = run.call("b", inner, a)
    trace = run.trace(run.call("c", conv(), b))
    add = trace.steps[3]
    skips = [link(trace, a, add.inputs[0], add.outputs[0])]
    assert skipped(model_graph(trace, skips)) == [("a", "c", 1)]
    closed = model_graph(trace, skips, frozenset({"b"}))
    assert ways(closed) == [("input x", "a"), ("a", "b"), ("b", "c"), ("c", "output 0")]
    assert skipped(closed) == []


def test_a_skip_into_a_closed_block_is_kept_beside_another_tensor() -> None:
    trace, links = levels_as_blocks(levels=1, layers=2)
    graph = model_graph(trace, links, frozenset({"down.0", "up.0"}))
    assert skipped(graph) == [("down.0", "up.0", 2), ("down.0", "up.0", 1)]


def test_skips_that_are_concatenated_before_their_join_are_drawn_one_by_one() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 8, 8))
    b = run.call("b", conv(), a)
    c = run.call("c", conv(), run.call("mid", conv(), b))
    both = run.op("cat", a, b, shape=(1, 16, 8, 8))
    joined = run.op("cat", c, both, shape=(1, 24, 8, 8))
    trace = run.trace(run.call("d", conv(), joined))
    skips = [
        SkipLink(name, "d", value, c, joined, "cat", step, 5)
        for step, (name, value) in enumerate({"a": a, "b": b}.items())
    ]
    assert sorted(skipped(model_graph(trace, skips))) == [
        ("a", "cat 4", 1),
        ("b", "cat 4", 2),
        ("cat 4", "d", 1),
        ("cat 4", "d", 2),
    ]
