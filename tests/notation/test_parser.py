"""What is a shape, what is not, and what is said to who wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.notation import (
    NotationError,
    SizeName,
    SizeNumber,
    SizeOperation,
    Term,
    VariadicAxes,
    parse_shape,
)
from tracer.notation import parse_shapes as parse
from tracer.notation.terms import term_text

TERMS = st.recursive(
    st.integers(0, 999).map(SizeNumber) | st.sampled_from("bchw").map(SizeName),
    lambda inner: st.builds(SizeOperation, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
    max_leaves=6,
)


def test_axes_are_names_and_numbers_apart_by_blanks() -> None:
    assert parse_shape("b 128  h").axes == (SizeName("b"), SizeNumber(128), SizeName("h"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("h/2", SizeOperation("/", SizeName("h"), SizeNumber(2))),
        ("4*c", SizeOperation("*", SizeNumber(4), SizeName("c"))),
        ("c1+c2", SizeOperation("+", SizeName("c1"), SizeName("c2"))),
        (
            "a-b-1",
            SizeOperation("-", SizeOperation("-", SizeName("a"), SizeName("b")), SizeNumber(1)),
        ),
        (
            "a+b*2",
            SizeOperation("+", SizeName("a"), SizeOperation("*", SizeName("b"), SizeNumber(2))),
        ),
        (
            "(a+b)*2",
            SizeOperation("*", SizeOperation("+", SizeName("a"), SizeName("b")), SizeNumber(2)),
        ),
        ("(h w)", SizeOperation("*", SizeName("h"), SizeName("w"))),
        (
            "(h w/8)",
            SizeOperation("*", SizeName("h"), SizeOperation("/", SizeName("w"), SizeNumber(8))),
        ),
        ("()", SizeNumber(1)),
    ],
)
def test_an_axis_may_be_arithmetic(text: str, meant: Term) -> None:
    assert parse_shape(text).axes == (meant,)


def test_some_axes_may_be_left_open() -> None:
    assert parse_shape("b ... c").axes[1] == VariadicAxes()
    assert parse_shape("*batch c").axes[0] == VariadicAxes("batch")


def test_a_name_that_begins_with_an_underscore_binds_nothing() -> None:
    assert [axis.binds for axis in parse_shape("_ _rows h").axes if isinstance(axis, SizeName)] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "dtypes"),
    [
        ("b c", set()),
        ("[b c]", set()),
        ("f32[b c]", {"float32"}),
        ("bfloat16[b c]", {"bfloat16"}),
        ("i64[]", {"int64"}),
        ("complex[b]", {"complex32", "complex64", "complex128"}),
    ],
)
def test_a_dtype_stands_before_brackets(text: str, dtypes: set[str]) -> None:
    assert parse_shape(text).dtypes == dtypes


def test_a_tensor_without_axes_has_empty_brackets_or_no_text() -> None:
    assert parse_shape("[]").axes == parse_shape("").axes == ()


def test_an_arrow_parts_what_goes_in_from_what_comes_out() -> None:
    found = parse("b c1 h w, f32[b c2 h w] -> b c1+c2 h w")
    assert found.inputs is not None
    assert [shape.text for shape in found.inputs] == ["b c1 h w", "f32[b c2 h w]"]
    assert [shape.text for shape in found.outputs] == ["b c1+c2 h w"]


def test_several_texts_are_several_tensors() -> None:
    assert parse(["b 3 h w", "b"]) == parse("b 3 h w, b")


@given(TERMS)
def test_a_term_is_read_as_it_is_written(term: Term) -> None:
    assert parse_shape(term_text(term)).axes == (term,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b h//2", 'Invalid shape "b h//2" at "//2": division is exact, so write h/2.'),
        ("b 4c", 'Invalid shape "b 4c" at "4c": write a product as 4*c.'),
        ("1×3×32×32", 'at "×3×32×32": separate the axes by spaces, as in 1 128 32 32.'),
        ("b c + 1", 'at "+ 1": write arithmetic without spaces, as in c1+c2.'),
        ("b c**2", 'at "**2": the operators are + - * and exact /.'),
        (
            "b #c",
            'at "#c": broadcast axes are not supported; a trace records every tensor\'s own shape.',
        ),
        ("b ..", 'at "..": write "..." for any number of axes.'),
        ("b (h w", 'at its end: a ")" is missing.'),
        ("[b c", 'at its end: a "]" is missing.'),
        ("b,,c", 'at ",c": a shape is missing; a tensor without axes is [].'),
        ("b -> c -> d", 'at "-> d": only one arrow is allowed.'),
        ("... c ...", 'at most one axis may be "..." or "*name".'),
        ("flota32[b]", 'unknown dtype "flota32"; did you mean "float32".'),
        ("qq[b]", 'unknown dtype "qq"; use for example f32, bf16, i64 or float.'),
        ("b h+", "at its end: a size is missing."),
    ],
)
def test_what_is_no_shape_is_told_with_what_was_probably_meant(text: str, said: str) -> None:
    with pytest.raises(NotationError) as error:
        parse(text)
    assert str(error.value).endswith(said)


def test_where_one_tensor_is_meant_several_are_refused() -> None:
    with pytest.raises(NotationError, match="describes several tensors; exactly one is expected"):
        parse_shape("b c, b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(" * 2_000, "at most 32 parentheses are nested"),
        ("1" * 5_000, "a size has at most 18 digits"),
        ("+".join("a" * 70), "an axis has at most 64 operators"),
        ("a " * 65, "a shape has at most 64 axes"),
        ("a" * 10_001, "it is longer than 10,000 characters"),
    ],
)
def test_a_shape_that_no_tensor_has_is_refused(text: str, said: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_shape(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 600
