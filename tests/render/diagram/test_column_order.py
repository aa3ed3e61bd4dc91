"""tracer/render/diagram/column_order.py: the order of the units in the columns."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.render import unet_kinds as kinds
from tests.render.ladders import ladder
from tests.render.unet_kinds import Subject
from tests.sketch import Sketch, conv
from tracer.analysis.levels.placement import UnitPlacement, place_units
from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.unit_graph import UnitGraph
from tracer.analysis.levels.whole_model import model_graph
from tracer.render.diagram.column_order import order_columns

KINDS: dict[str, Subject] = {
    "ladder": ladder(4, 2),
    "dense": kinds.dense(),
    "nested": kinds.nested(),
    "cascade": kinds.cascade(3),
    "side outputs": kinds.side_outputs(),
    "resized inputs": kinds.resized_inputs(),
}


def placed(subject: Subject) -> tuple[UnitGraph, Mapping[str, UnitPlacement]]:
    trace, links = subject
    graph = model_graph(trace, links)
    return graph, place_units(graph, find_spatial_sizes(trace)).units


@pytest.mark.parametrize("name", KINDS)
def test_each_unit_is_after_what_it_is_computed_from(name: str) -> None:
    graph, places = placed(KINDS[name])
    order = order_columns(graph, places)
    assert sorted(order) == sorted(unit.name for unit in graph.units)
    assert all(order.index(flow.source) < order.index(flow.target) for flow in graph.flows)


def test_the_columns_of_a_ladder_are_in_execution_order() -> None:
    graph, places = placed(KINDS["ladder"])
    order = order_columns(graph, places)
    for role in ("encoder", "middle", "decoder"):
        ran = [unit.name for unit in graph.units if places[unit.name].role == role]
        assert [name for name in order if places[name].role == role] == ran


@pytest.mark.parametrize("name", ["dense", "side outputs", "resized inputs"])
def test_the_levels_of_a_column_are_together(name: str) -> None:
    graph, places = placed(KINDS[name])
    order = order_columns(graph, places)
    for role, descends in (("encoder", True), ("decoder", False)):
        levels = [places[unit].level for unit in order if places[unit].role == role]
        assert levels == sorted(levels, key=lambda level: level or 0, reverse=not descends)


def test_a_unit_without_inputs_stays_where_it_ran() -> None:
    run = Sketch()
    h = run.call("a", conv(), run.input("x", 1, 8, 16, 16))
    h = run.call("b", conv((1, 8, 8, 8)), h)
    kernel = run.op("full", shape=(1, 8, 3, 3))
    h = run.call("c", lambda run, h, kernel: run.op("conv2d", h, kernel), h, kernel)
    graph, places = placed((run.trace(h), ()))
    order = order_columns(graph, places)
    assert order.index("b") < order.index("full 2") < order.index("c")
