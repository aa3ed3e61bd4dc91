"""tracer/render/diagram/side_inputs.py: the time embedding and other inputs, beside the ladder."""

from __future__ import annotations

from tests.sketch import Sketch, conv
from tracer.analysis.levels.whole_model import model_graph
from tracer.record import Value
from tracer.render.diagram.layout import BLOCK_GAP
from tracer.render.diagram.side_inputs import Strip, strip, strip_boxes

SIDE = ("input t", "input label", "embed", "add 1")


def embedded(blocks: int) -> Strip:
    """A timestep is embedded, a label added to it, and the sum given to so many blocks."""
    run = Sketch()
    x, t, label = run.input("x", 1, 8, 8, 8), run.input("t", 1), run.input("label", 1, 16)
    embed = run.call("embed", lambda run, t: run.op("linear", t, shape=(1, 16)), t)
    h, temb = x, run.op("add", embed, label)

    def block(run: Sketch, h: Value, temb: Value) -> Value:
        return conv()(run, run.op("add", h, temb))

    for number in range(blocks):
        h = run.call(f"block.{number}", block, h, temb)
    return strip(model_graph(run.trace(run.call("last", conv(), h)), []), SIDE)


def test_a_unit_stands_to_the_right_of_all_that_it_takes_and_inputs_right_before_their_use() -> (
    None
):
    assert embedded(3).cells == {
        "input t": (0, 0),
        "embed": (1, 0),
        "add 1": (2, 0),
        "add 1 to": (3, 0),
        "input label": (1, 1),
    }


def test_a_stub_counts_the_blocks_that_it_stands_for_and_names_a_single_one() -> None:
    assert [stub.label for stub in embedded(3).stubs] == ["to 3 blocks"]
    assert [stub.label for stub in embedded(1).stubs] == ["to block.0"]


def test_arrows_join_the_side_units_and_the_stub() -> None:
    assert set(embedded(2).arrows) == {
        ("input t", "embed"),
        ("embed", "add 1"),
        ("input label", "add 1"),
        ("add 1", "add 1 to"),
    }


def test_a_strip_that_is_too_long_goes_on_below() -> None:
    found = embedded(2)
    widths = dict.fromkeys(found.cells, 100.0)
    wide = strip_boxes(found, widths, 0, 4 * (100 + BLOCK_GAP))
    narrow = strip_boxes(found, widths, 0, 2 * (100 + BLOCK_GAP))
    assert wide["input t"].y == wide["add 1 to"].y
    assert narrow["add 1"].x == narrow["input t"].x
    assert narrow["add 1"].top > narrow["input label"].bottom
    assert max(box.right for box in narrow.values()) <= 2 * (100 + BLOCK_GAP)


def test_a_stub_stays_behind_its_unit_at_the_right_edge() -> None:
    found = embedded(2)
    boxes = strip_boxes(found, dict.fromkeys(found.cells, 100.0), 0, 3 * (100 + BLOCK_GAP))
    assert boxes["add 1 to"].y == boxes["add 1"].y
    assert boxes["add 1 to"].left > boxes["add 1"].right
