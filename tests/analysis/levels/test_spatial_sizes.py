"""Spatial sizes, and how two of them compare."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.sketch import Sketch
from tracer.analysis.levels.spatial_sizes import (
    SpatialSize,
    find_spatial_sizes,
    is_resampled,
    is_smaller,
    scale_factors,
)
from tracer.record import Trace, Value


def flattened_attention() -> tuple[Trace, list[Value]]:
    """A signal is turned into tokens, worked on, added to itself, and turned back."""
    run = Sketch()
    x = run.input("x", 1, 32, 64)
    tokens = run.op("transpose", x, shape=(1, 64, 32))
    worked = run.op("linear", tokens, weight=(32, 32))
    added = run.op("add", tokens, worked)
    back = run.op("transpose", added, shape=(1, 32, 64))
    return run.trace(back), [x, tokens, worked, added, back]


def test_an_image_has_a_plane_and_what_carries_no_image_has_none() -> None:
    run = Sketch()
    image, temb = run.input("x", 2, 3, 16, 24), run.input("temb", 2, 128)
    tokens = run.op("flatten", image, shape=(2, 3, 384))
    found = find_spatial_sizes(run.trace(tokens))
    assert [found.of(value) for value in (image, temb, tokens)] == [(16, 24), None, None]


def test_a_volume_and_a_signal_have_planes_of_their_own_rank() -> None:
    volume, signal = Sketch(), Sketch()
    x, y = volume.input("x", 1, 1, 8, 16, 16), signal.input("y", 1, 1, 4096)
    assert find_spatial_sizes(volume.trace(x)).of(x) == (8, 16, 16)
    assert find_spatial_sizes(signal.trace(y)).of(y) == (4096,)


def test_a_signal_keeps_its_plane_while_its_channels_are_last() -> None:
    trace, values = flattened_attention()
    found = find_spatial_sizes(trace)
    assert [found.of(value) for value in values] == [(64,)] * 5


def test_an_image_keeps_its_plane_while_its_channels_are_last() -> None:
    run = Sketch()
    image = run.call("conv", lambda run, x: run.op("conv2d", x), run.input("x", 1, 3, 16, 24))
    turned = run.op("permute", image, shape=(1, 16, 24, 3))
    merged = run.op("getitem", turned, shape=(1, 8, 12, 3))
    found = find_spatial_sizes(run.trace(merged))
    assert [found.of(value) for value in (turned, merged)] == [(16, 24), (8, 12)]


def test_a_plane_has_no_more_sizes_than_the_input_has() -> None:
    run = Sketch()
    image = run.input("x", 1, 3, 8, 8)
    halves = run.op("reshape", image, shape=(1, 3, 4, 2, 4, 2))
    assert find_spatial_sizes(run.trace(run.op("relu", halves))).of(halves) is None


def test_the_heads_of_an_attention_have_no_plane() -> None:
    run = Sketch()
    image = run.call("conv", lambda run, x: run.op("conv2d", x), run.input("x", 1, 32, 8, 8))
    heads = run.op("view", image, shape=(1, 4, 8, 64))
    assert find_spatial_sizes(run.trace(run.op("softmax", heads))).of(heads) is None


def test_the_first_plane_is_that_of_the_first_tensor_that_has_one() -> None:
    run = Sketch()
    temb, x, y = run.input("temb", 1, 4), run.input("x", 1, 3, 8, 8), run.input("y", 1, 3, 4, 4)
    found = find_spatial_sizes(run.trace(x))
    assert found.first([temb, y, x]) == (4, 4)
    assert found.first([temb]) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((32, 32), (16, 8), (Fraction(1, 2), Fraction(1, 4))),
        (("H", "W"), ("H/2", "W/4"), (Fraction(1, 2), Fraction(1, 4))),
        (("H/4", "W/4"), ("2*H", "W/2"), (Fraction(8), Fraction(2))),
        ((16, 32, 32), (32, 32), (Fraction(1), Fraction(1))),
        (("H",), ("W",), (None,)),
    ],
)
def test_factors_say_how_many_times_as_large_each_size_is(
    before: SpatialSize, after: SpatialSize, expected: tuple[Fraction | None, ...]
) -> None:
    assert scale_factors(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((32, 32), (16, 16), True),
        ((57, 57), (29, 29), True),
        ((32, 32), (32, 16), True),
        ((28, 28), (29, 29), False),
        ((572, 572), (568, 568), False),
        (("H", "W"), ("H/2", "W/2"), True),
        (("H+1",), ("H",), True),
        (None, (4, 4), False),
    ],
)
def test_padding_and_cropping_are_not_resampling(
    before: SpatialSize | None, after: SpatialSize | None, expected: bool
) -> None:
    assert is_resampled(before, after) is expected


def test_a_crop_is_no_resampling_however_much_it_cuts() -> None:
    run = Sketch()
    x = run.input("x", 1, 8, 568, 568)
    cropped = run.op("getitem", x, shape=(1, 8, 392, 392))
    pooled = run.op("max_pool2d", x, shape=(1, 8, 284, 284))
    trace = run.trace(cropped, pooled)
    assert [find_spatial_sizes(trace).is_resampled_by(step) for step in trace.steps] == [
        False,
        True,
    ]


def test_smaller_is_what_lost_more_than_it_gained() -> None:
    assert is_smaller((32, 32), (16, 32))
    assert not is_smaller((16, 16), (32, 32))
