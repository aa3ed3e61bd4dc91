"""tracer/render/diagram/side_inputs.py: the time embedding and other inputs above the U."""

from __future__ import annotations

from tests.sketch import Sketch, conv
from tracer.analysis.levels.whole_model import model_graph
from tracer.record import Value
from tracer.render.diagram.layout import BOX_GAP
from tracer.render.diagram.side_inputs import SideInputs, arrange_side_inputs, side_boxes

SIDE = ("input t", "input label", "embed", "add 1")


def embedded(blocks: int) -> SideInputs:
    """A timestep is embedded, a label added to it, and the sum given to so many blocks."""
    run = Sketch()
    x, t, label = run.input("x", 1, 8, 8, 8), run.input("t", 1), run.input("label", 1, 16)
    embed = run.call("embed", lambda run, t: run.op("linear", t, shape=(1, 16)), t)
    h, temb = x, run.op("add", embed, label)

    def block(run: Sketch, h: Value, temb: Value) -> Value:
        return conv()(run, run.op("add", h, temb))

    for number in range(blocks):
        h = run.call(f"block.{number}", block, h, temb)
    return arrange_side_inputs(model_graph(run.trace(run.call("last", conv(), h)), []), SIDE)


def test_a_unit_is_to_the_right_of_its_sources_and_an_input_directly_before_its_use() -> None:
    assert embedded(3).cells == {
        "input t": (0, 0),
        "embed": (1, 0),
        "add 1": (2, 0),
        "add 1 to": (3, 0),
        "input label": (1, 1),
    }


def test_a_stub_counts_its_blocks_and_names_a_single_one() -> None:
    assert [stub.label for stub in embedded(3).stubs] == ["to 3 blocks"]
    assert [stub.label for stub in embedded(1).stubs] == ["to block.0"]


def test_edges_connect_the_side_units_and_the_stub() -> None:
    assert set(embedded(2).edges) == {
        ("input t", "embed"),
        ("embed", "add 1"),
        ("input label", "add 1"),
        ("add 1", "add 1 to"),
    }


def test_columns_that_do_not_fit_continue_below() -> None:
    found = embedded(2)
    widths = dict.fromkeys(found.cells, 100.0)
    wide = side_boxes(found, widths, 0, 4 * (100 + BOX_GAP))
    narrow = side_boxes(found, widths, 0, 2 * (100 + BOX_GAP))
    assert wide["input t"].y == wide["add 1 to"].y
    assert narrow["add 1"].x == narrow["input t"].x
    assert narrow["add 1"].top > narrow["input label"].bottom
    assert max(box.right for box in narrow.values()) <= 2 * (100 + BOX_GAP)


def test_a_stub_stays_beside_its_unit_at_the_right_edge() -> None:
    found = embedded(2)
    boxes = side_boxes(found, dict.fromkeys(found.cells, 100.0), 0, 3 * (100 + BOX_GAP))
    assert boxes["add 1 to"].y == boxes["add 1"].y
    assert boxes["add 1 to"].left > boxes["add 1"].right
