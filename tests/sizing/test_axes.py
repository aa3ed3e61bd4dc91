"""tracer/sizing/axes.py: named sizes of inputs, and the shapes that follow from them."""

from __future__ import annotations

import pytest

from tracer.errors import TraceError
from tracer.record import Value
from tracer.sizing.axes import Axes
from tracer.sizing.axis_candidates import propose_axes

INPUTS = {"x": (Value("x", (2, 3, 8, 8), "float32"),), "t": (Value("t", (2,), "int64"),)}


@pytest.fixture
def axes() -> Axes:
    return propose_axes(INPUTS)[0]


def test_shapes_follow_from_sizes_and_others_are_as_given(axes: Axes) -> None:
    assert axes.shapes({}) == {"x": (2, 3, 8, 8), "t": (2,)}
    assert axes.shapes({"B": 5, "W": 6}) == {"x": (5, 3, 8, 6), "t": (5,)}


def test_a_fixed_size_no_longer_varies(axes: Axes) -> None:
    assert axes.fix("B").names == ("H", "W")
    assert axes.fix("B").shapes({"B": 5})["x"] == (2, 3, 8, 8)
    assert axes.fix("B").free().names == ("B", "H", "W")


def test_a_tied_size_follows_the_other(axes: Axes) -> None:
    assert axes.tie("W", "H").names == ("B", "H")
    assert axes.tie("W", "H").shapes({"H": 5})["x"] == (2, 3, 5, 5)


def test_other_sizes_can_become_the_given_ones(axes: Axes) -> None:
    rebased = axes.rebase({"B": 4, "W": 6})
    assert rebased.sizes == {"B": 4, "H": 8, "W": 6}
    assert rebased.by_input() == axes.by_input()
    assert rebased.shapes({"H": 2})["x"] == (4, 3, 2, 6)


def test_settings_of_the_model_are_sizes_as_well(axes: Axes) -> None:
    both = axes.with_settings({"ch": 32})
    assert both.names == ("B", "H", "W", "ch")
    assert both.settings_at({"ch": 64, "H": 4}) == {"ch": 64}


def test_a_setting_and_an_axis_of_one_name_have_one_size(axes: Axes) -> None:
    assert axes.with_settings({"H": 8}).settings_at({"H": 4}) == {"H": 4}
    with pytest.raises(TraceError, match="but the axis of the inputs that is named H is 8"):
        axes.with_settings({"H": 32})
