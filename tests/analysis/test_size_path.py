"""Where a size comes from, axis by axis."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sketch import Sketch
from tracer.analysis.size_path import (
    SizePoint,
    ancestors,
    input_points,
    previous_points,
    same_size_path,
)
from tracer.record import Value


def inputs_of(run: Sketch, value: Value, axis: int) -> list[tuple[str, int]]:
    points = input_points(run.trace(value), SizePoint(value, axis))
    return [(one.value.name, one.axis) for one in points]


def image() -> tuple[Sketch, Value]:
    run = Sketch()
    return run, run.input("x", 2, 3, 15, 16)


def test_a_gate_that_is_broadcast_has_no_part_in_a_size() -> None:
    run, x = image()
    other = run.input("other", 2, 3, 15, 16)
    gate = run.op("mean", run.op("avg_pool2d", other, shape=(2, 3, 7, 8)), shape=(2, 3, 1, 1))
    assert inputs_of(run, run.op("mul", x, gate), 2) == [("x", 2)]


def test_attention_has_the_positions_of_its_query() -> None:
    run = Sketch()
    query, key = run.input("query", 2, 240, 8), run.input("key", 2, 60, 8)
    made = run.op("scaled_dot_product_attention", query, key, key)
    assert inputs_of(run, made, 1) == [("query", 1)]


def test_a_product_of_matrices_has_an_axis_of_each() -> None:
    run = Sketch()
    one, two = run.input("one", 2, 5, 8), run.input("two", 2, 8, 7)
    made = run.op("bmm", one, two, shape=(2, 5, 7))
    assert [inputs_of(run, made, axis) for axis in (1, 2)] == [[("one", 1)], [("two", 2)]]


def test_flattened_axes_come_from_each_of_them() -> None:
    run, x = image()
    tokens = run.op("flatten", x, shape=(2, 3, 240))
    assert sorted(inputs_of(run, tokens, 2)) == [("x", 2), ("x", 3)]
    assert inputs_of(run, tokens, 1) == [("x", 1)]


@pytest.mark.parametrize(
    ("op", "shape", "axis", "before"),
    [
        ("permute", (2, 15, 16, 3), 1, 2),
        ("transpose", (2, 3, 16, 15), 3, 2),
        ("unsqueeze", (1, 2, 3, 15, 16), 3, 2),
        ("getitem", (3, 15, 16), 1, 2),
        ("getitem", (2, 3, 15), 2, 2),
        ("view", (6, 15, 16), 1, 2),
    ],
)
def test_an_axis_is_found_again_before_it_was_moved(
    op: str, shape: tuple[int, ...], axis: int, before: int
) -> None:
    run, x = image()
    assert inputs_of(run, run.op(op, x, shape=shape), axis) == [("x", before)]


def test_a_size_that_was_given_as_a_number_comes_from_nowhere() -> None:
    run, x = image()
    resized = run.op("interpolate", run.op("avg_pool2d", x, shape=(2, 3, 7, 8)), shape=x.shape)
    assert inputs_of(run, resized, 2) == []
    doubled = run.op("interpolate", x, shape=(2, 3, 30, 32))
    assert inputs_of(run, doubled, 2) == [("x", 2)]


def test_channels_of_a_convolution_come_from_its_weights() -> None:
    run, x = image()
    made = run.op("conv2d", x, shape=(2, 3, 15, 16), weight=(3, 3, 3, 3))
    assert inputs_of(run, made, 1) == []
    assert inputs_of(run, made, 3) == [("x", 3)]


def test_the_origin_of_a_size_is_the_earliest_that_had_it() -> None:
    run, x = image()
    low = run.op("conv2d", x, shape=(2, 3, 8, 8))
    high = run.op("relu", run.op("interpolate", low, shape=(2, 3, 16, 16)))
    path = same_size_path(run.trace(high), SizePoint(high, 2))
    assert [one.value.name for one in path] == ["relu_2", "interpolate_1"]
    assert ancestors(run.trace(high), high) == {"x", low.name, "interpolate_1"}


@given(st.lists(st.sampled_from(("relu", "conv2d", "add", "permute", "cat")), max_size=8))
def test_a_size_that_nothing_changes_is_followed_to_the_input(ops: list[str]) -> None:
    run = Sketch()
    h, axis = run.input("x", 2, 4, 15, 18), 2
    for op in ops:
        if op == "permute":
            batch, *rest, last = map(int, h.shape)
            h, axis = run.op("permute", h, shape=(batch, last, *rest)), axis % 3 + 1
        elif op == "cat":
            shape = [2 * int(size) if n == 0 else int(size) for n, size in enumerate(h.shape)]
            h = run.op("cat", h, h, shape=tuple(shape))
        elif op == "conv2d" and axis == 1:
            continue
        else:
            h = run.op(op, h, h) if op == "add" else run.op(op, h)
    assert ("x", 2) in inputs_of(run, h, axis)
    assert all(one.size == 15 for one in previous_points(run.trace(h), SizePoint(h, axis)))
