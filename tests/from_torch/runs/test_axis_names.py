"""tracer/from_torch/axes.py: which axes of the inputs may vary, and what they are called."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from tracer.errors import TraceError
from tracer.from_torch.runs.axis_names import Axes, proposed_axes


def proposed(*shapes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> list[Axes]:
    names = ("x", "y", "z")[: len(shapes)]
    tensors = (torch.empty(shape, dtype=dtype, device="meta") for shape in shapes)
    return proposed_axes(dict(zip(names, tensors, strict=True)))


def named(dims: dict[str, Any], **inputs: Any) -> Axes:
    (axes,) = proposed_axes(inputs, dims)
    return axes


def image(*shape: int) -> Tensor:
    return torch.empty(shape, device="meta")


@pytest.mark.parametrize(
    ("shape", "layouts"),
    [
        ((2,), ["B"]),
        ((2, 64), ["B L", "B 64"]),
        ((2, 8, 64), ["B 8 L", "B N 64", "2 H W"]),
        ((2, 3, 32, 48), ["B 3 H W"]),
        ((2, 32, 48, 3), ["B 32 H W", "B H W 3"]),
        ((2, 3, 8, 32, 48), ["B 3 D H W", "B T 8 H W"]),
    ],
)
def test_the_usual_names_are_proposed_the_likeliest_first(
    shape: tuple[int, ...], layouts: list[str]
) -> None:
    found = [" ".join(axes.written()["x"]) for axes in proposed(shape)]
    assert list(dict.fromkeys(found)) == layouts


def test_a_plane_of_whole_numbers_has_no_channels() -> None:
    first, *_ = proposed((2, 8, 8), dtype=torch.int64)
    assert first.written()["x"] == ("B", "H", "W")


def test_other_inputs_share_the_names_of_the_first_feature_map() -> None:
    first, *_ = proposed((2, 3, 32, 48), (2,), (2, 77, 768))
    assert first.written() == {
        "x": ("B", "3", "H", "W"),
        "y": ("B",),
        "z": ("B", "77", "768"),
    }


def test_an_axis_that_is_twice_or_half_as_long_is_proposed_as_that_and_then_as_a_number() -> None:
    found = [axes.written()["y"] for axes in proposed((2, 3, 8, 8), (2, 1, 16, 4))[:2]]
    assert found == [("B", "1", "2*H", "W/2"), ("B", "1", "16", "4")]


def test_frames_may_be_folded_into_the_batch() -> None:
    first, *_ = proposed((2, 3, 5, 8, 8), (10, 7, 16))
    assert first.written()["y"] == ("B*D", "7", "16")


def test_in_the_end_nothing_but_the_first_feature_map_has_names() -> None:
    assert proposed((2, 3, 8, 8), (2, 9))[-1].written() == {"x": ("B", "3", "H", "W")}


def test_the_user_names_axes_by_names_numbers_and_formulas() -> None:
    axes = named({"x": ("B", "T", 4, "H"), "y": ("B*T", 7)}, x=image(2, 3, 4, 8), y=image(6, 7))
    assert axes.sizes == {"B": 2, "T": 3, "H": 8}
    assert [tuple(one.shape) for one in axes.at({"T": 5}).values()] == [(2, 5, 4, 8), (10, 7)]


def test_inputs_of_the_size_given_are_the_ones_given() -> None:
    x = torch.ones(2, 3, 8, 8)
    (axes,) = proposed_axes({"x": x}, {"x": ("B", 3, "H", "W")})
    assert axes.at({})["x"] is x
    assert axes.at({"H": 4})["x"].is_meta


def test_inputs_that_the_user_did_not_name_follow_those_that_were() -> None:
    first, *_ = proposed_axes({"x": image(2, 3, 8, 6), "t": image(2)}, {"x": ("N", 3, "h", "w")})
    assert first.written() == {"x": ("N", "3", "h", "w"), "t": ("N",)}


def test_an_image_is_named_as_ever_beside_tokens_that_the_user_named() -> None:
    inputs = {"x": image(2, 3, 8, 6), "t": image(2), "text": image(2, 7, 5)}
    first, *_ = proposed_axes(inputs, {"text": ("N", "L", 5)})
    assert first.written() == {
        "x": ("N", "3", "H", "W"),
        "t": ("N",),
        "text": ("N", "L", "5"),
    }


def test_an_axis_that_the_user_gave_as_a_number_holds_others_as_well() -> None:
    first, *_ = proposed_axes({"x": image(2, 3, 8, 6), "t": image(2)}, {"x": (2, 3, "h", "w")})
    assert first.written()["t"] == ("2",)


def test_a_guess_that_contradicts_the_user_is_none() -> None:
    inputs = {"x": image(2, 3, 8, 6), "text": image(2, 7, 5)}
    (only,) = proposed_axes(inputs, {"text": ("B", "H", 5)})
    assert only.written() == {"text": ("B", "H", "5")}


def test_tensors_inside_other_inputs_follow_as_well() -> None:
    first, *_ = proposed_axes({"x": image(2, 3, 8, 8), "more": {"t": image(2), "flag": True}})
    given = first.at({"B": 5})
    assert given["more"]["t"].shape == (5,)
    assert given["more"]["flag"] is True


def test_a_size_that_is_fixed_or_tied_no_longer_varies() -> None:
    first, *_ = proposed((2, 3, 8, 8))
    assert first.fixed("B").names == ("H", "W")
    assert tuple(first.fixed("B").at({"B": 5})["x"].shape) == (2, 3, 8, 8)
    assert first.tied("W", "H").names == ("B", "H")
    assert tuple(first.tied("W", "H").at({"H": 5})["x"].shape) == (2, 3, 5, 5)
    assert first.fixed("B").freed().names == ("B", "H", "W")


def test_moved_inputs_keep_their_names() -> None:
    first, *_ = proposed((2, 3, 8, 8), (2,))
    moved = first.moved({"B": 4, "W": 6})
    assert moved.sizes == {"B": 4, "H": 8, "W": 6}
    assert moved.written() == first.written()


@pytest.mark.parametrize(
    ("dims", "says"),
    [
        ({"y": ("B",)}, 'The model has no input "y" to name the axes of. Available: x.'),
        ({"x": ("B", 3)}, '"x" has 4 axes, and 2 are named.'),
        ({"x": ("B", 4, "H", "W")}, "An axis is said to be 4, and it is 3. Correct the names."),
        ({"x": ("B", 3, "H", "H")}, "An axis is said to be H, which is 8, and it is 6."),
        ({"x": ("B", 3, "2*H", "W")}, "H is only a part of 2*H: name an axis H by itself."),
        ({"x": ("B", 3, "H?", "W")}, "An axis is a name, a number or a formula such as B*T:"),
    ],
)
def test_names_that_do_not_fit_are_told_so(dims: dict[str, Any], says: str) -> None:
    with pytest.raises(TraceError, match=r".") as caught:
        named(dims, x=image(2, 3, 8, 6))
    assert str(caught.value).startswith(says)


def test_a_size_of_the_model_may_not_have_the_name_of_an_axis() -> None:
    first, *_ = proposed((2, 3, 8, 8))
    assert first.with_more({"ch": 32}).names == ("B", "H", "W", "ch")
    with pytest.raises(TraceError, match="an axis of the inputs that is named H is 8"):
        first.with_more({"H": 32})
