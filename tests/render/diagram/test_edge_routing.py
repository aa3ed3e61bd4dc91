"""tracer/render/diagram/edge_routing.py: the curves between boxes."""

from __future__ import annotations

from tracer.render.diagram.edge_routing import ARROW, Routes, point, spline
from tracer.render.diagram.layout import HEIGHT, Box

LEFT = {f"left {row}": Box(0, 50.0 * row, 80) for row in range(3)}
RIGHT = {f"right {row}": Box(300, 50.0 * row, 80) for row in range(3)}
MIDDLE = {"mid": Box(150, 150, 80)}
ROUTES = Routes(LEFT | RIGHT | MIDDLE, ["mid"])


def test_a_rung_is_level_and_runs_from_side_to_side() -> None:
    start, *_, end = curve = ROUTES.curve("left 1", "right 1")
    assert (start, end) == ((40, 50), (260, 50))
    assert {y for _, y in curve} == {50}


def test_neighbours_in_a_column_are_joined_by_an_upright_line_in_either_direction() -> None:
    down, up = ROUTES.curve("left 0", "left 1"), ROUTES.curve("right 1", "right 0")
    assert (down[0], down[-1]) == ((0, HEIGHT / 2), (0, 50 - HEIGHT / 2))
    assert (up[0], up[-1]) == ((300, 50 - HEIGHT / 2), (300, HEIGHT / 2))


def test_a_flow_swings_out_past_the_box_between_its_ends() -> None:
    left, right = ROUTES.curve("left 0", "left 2"), ROUTES.curve("right 2", "right 0")
    assert max(x for x, _ in left) == -40
    assert min(x for x, _ in right) == 340


def test_the_way_to_the_middle_goes_down_and_then_across_and_back_the_other_way_round() -> None:
    there, back = ROUTES.curve("left 2", "mid"), ROUTES.curve("mid", "right 2")
    assert (there[0], there[-1]) == ((0, 100 + HEIGHT / 2), (110, 150))
    assert (back[0], back[-1]) == ((190, 150), (300, 100 + HEIGHT / 2))


def test_columns_that_end_at_different_heights_are_joined_below_both() -> None:
    shorter = {name: box for name, box in RIGHT.items() if name != "right 2"}
    start, low, far, end = Routes(LEFT | shorter).curve("left 2", "right 1")
    assert (start, end) == ((0, 100 + HEIGHT / 2), (300, 50 + HEIGHT / 2))
    assert low[1] == far[1] > start[1]


def test_a_skip_that_is_no_rung_leaves_and_arrives_level() -> None:
    start, out, into, end = ROUTES.curve("left 0", "right 2")
    assert (start, end) == ((40, 0), (260, 100))
    assert (out[1], into[1]) == (0, 100)


def test_a_rung_meets_the_slanted_side_of_a_trapezium() -> None:
    routes = Routes({"down": Box(0, 0, 80, slant=5), "block": Box(200, 0, 80)})
    assert routes.curve("down", "block")[0] == (35, 0)


def test_a_curve_ends_before_the_head_of_its_arrow() -> None:
    text = spline(ROUTES.curve("left 1", "right 1"))
    assert text.split() == [
        "e,260,-50",
        "40,-50",
        "113.333,-50",
        "186.667,-50",
        f"{260 - ARROW:g},-50",
    ]


def test_a_point_is_written_with_y_upwards() -> None:
    assert [point((1.5, 2)), point((0, 0)), point((3, -4))] == ["1.5,-2", "0,0", "3,4"]
