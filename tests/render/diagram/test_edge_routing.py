"""tracer/render/diagram/edge_routing.py: the curves between boxes."""

from __future__ import annotations

from tracer.render.diagram.edge_routing import ARROW_LENGTH, EdgeRouter, point, spline
from tracer.render.diagram.lanes import assign_lanes
from tracer.render.diagram.layout import BOX_HEIGHT, ROW_HEIGHT, Box
from tracer.render.diagram.ranks import Ladder, Rank, Ranks

LEFT = {f"left {row}": Box(0, 50.0 * row, 80) for row in range(3)}
RIGHT = {f"right {row}": Box(300, 50.0 * row, 80) for row in range(3)}
MIDDLE = {"mid": Box(150, 150, 80)}
ROUTER = EdgeRouter(LEFT | RIGHT | MIDDLE, ["mid"])


def test_a_straight_skip_runs_from_side_to_side() -> None:
    start, *_, end = curve = ROUTER.curve("left 1", "right 1")
    assert (start, end) == ((40, 50), (260, 50))
    assert {y for _, y in curve} == {50}


def test_neighbors_in_a_column_are_connected_by_a_vertical_line_in_both_directions() -> None:
    down, up = ROUTER.curve("left 0", "left 1"), ROUTER.curve("right 1", "right 0")
    assert (down[0], down[-1]) == ((0, BOX_HEIGHT / 2), (0, 50 - BOX_HEIGHT / 2))
    assert (up[0], up[-1]) == ((300, 50 - BOX_HEIGHT / 2), (300, BOX_HEIGHT / 2))


def test_a_curve_passes_the_box_between_its_ends() -> None:
    left, right = ROUTER.curve("left 0", "left 2"), ROUTER.curve("right 2", "right 0")
    assert max(x for x, _ in left) == -40
    assert min(x for x, _ in right) == 340


def test_a_curve_to_the_middle_goes_down_and_then_across_and_back_in_reverse() -> None:
    there, back = ROUTER.curve("left 2", "mid"), ROUTER.curve("mid", "right 2")
    assert (there[0], there[-1]) == ((0, 100 + BOX_HEIGHT / 2), (110, 150))
    assert (back[0], back[-1]) == ((190, 150), (300, 100 + BOX_HEIGHT / 2))


def test_columns_that_end_at_different_heights_are_connected_below_both() -> None:
    shorter = {name: box for name, box in RIGHT.items() if name != "right 2"}
    start, low, far, end = EdgeRouter(LEFT | shorter).curve("left 2", "right 1")
    assert (start, end) == ((0, 100 + BOX_HEIGHT / 2), (300, 50 + BOX_HEIGHT / 2))
    assert low[1] == far[1] > start[1]


def test_a_skip_between_two_rows_starts_and_ends_horizontally() -> None:
    start, out, into, end = ROUTER.curve("left 0", "right 2")
    assert (start, end) == ((40, 0), (260, 100))
    assert (out[1], into[1]) == (0, 100)


def test_a_curve_starts_at_the_slanted_side_of_a_trapezium() -> None:
    router = EdgeRouter({"down": Box(0, 0, 80, slant=5), "block": Box(200, 0, 80)})
    assert router.curve("down", "block")[0] == (35, 0)


def test_a_curve_ends_before_its_arrowhead() -> None:
    text = spline(ROUTER.curve("left 1", "right 1"))
    assert text.split() == [
        "e,260,-50",
        "40,-50",
        "113.333,-50",
        "186.667,-50",
        f"{260 - ARROW_LENGTH:g},-50",
    ]


def test_a_point_is_written_with_y_upwards() -> None:
    assert [point((1.5, 2)), point((0, 0)), point((3, -4))] == ["1.5,-2", "0,0", "3,4"]


def test_edges_in_two_lanes_of_a_column_do_not_cover_each_other() -> None:
    boxes = {name: Box(0, 50.0 * row, width) for row, (name, width) in enumerate(WIDTHS.items())}
    ranks = Ranks((Ladder(tuple(Rank(name, None, 0) for name in boxes), ()),), ())
    lanes = assign_lanes([("a", "d"), ("b", "d")], ranks)
    router = EdgeRouter(boxes, (), lanes)
    outer, inner = (min(x for x, _ in router.curve(name, "d")) for name in "ab")
    assert outer < inner < min(box.left for box in boxes.values())
    assert router.lane_x("b", "d", outermost=True) == outer


WIDTHS = {"a": 80, "b": 60, "c": 200, "d": 40}


def test_a_curve_past_a_column_runs_between_two_rows() -> None:
    boxes = {"a": Box(0, 0, 80), "between": Box(150, 0, 80), "b": Box(300, 0, 80)}
    start, *_, end = curve = EdgeRouter(boxes).curve("a", "b")
    assert (start, end) == ((40, 0), (260, 0))
    inside = [y for x, y in curve if 110 <= x <= 190]
    assert all(y > BOX_HEIGHT / 2 for y in inside)
    assert max(y for _, y in curve) < ROW_HEIGHT - BOX_HEIGHT / 2
