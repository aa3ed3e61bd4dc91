"""tracer/site/shape_terms.py: shapes as notes write them."""

from __future__ import annotations

import pytest

from tracer.record import Dim, Value
from tracer.site.content.shape_terms import TermError, disagreements


def said(shapes: dict[str, str], **values: tuple[Dim, ...]) -> list[str]:
    tensors = {name: Value(name, shape, "float32") for name, shape in values.items()}
    return list(disagreements(shapes, tensors))


@pytest.mark.parametrize(
    ("written", "shape"),
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
def test_what_fits(written: str, shape: tuple[Dim, ...]) -> None:
    assert said({"x": written}, x=shape) == []


@pytest.mark.parametrize(
    ("written", "shape", "trouble"),
    [
        ("b c", (1, 8, 4), "x is 'b c', but was traced as 1×8×4"),
        ("b c c", (1, 8, 4), "x is 'b c c' with c = 8, but was traced as 1×8×4"),
        ("b 16", (1, 8), "x is 'b 16' with 16 = 16, but was traced as 1×8"),
        ("b c c/3", (1, 8, 2), "x is 'b c c/3' with c/3 = 8/3, but was traced as 1×8×2"),
    ],
)
def test_what_does_not_fit_is_said(written: str, shape: tuple[Dim, ...], trouble: str) -> None:
    assert said({"x": written}, x=shape) == [trouble]


def test_a_name_means_the_same_size_in_all_shapes_of_a_note() -> None:
    assert said({"x": "b c", "y": "b 2*c"}, x=(1, 8), y=(1, 16)) == []
    assert said({"x": "b 2*c", "y": "b c"}, x=(1, 8), y=(1, 4)) == []
    assert said({"x": "b c", "y": "b c"}, x=(1, 8), y=(1, 16)) == [
        "y is 'b c' with c = 8, but was traced as 1×16"
    ]


def test_formulas_are_reckoned_with_as_numbers_are() -> None:
    assert said({"x": "b h", "y": "b h/2 h*b"}, x=("B", "H/2"), y=("B", "H/4", "B*H/2")) == []
    assert said({"x": "b h", "y": "b h/2"}, x=("B", "H/2"), y=("B", "H")) == [
        "y is 'b h/2' with h/2 = H/4, but was traced as B × H"
    ]


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ("b 2*c", "'c' stands only in arithmetic; write it alone once, too"),
        ("b c+", "'c+' is no term of a shape"),
        ("b f(b)", "'f(b)' is no term of a shape"),
        ("b b/0", "'b/0' is no term of a shape"),
        ("b 2**b", "'2 ** b' is no term of a shape"),
    ],
)
def test_what_cannot_be_read_is_an_error(written: str, trouble: str) -> None:
    with pytest.raises(TermError) as caught:
        said({"x": written}, x=(1, 8))
    assert str(caught.value) == trouble
