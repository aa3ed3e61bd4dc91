"""tracer/render/diagram/visible_units.py: which units of a graph are drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example, links
from tests.render.ladders import ladder, pop
from tests.sketch import Forward, Sketch, conv, series
from tracer.analysis.levels.placement import UnitPlacement
from tracer.analysis.levels.unit_graph import UnitGraph
from tracer.analysis.levels.whole_model import block_graph, model_graph
from tracer.errors import TraceError
from tracer.record import Trace, Value
from tracer.render.diagram.visible_units import collapsed_blocks, select_units
from tracer.render.tables.visible_rows import RowSelection

FOLD = RowSelection(fold=True)


def chain(length: int, forward: Forward) -> Trace:
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    for number in range(length):
        h = run.call(f"blocks.{number}", forward, h)
    return run.trace(run.call("last", conv(), h))


def labels(graph: UnitGraph) -> list[str]:
    return [unit.label for unit in graph.units]


def kinds(graph: UnitGraph) -> dict[str, str]:
    return {unit.name: unit.kind for unit in graph.units}


def edges(graph: UnitGraph) -> list[tuple[str, str]]:
    return [(flow.source, flow.target) for flow in graph.flows]


# ----------------------------------------------------------------------------------------- paths


def test_without_paths_every_unit_is_drawn() -> None:
    graph = model_graph(example(), links(example()))
    assert select_units(example(), graph, RowSelection()) == graph


def test_units_outside_the_paths_are_drawn_only_as_ends_of_flows() -> None:
    graph = model_graph(example(), links(example()))
    assert kinds(select_units(example(), graph, RowSelection(paths=("down",)))) == {
        "embed": "input",
        "conv_in": "input",
        "down.0.block": "block",
        "down.0.downsample": "block",
        "mid.block": "output",
        "up.1.block.0": "output",
        "up.0.block.0": "output",
    }


def test_flows_between_units_outside_the_paths_are_left_out() -> None:
    graph = model_graph(example(), links(example()))
    found = select_units(example(), graph, RowSelection(paths=("mid.attn",)))
    assert edges(found) == [("mid.block", "mid.attn"), ("mid.attn", "mid.block@1")]


def test_a_block_that_contains_a_match_is_drawn() -> None:
    graph = model_graph(example(), links(example()))
    found = select_units(example(), graph, RowSelection(paths=("mid.attn.qkv",)))
    assert kinds(found)["mid.attn"] == "block"


def test_operations_are_those_of_the_blocks_that_ran_them() -> None:
    graph = block_graph(example(), "mid.attn")
    assert kinds(select_units(example(), graph, RowSelection(paths=("mid.attn.qkv",)))) == {
        "transpose 15": "input",
        "mid.attn.qkv": "block",
        "chunk 17": "output",
    }
    whole = select_units(example(), graph, RowSelection(paths=("mid.attn",)))
    assert [unit.name for unit in whole.units] == [unit.name for unit in graph.units]


def test_a_path_that_matches_no_block_is_an_error() -> None:
    graph = model_graph(example(), links(example()))
    with pytest.raises(TraceError, match='No block of ToyUNet matches "mide"'):
        select_units(example(), graph, RowSelection(paths=("mide",)))


def test_a_path_of_blocks_that_ran_nothing_is_an_error() -> None:
    run = Sketch()
    h = run.call("identity", lambda run, x: x, run.input("x", 1, 8, 4, 4))
    trace = run.trace(run.call("conv", conv(), h))
    with pytest.raises(TraceError, match='no block that matches "identity" ran an operation'):
        select_units(trace, model_graph(trace, ()), RowSelection(paths=("identity",)))


# ----------------------------------------------------------------------------------------- depth


def test_blocks_at_the_depth_are_collapsed() -> None:
    assert collapsed_blocks(example(), None) == frozenset()
    deep = collapsed_blocks(example(), 2)
    assert {"mid.attn", "mid.attn.qkv"} <= deep
    assert "conv_in" not in deep


# --------------------------------------------------------------------------------------- folding


def test_equal_units_in_a_row_are_one_labeled_with_their_number() -> None:
    trace = chain(10, conv())
    found = select_units(trace, model_graph(trace, ()), FOLD)
    assert labels(found) == ["x", "blocks.0-9 (x 10)", "last", "output"]
    assert edges(found) == [("input x", "blocks.0"), ("blocks.0", "last"), ("last", "output 0")]


def test_the_folded_unit_has_the_steps_of_all() -> None:
    trace = chain(3, series(conv(), conv()))
    (unit,) = (
        one for one in select_units(trace, model_graph(trace, ()), FOLD).units if "(x" in one.label
    )
    assert (unit.first, unit.last) == (0, 6)
    assert unit.inputs == trace.inputs
    assert unit.outputs == trace.blocks["blocks.2"].outputs
    assert unit.block == trace.blocks["blocks.0"]


def test_a_unit_whose_output_is_used_elsewhere_ends_a_fold() -> None:
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    made = []
    for number in range(4):
        h = run.call(f"blocks.{number}", conv(), h)
        made.append(h)
    trace = run.trace(run.op("add", h, made[1]))
    found = select_units(trace, model_graph(trace, ()), FOLD)
    assert labels(found)[1:3] == ["blocks.0-1 (x 2)", "blocks.2-3 (x 2)"]


def test_the_ends_of_skips_do_not_fold() -> None:
    trace, skips = ladder(levels=2, blocks=3)
    graph = model_graph(trace, skips)
    assert select_units(trace, graph, FOLD) == graph


def test_between_the_ends_of_skips_units_fold() -> None:
    run = Sketch()
    start = h = run.call("blocks.0", conv(), run.input("x", 1, 8, 4, 4))
    for number in range(1, 4):
        h = run.call(f"blocks.{number}", conv(), h)
    skip = pop(run, h, [("blocks.0", start, 0)], "last")
    trace = run.trace(run.call("last", conv(), skip.result))
    found = select_units(trace, model_graph(trace, [skip]), FOLD)
    assert labels(found) == ["x", "blocks.0", "blocks.1-3 (x 3)", "last", "output"]


def test_a_source_of_every_folded_unit_has_one_edge() -> None:
    def block(run: Sketch, h: Value, temb: Value) -> Value:
        return conv()(run, run.op("add", h, temb))

    run = Sketch()
    h, t = run.input("x", 1, 8, 4, 4), run.input("t", 1, 8)
    for number in range(3):
        h = run.call(f"blocks.{number}", block, h, t)
    trace = run.trace(h)
    found = select_units(trace, model_graph(trace, ()), FOLD)
    assert sorted(edges(found)) == [
        ("blocks.0", "output 0"),
        ("input t", "blocks.0"),
        ("input x", "blocks.0"),
    ]


def test_units_at_different_places_do_not_fold() -> None:
    trace = chain(2, conv())
    graph = model_graph(trace, ())
    here = dict.fromkeys((unit.name for unit in graph.units), UnitPlacement("encoder", 0))
    apart = here | {"blocks.1": UnitPlacement("middle", 0)}
    assert "blocks.0-1 (x 2)" in labels(select_units(trace, graph, FOLD, here))
    assert select_units(trace, graph, FOLD, apart) == graph


def test_selected_units_fold() -> None:
    trace = chain(5, conv())
    view = replace(FOLD, paths=("blocks.[1-3]",))
    found = select_units(trace, model_graph(trace, ()), view)
    assert labels(found) == ["blocks.0", "blocks.1-3 (x 3)", "blocks.4"]
