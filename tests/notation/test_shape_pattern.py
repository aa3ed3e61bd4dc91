"""How the axes of a shape lie on those of a tensor."""

from __future__ import annotations

import pytest

from tracer.notation import match_axes, parse_shape
from tracer.record import Dim


def axes(text: str, *sizes: int) -> list[Dim] | None:
    """The sizes that the terms of a shape lie on; None where it does not fit."""
    match = match_axes(parse_shape(text), sizes)
    return None if match is None else [size for _, _, size in match.axes]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("b c h", [2, 8, 4]),
        ("b ...", [2]),
        ("... h", [4]),
        ("b ... h", [2, 4]),
        ("b c h ...", [2, 8, 4]),
        ("b c", None),
        ("b c h w", None),
        ("b c h w ...", None),
    ],
)
def test_each_term_lies_on_its_axis(text: str, fits: list[int] | None) -> None:
    assert axes(text, 2, 8, 4) == fits


def test_a_named_rest_covers_what_is_left() -> None:
    match = match_axes(parse_shape("*batch c"), (2, 5, 8))
    assert match is not None
    assert match.variadic == ("batch", (2, 5))


def test_an_axis_knows_its_number_behind_a_rest() -> None:
    match = match_axes(parse_shape("... c"), (2, 5, 8))
    assert match is not None
    assert [axis for _, axis, _ in match.axes] == [2]
