"""The map has the boxes, edges and labels that the drawing by Graphviz has, at the same places."""

from __future__ import annotations

import pytest

from tests.example import example, symbolic_example
from tests.render import unet_kinds as kinds
from tests.render.drawn import read
from tests.render.explorer.decoded import Document
from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render.diagram import labels
from tracer.render.diagram.dot import digraph
from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.interning import TensorPools
from tracer.render.explorer.map_geometry import FOLDED, MapWriter, plan_maps


def whole_map(trace: Trace) -> Document:
    found: Document = explorer_document(ExplorerContent(trace))["maps"][0]
    return found


@pytest.mark.parametrize("trace", [example(), symbolic_example()], ids=["numbers", "formulas"])
def test_boxes_and_labels_are_where_graphviz_draws_them(trace: Trace) -> None:
    drawn, found = read(digraph(trace, view=FOLDED).source), whole_map(trace)
    units = {labels.identifier(unit["name"]): unit for unit in found["units"]}
    boxes = {name: units[name] for name in drawn.boxes}
    assert drawn.boxes.keys() == {name for name in units if units[name]["kind"] != "stub"}
    lefts = {name: box["x"] - box["width"] / 2 for name, box in boxes.items()}
    shifts = {round(lefts[name] - drawn.boxes[name][0]) for name in boxes}
    assert len(shifts) == 1
    texts = {edge[end] for edge in found["edges"] for end in ("push_label", "join_label")}
    assert {text for text, _ in drawn.labels} == texts - {""}


def test_everything_is_inside_the_map() -> None:
    found = whole_map(example())
    for unit in found["units"]:
        assert 0 <= unit["x"] - unit["width"] / 2 < unit["x"] + unit["width"] / 2 <= found["width"]
        assert unit["y"] - unit["height"] / 2 >= 0
        assert unit["y"] + unit["height"] / 2 <= found["height"]
    points = [point for edge in found["edges"] for point in edge["points"]]
    assert all(0 <= x <= found["width"] and 0 <= y <= found["height"] for x, y in points)


def test_a_skip_is_an_edge_from_its_source_to_its_target() -> None:
    trace = example()
    found = whole_map(trace)
    ends = [
        (found["units"][edge["source"]]["name"], found["units"][edge["target"]]["name"])
        for edge in found["edges"]
        if edge["skips"]
    ]
    assert sorted(ends) == sorted((link.source, link.target) for link in skips(trace))
    assert sorted(edge["skips"] for edge in found["edges"] if edge["skips"]) == [[0], [1], [2]]
    assert all(len(edge["points"]) % 3 == 1 for edge in found["edges"])


def test_levels_name_their_sizes_and_their_ratio() -> None:
    trace = symbolic_example()
    document = explorer_document(ExplorerContent(trace))
    levels = document["maps"][0]["levels"]
    sizes = [[document["dims"][one] for one in level["sizes"]] for level in levels]
    assert sizes == [["H", "W"], ["H/2", "W/2"]]
    assert [level["ratio"] for level in levels] == ["1/1", "1/2"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_nested_unet_is_a_map_of_its_own(wrapped: bool) -> None:
    trace, links = kinds.nested(wrapped=wrapped)
    numbers = {call: number for number, call in enumerate(trace.blocks)}
    maps = MapWriter(trace, tuple(links), TensorPools(), numbers).maps(plan_maps(trace, links))
    closed = {unit["name"]: unit["map"] for unit in maps[0]["units"] if unit["map"] >= 0}
    assert closed
    assert sorted(closed.values()) == list(range(1, len(maps)))
    for call, number in closed.items():
        inner = maps[number]
        assert inner["block"] == numbers[call]
        block = trace.blocks[call]
        ran = [unit for unit in inner["units"] if unit["last"] > unit["first"]]
        assert all(block.first <= unit["first"] <= unit["last"] <= block.last for unit in ran)
        skips_inside = {skip for edge in inner["edges"] for skip in edge["skips"]}
        labels_inside = {edge["push_label"] for edge in inner["edges"]}
        assert {f"skip {skip + 1}" for skip in skips_inside} <= {
            label.partition(":")[0] for label in labels_inside
        }


def test_a_small_model_has_one_map() -> None:
    trace = example()
    assert [one.call for one in plan_maps(trace, skips(trace))] == [""]
