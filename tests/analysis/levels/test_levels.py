"""Which blocks run at which resolution, and in which part of the U."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.example import example, links, symbolic_example
from tests.render import unet_kinds as kinds
from tests.render.ladders import ladder
from tests.sketch import Sketch, conv, residual
from tracer.analysis.levels import Level, resolution_levels
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value

ONE, HALF, QUARTER = Fraction(1), Fraction(1, 2), Fraction(1, 4)


def test_the_toy_runs_at_two_resolutions() -> None:
    trace = example()
    assert resolution_levels(trace, links(trace)) == (
        Level(
            spatial_size=(16, 16),
            scale=(ONE, ONE),
            encoder=("conv_in", "down.0.block"),
            decoder=("up.1.upsample", "up.0.block.0", "up.0.block.1", "conv_out"),
        ),
        Level(
            spatial_size=(8, 8),
            scale=(HALF, HALF),
            encoder=("down.0.downsample",),
            middle=("mid.block", "mid.attn", "mid.block@1"),
            decoder=("up.1.block.0",),
        ),
    )


def test_formulas_for_sizes_give_the_same_levels() -> None:
    numbers, formulas = example(), symbolic_example()
    with_numbers = resolution_levels(numbers, links(numbers))
    with_formulas = resolution_levels(formulas, links(formulas))
    assert [level.spatial_size for level in with_formulas] == [("H", "W"), ("H/2", "W/2")]
    assert [parts(level) for level in with_formulas] == [parts(level) for level in with_numbers]


def parts(level: Level) -> tuple[object, ...]:
    return level.scale, level.encoder, level.middle, level.decoder


def test_the_skips_are_found_where_they_are_not_given() -> None:
    trace = example()
    assert resolution_levels(trace) == resolution_levels(trace, links(trace))


def test_a_deep_ladder_has_a_level_for_each_resolution() -> None:
    trace, skips = ladder(levels=6, blocks=2)
    levels = resolution_levels(trace, skips)
    assert [level.spatial_size[0] for level in levels] == [64, 32, 16, 8, 4, 2]
    assert [len(level.encoder) for level in levels] == [3] * 6
    assert [level.middle for level in levels] == [()] * 5 + [("mid",)]
    assert [len(level.decoder) for level in levels] == [4] * 5 + [3]


def roles(trace: Trace, skips: tuple[SkipLink, ...] = ()) -> dict[str, str]:
    """The part of each block, and the last size of its level."""
    return {
        call: f"{part} {level.spatial_size[-1]}"
        for level in resolution_levels(trace, skips)
        for part, calls in zip("EMD", (level.encoder, level.middle, level.decoder), strict=True)
        for call in calls
    }


def test_without_skips_the_smallest_resolution_is_the_middle() -> None:
    run = Sketch()
    h = run.call("a", conv(), run.input("x", 1, 8, 16, 16))
    h = run.call("down", conv((1, 8, 8, 8)), h)
    h = run.call("up", conv((1, 8, 16, 16)), run.call("b", conv(), h))
    assert roles(run.trace(h)) == {"a": "E 16", "down": "M 8", "b": "M 8", "up": "D 16"}


def test_what_stays_at_one_resolution_without_skips_is_all_middle() -> None:
    run = Sketch()
    h = run.call("a", residual(), run.input("x", 1, 8, 16, 16))
    assert roles(run.trace(run.call("b", residual(), h))) == {"a": "M 16", "b": "M 16"}


def test_what_only_goes_down_has_no_decoder() -> None:
    run = Sketch()
    h = run.call("a", conv(), run.input("x", 1, 8, 16, 16))
    h = run.call("down", conv((1, 8, 8, 8)), h)
    head = run.call("head", lambda run, h: run.op("mean", h, shape=(1, 8)), h)
    assert roles(run.trace(head)) == {"a": "E 16", "down": "M 8", "head": "M 8"}


def test_padding_that_makes_up_for_an_odd_size_makes_no_level() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 57, 57))
    h = run.call("down", conv((1, 8, 28, 28)), a)
    h = run.call("up", conv((1, 8, 56, 56)), h)
    h = run.call("b", conv(), run.op("pad", h, shape=(1, 8, 57, 57)))
    assert roles(run.trace(h)) == {"a": "E 57", "down": "M 28", "up": "D 57", "b": "D 57"}


def unpadded() -> tuple[Trace, tuple[SkipLink, ...]]:
    """Convolutions without padding: each loses a border, and a skip is cropped to what is left."""
    run = Sketch()
    a = run.call("a", conv((1, 8, 568, 568)), run.input("x", 1, 8, 572, 572))
    pooled = run.op("max_pool2d", a, shape=(1, 8, 284, 284))
    b = run.call("b", conv((1, 8, 280, 280)), pooled)
    up = run.call("up", conv((1, 8, 560, 560)), b)
    cropped = run.op("getitem", a, shape=(1, 8, 560, 560))
    joined = run.op("cat", up, cropped, shape=(1, 16, 560, 560))
    trace = run.trace(run.call("c", conv((1, 8, 556, 556)), joined))
    return trace, (SkipLink("a", "c", a, up, joined, "cat", 0, 5, ("getitem",), (cropped,)),)


def test_a_network_without_padding_comes_back_to_the_levels_of_its_encoder() -> None:
    trace, skips = unpadded()
    assert roles(trace, skips) == {"a": "E 572", "b": "M 284", "up": "D 572", "c": "D 572"}
    assert [level.scale[0] for level in resolution_levels(trace, skips)] == [ONE, HALF]


def test_what_comes_up_before_it_joins_is_decoder_although_it_is_skipped_too() -> None:
    run = Sketch()
    a = run.call("a", conv(), run.input("x", 1, 8, 16, 16))
    up = run.call("up", conv((1, 8, 16, 16)), run.call("down", conv((1, 8, 8, 8)), a))
    gate = run.call("gate", lambda run, x, y: run.op("mul", x, y), a, up)
    joined = run.op("cat", gate, up, shape=(1, 16, 16, 16))
    trace = run.trace(run.call("b", conv(), joined))
    skip = SkipLink("up", "b", up, gate, joined, "cat", 2, 4)
    assert roles(trace, (skip,)) == {
        "a": "E 16", "down": "M 8", "up": "D 16", "gate": "D 16", "b": "D 16"
    }  # fmt: skip


def test_a_second_input_at_a_lower_resolution_stands_at_its_own_level() -> None:
    run = Sketch()
    x, hint = run.input("x", 1, 8, 16, 16), run.input("hint", 1, 8, 8, 8)
    h = run.call("down", conv((1, 8, 8, 8)), run.call("a", conv(), x))
    h = run.call("b", lambda run, h, hint: run.op("add", h, hint), h, hint)
    h = run.call("up", conv((1, 8, 16, 16)), h)
    assert roles(run.trace(h)) == {"a": "E 16", "down": "M 8", "b": "M 8", "up": "D 16"}


def test_a_volume_may_keep_its_depth() -> None:
    run = Sketch()
    h: Value = run.call("a", conv(), run.input("x", 1, 1, 8, 16, 16))
    h = run.call("down", conv((1, 8, 8, 8, 8)), h)
    assert [level.scale for level in resolution_levels(run.trace(h), ())] == [
        (ONE, ONE, ONE),
        (ONE, HALF, HALF),
    ]


def test_an_image_may_be_worked_on_as_a_video_of_one_frame() -> None:
    run = Sketch()
    h = run.op("unsqueeze", run.input("x", 1, 8, 16, 16), shape=(1, 8, 1, 16, 16))
    a = run.call("a", conv((1, 8, 1, 16, 16)), h)
    h = run.call("down", conv((1, 8, 1, 8, 8)), a)
    frames = run.op("squeeze", h, shape=(1, 8, 8, 8))
    h = run.op("unsqueeze", run.call("b", conv(), frames), shape=(1, 8, 1, 8, 8))
    h = run.call("up", conv((1, 8, 1, 16, 16)), h)
    trace = run.trace(run.call("c", conv(), run.op("add", h, a)))
    assert roles(trace) == {"a": "E 16", "down": "M 8", "b": "M 8", "up": "D 16", "c": "D 16"}


def test_tokens_inside_a_block_make_no_level() -> None:
    trace = example()
    sizes = {level.spatial_size for level in resolution_levels(trace, links(trace))}
    assert sizes == {(16, 16), (8, 8)}


def test_what_is_joined_with_a_cropped_skip_is_at_the_level_of_the_skip() -> None:
    """The decoder meets sizes again that the encoder had at another level: 32 and 28."""
    run = Sketch()
    a = run.call("a", conv((1, 8, 64, 64)), run.input("x", 1, 8, 68, 68))
    pooled = run.op("max_pool2d", a, shape=(1, 8, 32, 32))
    b = run.call("b", conv((1, 8, 28, 28)), pooled)
    c = run.call("c", conv((1, 8, 16, 16)), run.op("max_pool2d", b, shape=(1, 8, 14, 14)))
    up = run.call("up", conv((1, 8, 32, 32)), c)
    cropped = run.op("getitem", a, shape=(1, 8, 32, 32))
    joined = run.op("cat", up, cropped, shape=(1, 16, 32, 32))
    h = run.call("d", conv((1, 8, 28, 28)), run.call("e", conv((1, 8, 30, 30)), joined))
    skip = SkipLink("a", "e", a, up, joined, "cat", 0, 7, ("getitem",), (cropped,))
    found = roles(run.trace(h), (skip,))
    assert {name: found[name] for name in "ade"} == {"a": "E 68", "d": "D 68", "e": "D 68"}
    assert found["b"] == "E 32"


@examples(15)
@given(st.integers(2, 4), st.integers(2, 4))
def test_each_unet_of_a_cascade_has_levels_of_its_own(count: int, levels: int) -> None:
    trace, skips = kinds.cascade(count, levels)
    (alone, skips_alone) = kinds.cascade(1, levels)
    one = resolution_levels(alone, skips_alone)
    assert {level.unet for level in one} == {0}
    found = resolution_levels(trace, skips)
    assert [level.unet for level in found] == [n + 1 for n in range(count) for _ in range(levels)]
    for n in range(count):
        parts = [
            (
                level.spatial_size,
                *(of_net(calls, n) for calls in (level.encoder, level.middle, level.decoder)),
            )
            for level in found
            if level.unet == n + 1
        ]
        assert parts == [
            (
                level.spatial_size,
                *(of_net(calls, 0) for calls in (level.encoder, level.middle, level.decoder)),
            )
            for level in one
        ]


def of_net(calls: tuple[str, ...], number: int) -> list[str]:
    """The calls inside one net of a cascade, by their names in it."""
    prefix = f"nets.{number}."
    return [call.removeprefix(prefix) for call in calls if call.startswith(prefix)]
