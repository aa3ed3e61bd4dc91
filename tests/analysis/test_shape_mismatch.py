"""Which skip did not fit, and where the two sizes came apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sketch import Sketch
from tracer.analysis.shape_mismatch import (
    Rounding,
    ShapeMismatch,
    find_shape_mismatch,
)
from tracer.analysis.value_origin import StepLocation
from tracer.record import Change, Dim, Line, Trace, Value

AT = StepLocation("", "unet.py", 9)


def halves(run: Sketch, x: Value) -> Value:
    """A convolution with stride 2 and without padding: 9 becomes 4."""
    *first, height, width = (int(size) for size in x.shape)
    return run.op("conv2d", x, shape=(*first, height // 2, width // 2))


def doubles(run: Sketch, x: Value) -> Value:
    *first, height, width = (int(size) for size in x.shape)
    return run.op("interpolate", x, shape=(*first, 2 * height, 2 * width))


def keeps(run: Sketch, x: Value) -> Value:
    return run.op("conv2d", x)


def unet(height: int, *, pushed: bool = True) -> tuple[Trace, Value, Value]:
    """The trace of a small UNet up to its join, and the skip and what came up beside it."""
    run = Sketch()
    x = run.input("x", 1, 3, height, 16)
    skip = run.call("enc.block", keeps, x)
    low = run.call("enc.down", halves, skip)
    up = run.call("dec.up", doubles, run.call("mid", keeps, low))
    trace = run.trace(up)
    push = Line("", "forward", "unet.py", 5, 1, 1, (), (Change("push", "hs", skip, 1),))
    pop = Line("", "forward", "unet.py", 9, 4, 4, (), (Change("pop", "hs", skip, 0),))
    return replace(trace, lines=(push, pop) if pushed else ()), skip, up


def found(op: str, *shapes: tuple[Dim, ...]) -> ShapeMismatch | None:
    """The mismatch of operands that have nothing behind them."""
    run = Sketch()
    values = [run.input(f"x{number}", *shape) for number, shape in enumerate(shapes)]
    return find_shape_mismatch(run.trace(values[0]), op, values, AT)


def test_a_skip_that_waited_is_told_from_what_came_up_whatever_their_order() -> None:
    trace, skip, up = unet(9)
    for operands in ((skip, up), (up, skip)):
        mismatch = find_shape_mismatch(trace, "cat", operands, AT)
        assert mismatch is not None
        assert (mismatch.skip, mismatch.other) == (skip, up)
        assert (mismatch.axis, mismatch.sizes) == (2, (9, 8))


def test_it_says_where_the_skip_was_pushed_and_where_the_other_got_its_size() -> None:
    trace, skip, up = unet(9)
    mismatch = find_shape_mismatch(trace, "cat", (up, skip), AT)
    assert mismatch is not None
    assert (mismatch.pushed, mismatch.stack) == (StepLocation("enc.block", "unet.py", 5), "hs")
    assert mismatch.other_origin.block == "dec.up"
    assert mismatch.popped == AT


def test_without_a_list_the_skip_is_where_it_was_made() -> None:
    trace, skip, up = unet(9, pushed=False)
    mismatch = find_shape_mismatch(trace, "cat", (up, skip), AT)
    assert mismatch is not None
    assert (mismatch.pushed.block, mismatch.stack) == ("enc.block", None)


def test_the_sizes_parted_where_a_half_was_rounded() -> None:
    trace, skip, up = unet(9)
    mismatch = find_shape_mismatch(trace, "cat", (up, skip), AT)
    assert mismatch is not None
    assert mismatch.rounding == Rounding("conv2d", StepLocation("enc.down", None, None), 9, 4)


def test_a_skip_that_was_changed_on_the_way_is_the_one_that_was_pushed() -> None:
    run = Sketch()
    x = run.input("x", 1, 3, 9, 16)
    skip = run.call("enc", keeps, x)
    up = run.call("dec.up", doubles, run.call("enc.down", halves, skip))
    scaled = run.op("mul", skip)
    push = Line("", "forward", "unet.py", 5, 1, 1, (), (Change("push", "hs", skip, 1),))
    trace = replace(run.trace(up), lines=(push, replace(push, line=6, changes=())))
    pop = Line("", "forward", "unet.py", 8, 4, 4, (), (Change("pop", "hs", skip, 0),))
    mismatch = find_shape_mismatch(replace(trace, lines=(push, pop)), "add", (scaled, up), AT)
    assert mismatch is not None
    assert mismatch.skip == skip


def test_a_gate_inside_a_block_is_told_by_what_came_into_the_block() -> None:
    run = Sketch()
    x = run.input("x", 1, 3, 9, 16)
    skip = run.call("enc", keeps, x)
    up = run.call("dec.up", doubles, run.call("enc.down", halves, skip))
    inside = run.call("gate.conv", keeps, skip)
    mismatch = find_shape_mismatch(
        run.trace(up), "add", (up, inside), StepLocation("gate", None, None)
    )
    assert mismatch is not None
    assert mismatch.skip == skip


@pytest.mark.parametrize(
    ("op", "shapes"),
    [
        ("cat", [(1, 8, 4, 4), (1, 3, 4, 4)]),
        ("add", [(1, 8, 4, 4), (1, 8, 1, 1)]),
        ("add", [(1, 8, 4, 4), (8,)]),
        ("conv2d", [(1, 8, 4, 4), (16, 8, 3, 3)]),
        ("linear", [(1, 8), (16, 9)]),
    ],
    ids=["channels", "spread", "other rank", "weights", "no join"],
)
def test_what_may_differ_is_no_clash(op: str, shapes: list[tuple[int, ...]]) -> None:
    assert found(op, *shapes) is None


@pytest.mark.parametrize("op", ["add", "add_", "iadd", "mul", "imul", "rsub", "where"])
def test_operands_of_arithmetic_clash_in_any_dimension(op: str) -> None:
    mismatch = found(op, (2, 8, 4, 4), (2, 6, 4, 4))
    assert mismatch is not None
    assert (mismatch.axis, mismatch.sizes, mismatch.rounding) == (1, (8, 6), None)
