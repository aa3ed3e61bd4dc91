"""tracer/render/diagram/label_positions.py: labels keep off boxes, lines and each other."""

from __future__ import annotations

from tracer.render.diagram.label_positions import LabelPositions
from tracer.render.diagram.layout import Box

AT, BELOW, FAR = (0.0, 0.0), (0.0, 20.0), (500.0, 0.0)


def test_the_first_position_that_is_free_is_taken() -> None:
    assert LabelPositions.around([], []).place("skip 1", [AT, BELOW]) == AT


def test_a_label_keeps_off_another() -> None:
    positions = LabelPositions.around([], [])
    assert [positions.place("skip", [AT, BELOW, FAR]) for _ in range(3)] == [AT, BELOW, FAR]


def test_a_label_keeps_off_a_box() -> None:
    positions = LabelPositions.around([Box(0, 0, 80)], [])
    assert positions.place("skip 1", [AT, BELOW, FAR]) == FAR


def test_a_label_keeps_off_a_line() -> None:
    line = (0.0, -50.0), (0.0, -20.0), (0.0, 20.0), (0.0, 50.0)
    assert LabelPositions.around([], [line]).place("skip 1", [AT, FAR]) == FAR


def test_a_line_is_crossed_rather_than_a_box_covered() -> None:
    line = (480.0, 0.0), (490.0, 0.0), (510.0, 0.0), (520.0, 0.0)
    positions = LabelPositions.around([Box(0, 0, 80)], [line])
    assert positions.place("skip 1", [AT, FAR]) == FAR


def test_without_a_free_position_the_first_is_taken() -> None:
    assert LabelPositions.around([Box(0, 0, 80)], []).place("skip 1", [AT]) == AT


def test_the_same_label_at_the_same_end_is_written_once() -> None:
    positions = LabelPositions.around([], [])
    assert [positions.is_new("cat", AT), positions.is_new("cat", AT)] == [True, False]
    assert positions.is_new("add", AT)
    assert positions.is_new("cat", FAR)
