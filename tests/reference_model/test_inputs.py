from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode

from reference_model import Config, Model, example_inputs


def image(*shape: int) -> Tensor:
    return torch.zeros(shape)


WRONG = [
    ({"x": image(3, 8, 8)}, "x of shape (3, 8, 8): give a tensor of shape (B, C, H, W)."),
    ({"x": None}, "x=None: give a tensor of shape (B, C, H, W)."),
    (
        {"x": image(2, 4, 8, 8)},
        "x has 4 channels, but the model was made with in_channels=3: "
        "give 3, or make it with in_channels=4.",
    ),
    (
        {"x": image(2, 3, 8, 8), "context": image(2, 2, 8, 8)},
        "x and context together have 5 channels, but the model was made with in_channels=3: "
        "give 3, or make it with in_channels=5.",
    ),
    (
        {"x": image(2, 1, 8, 8), "context": image(2, 2, 4, 4)},
        "context of shape (2, 2, 4, 4) is to be concatenated to x of shape (2, 1, 8, 8): "
        "make them alike in all but the channels.",
    ),
    (
        {"x": image(2, 1, 8, 8), "context": image(2, 8, 8)},
        "context of shape (2, 8, 8): give a tensor of shape (B, C', H, W).",
    ),
    (
        {"t": image(2, 1)},
        "t of shape (2, 1): give a tensor of shape (B,), one timestep for each image.",
    ),
    ({"t": 500}, "t=500: give a tensor of shape (B,), one timestep for each image."),
    ({"t": image(3)}, "t has 3 timesteps for 2 images: give one for each image."),
    ({"t": None}, "t is missing: with use_timestep=True give one timestep an image."),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[message[:30] for _, message in WRONG])
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_inputs_that_do_not_fit_are_refused_at_the_call_on_any_device(
    small: dict[str, Any], wrong: dict[str, Any], message: str, device: str
) -> None:
    inputs = {"x": image(2, 3, 8, 8), "t": image(2)} | wrong
    inputs = {
        name: value.to(device) if isinstance(value, Tensor) else value
        for name, value in inputs.items()
    }
    model = Model(**small).to(device)
    with pytest.raises(ValueError, match=r"give|make") as error:
        model(**inputs)
    assert str(error.value) == message


def test_fake_tensors_are_checked_as_well(small: dict[str, Any]) -> None:
    with FakeTensorMode():
        model = Model(**small)
        assert model(image(2, 3, 8, 8), image(2)).shape == (2, 3, 8, 8)
        with pytest.raises(ValueError, match="x has 4 channels"):
            model(image(2, 4, 8, 8), image(2))


def test_one_timestep_may_serve_all_images(small: dict[str, Any]) -> None:
    model = Model(**small).eval()
    x = torch.randn(2, 3, 8, 8)
    alike = model(x, torch.tensor([7, 7]))
    torch.testing.assert_close(model(x, torch.tensor([7])), alike)


def test_a_model_that_ignores_timesteps_ignores_a_wrong_one_too(small: dict[str, Any]) -> None:
    model = Model(**small, use_timestep=False).eval()
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(model(x), model(x, torch.zeros(5, 5)))


def test_example_inputs_are_a_ramp_of_the_range_of_images_and_half_of_the_timesteps(
    small: dict[str, Any],
) -> None:
    inputs = example_inputs(Config(**small), batch=2)
    assert list(inputs) == ["x", "t"]
    assert inputs["x"].shape == (2, 3, 8, 8)
    assert (inputs["x"].min(), inputs["x"].max()) == (-1, 1)
    assert inputs["t"].tolist() == [500, 500]
    assert inputs["t"].dtype is torch.int64


def test_example_inputs_need_no_data(small: dict[str, Any]) -> None:
    inputs = example_inputs(Config(**small), device="meta")
    assert [value.device.type for value in inputs.values()] == ["meta", "meta"]


def test_example_inputs_leave_out_a_timestep_that_is_not_used(small: dict[str, Any]) -> None:
    assert list(example_inputs(Config(**small, use_timestep=False))) == ["x"]
