"""tracer/sizing/axis_candidates.py: the names that the axes of the inputs may have."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.errors import TraceError
from tracer.record import Value
from tracer.sizing.axes import Axes
from tracer.sizing.axis_candidates import fit_inputs_to_main, propose_axes
from tracer.sizing.runner import InputTensors


def inputs_of(dtype: str = "float32", **shapes: tuple[int, ...]) -> InputTensors:
    return {name: (Value(name, shape, dtype),) for name, shape in shapes.items()}


def proposed(*shapes: tuple[int, ...], dtype: str = "float32") -> list[Axes]:
    return propose_axes(inputs_of(dtype, **dict(zip("xyz", shapes, strict=False))))


def named(dims: dict[str, Any], **shapes: tuple[int, ...]) -> Axes:
    (axes,) = propose_axes(inputs_of(**shapes), dims)
    return axes


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
    found = [" ".join(axes.by_input()["x"]) for axes in proposed(shape)]
    assert list(dict.fromkeys(found)) == layouts


def test_a_plane_of_whole_numbers_has_no_channels() -> None:
    first, *_ = proposed((2, 8, 8), dtype="int64")
    assert first.by_input()["x"] == ("B", "H", "W")


def test_other_inputs_share_the_names_of_the_first_feature_map() -> None:
    first, *_ = proposed((2, 3, 32, 48), (2,), (2, 77, 768))
    assert first.by_input() == {
        "x": ("B", "3", "H", "W"),
        "y": ("B",),
        "z": ("B", "77", "768"),
    }


def test_an_axis_that_is_twice_or_half_as_long_is_proposed_as_that_and_then_as_a_number() -> None:
    found = [axes.by_input()["y"] for axes in proposed((2, 3, 8, 8), (2, 1, 16, 4))[:2]]
    assert found == [("B", "1", "2*H", "W/2"), ("B", "1", "16", "4")]


def test_frames_may_be_folded_into_the_batch() -> None:
    first, *_ = proposed((2, 3, 5, 8, 8), (10, 7, 16))
    assert first.by_input()["y"] == ("B*D", "7", "16")


def test_in_the_end_nothing_but_the_first_feature_map_has_names() -> None:
    assert proposed((2, 3, 8, 8), (2, 9))[-1].by_input() == {"x": ("B", "3", "H", "W")}


def test_inputs_without_tensors_have_no_names() -> None:
    (only,) = propose_axes({"size": ()})
    assert (only.names, only.by_input()) == ((), {})


def test_the_user_names_axes_by_names_numbers_and_formulas() -> None:
    dims = {"x": ("B", "T", 4, "H"), "y": ("B*T", 7)}
    axes = named(dims, x=(2, 3, 4, 8), y=(6, 7))
    assert axes.sizes == {"B": 2, "T": 3, "H": 8}
    assert axes.shapes({"T": 5}) == {"x": (2, 5, 4, 8), "y": (10, 7)}


def test_inputs_that_the_user_did_not_name_follow_those_that_were() -> None:
    first, *_ = propose_axes(inputs_of(x=(2, 3, 8, 6), t=(2,)), {"x": ("N", 3, "h", "w")})
    assert first.by_input() == {"x": ("N", "3", "h", "w"), "t": ("N",)}


def test_an_image_is_named_as_ever_beside_tokens_that_the_user_named() -> None:
    inputs = inputs_of(x=(2, 3, 8, 6), t=(2,), text=(2, 7, 5))
    first, *_ = propose_axes(inputs, {"text": ("N", "L", 5)})
    assert first.by_input() == {
        "x": ("N", "3", "H", "W"),
        "t": ("N",),
        "text": ("N", "L", "5"),
    }


def test_an_axis_that_the_user_gave_as_a_number_holds_others_as_well() -> None:
    first, *_ = propose_axes(inputs_of(x=(2, 3, 8, 6), t=(2,)), {"x": (2, 3, "h", "w")})
    assert first.by_input()["t"] == ("2",)


def test_a_guess_that_contradicts_the_user_is_none() -> None:
    inputs = inputs_of(x=(2, 3, 8, 6), text=(2, 7, 5))
    (only,) = propose_axes(inputs, {"text": ("B", "H", 5)})
    assert only.by_input() == {"text": ("B", "H", "5")}


def test_tensors_inside_other_inputs_follow_as_well() -> None:
    more = (Value("more.0", (2,), "float32"), Value("more.1", (2, 8), "float32"))
    first, *_ = propose_axes({**inputs_of(x=(2, 3, 8, 8)), "more": more})
    assert first.shapes({"B": 5}) == {"x": (5, 3, 8, 8), "more.0": (5,), "more.1": (5, 8)}
    assert first.by_input()["more"] == ("B",)


@pytest.mark.parametrize(
    ("dims", "says"),
    [
        ({"y": ("B",)}, 'The model has no input "y" to name the axes of. Available: x.'),
        ({"x": ("B", 3)}, '"x" has 4 axes, but 2 are named.'),
        ({"x": ("B", 4, "H", "W")}, "The axis named 4 has size 3. Correct the names."),
        ({"x": ("B", 3, "H", "H")}, "An axis of size 6 is named H, but H is 8."),
        ({"x": ("B", 3, "2*H", "W")}, "H occurs only inside 2*H: name an axis H by itself."),
        ({"x": ("B", 3, "H?", "W")}, "An axis is a name, a number or a formula such as B*T:"),
    ],
)
def test_names_that_do_not_fit_are_refused(dims: dict[str, Any], says: str) -> None:
    with pytest.raises(TraceError, match=r".") as caught:
        named(dims, x=(2, 3, 8, 6))
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(("same_size", "mask"), [(False, (2, 1, 8, 16)), (True, (2, 1, 16, 16))])
def test_other_images_can_be_made_to_fit_the_main_one(
    same_size: bool, mask: tuple[int, ...]
) -> None:
    first, *_ = proposed((2, 3, 16, 16), (5, 1, 7, 15), (2,))
    fitted = fit_inputs_to_main(first, same_size=same_size)
    assert fitted.shapes({}) == {"x": (2, 3, 16, 16), "y": mask, "z": (2,)}
