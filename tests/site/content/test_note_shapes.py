"""tracer/site/content/note_shapes.py: shapes in notes against traced tensors."""

from __future__ import annotations

import pytest

from tracer.notation import NotationError
from tracer.record import Dim, Value
from tracer.site.content.note_shapes import shape_differences


def differences(shapes: dict[str, str], **values: tuple[Dim, ...]) -> list[str]:
    tensors = {name: Value(name, shape, "float32") for name, shape in values.items()}
    return list(shape_differences(shapes, tensors))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("b c h w", (1, 8, 4, 4)),
        ("1 8 h h", (1, 8, 4, 4)),
        ("_ _ h w", (1, 8, 4, 4)),
        ("b ... w", (1, 8, 4, 4)),
        ("b c ...", (1, 8)),
        ("", ()),
        ("b c c/2 (c+b*7)", (1, 8, 4, 15)),
    ],
)
def test_a_matching_shape_has_no_differences(text: str, shape: tuple[Dim, ...]) -> None:
    assert differences({"x": text}, x=shape) == []


@pytest.mark.parametrize(
    ("text", "shape", "difference"),
    [
        ("b c", (1, 8, 4), "x is 'b c', but was traced as 1×8×4"),
        ("b c c", (1, 8, 4), "x is 'b c c' with c = 8, but was traced as 1×8×4"),
        ("b 16", (1, 8), "x is 'b 16' with 16 = 16, but was traced as 1×8"),
        ("b c c/3", (1, 8, 2), "x is 'b c c/3' with c/3 = 8/3, but was traced as 1×8×2"),
    ],
)
def test_what_does_not_fit_is_differences(
    text: str, shape: tuple[Dim, ...], difference: str
) -> None:
    assert differences({"x": text}, x=shape) == [difference]


def test_a_name_means_the_same_size_in_all_shapes_of_a_note() -> None:
    assert differences({"x": "b c", "y": "b 2*c"}, x=(1, 8), y=(1, 16)) == []
    assert differences({"x": "b 2*c", "y": "b c"}, x=(1, 8), y=(1, 4)) == []
    assert differences({"x": "b c", "y": "b c"}, x=(1, 8), y=(1, 16)) == [
        "y is 'b c' with c = 8, but was traced as 1×16"
    ]


def test_formulas_are_compared_like_numbers() -> None:
    assert (
        differences({"x": "b h", "y": "b h/2 h*b"}, x=("B", "H/2"), y=("B", "H/4", "B*H/2")) == []
    )
    assert differences({"x": "b h", "y": "b h/2"}, x=("B", "H/2"), y=("B", "H")) == [
        "y is 'b h/2' with h/2 = H/4, but was traced as B × H"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("b 2*c", "'c' is used only in arithmetic; write it alone on one axis, too."),
        ("b c+", '"b c+" is no shape, at its end: a size is missing.'),
        ("b 2**b", '"b 2**b" is no shape, at "**b": there are only + - * and exact /.'),
        ("b b/0", "'b/0' is not a size."),
    ],
)
def test_a_shape_that_cannot_be_parsed_is_an_error(text: str, message: str) -> None:
    with pytest.raises(NotationError) as caught:
        differences({"x": text}, x=(1, 8))
    assert str(caught.value) == message
