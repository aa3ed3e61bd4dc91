"""Inputs that nobody wrote are drawn from the model, and each assumption is told."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tracer.errors import TraceError
from tracer.from_torch.targets.input_candidates import InputCandidate, candidate_inputs


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Conditional(Plain):
    def forward(
        self,
        sample: Tensor,
        timestep: Tensor | float | int,
        encoder_hidden_states: Tensor,
        class_labels: Tensor | None = None,
        scale: float = 1.0,
        cond: dict[str, Tensor] | None = None,
    ) -> Tensor: ...


def shapes(proposal: InputCandidate) -> dict[str, tuple[int, ...]]:
    inputs: Any = proposal.inputs
    return {name: tuple(tensor.shape) for name, tensor in inputs.items()}


def first(model: nn.Module, **texts: str) -> InputCandidate:
    return candidate_inputs(model, texts, None)[0]


def conditional(**config: Any) -> Conditional:
    model = Conditional()
    model.config = {"cross_attention_dim": 16, **config}  # type: ignore[assignment]
    return model


def test_the_first_convolution_says_the_channels() -> None:
    assert shapes(first(Plain())) == {"x": (1, 4, 64, 64)}


def test_what_was_assumed_is_told_as_one_would_write_it() -> None:
    reason = "channels of conv; default size, since the model does not specify one"
    assert first(Plain()).assumed == (f"--input x=1x4x64x64:float32 ({reason})",)


def test_nothing_is_told_of_what_was_given() -> None:
    assert first(Plain(), x="2x4x8x8").assumed == ()


@pytest.mark.parametrize("where", ["model", "config", "mapping"])
def test_the_model_s_own_size_goes_before_any_other(where: str) -> None:
    model: Any = Plain()
    if where == "model":
        model.image_size = 48
    elif where == "config":
        model.config = type("Config", (), {"resolution": 48})()
    else:
        model.config = {"sample_size": (48, 48)}
    found = candidate_inputs(model, {}, None)
    assert {shapes(proposal)["x"] for proposal in found if len(shapes(proposal)["x"]) == 4} == {
        (1, 4, 48, 48)
    }


def test_other_sizes_are_tried_where_the_model_says_none() -> None:
    found = [shapes(proposal)["x"] for proposal in candidate_inputs(Plain(), {}, None)]
    assert found[:4] == [(1, 4, size, size) for size in (64, 128, 256, 512)]


@pytest.mark.parametrize(("kind", "rank"), [(nn.Conv1d, 3), (nn.Conv2d, 4), (nn.Conv3d, 5)])
def test_the_rank_follows_the_first_convolution(kind: Any, rank: int) -> None:
    model = Plain()
    model.conv = kind(4, 8, 3)
    assert len(shapes(first(model))["x"]) == rank


def test_known_names_are_known_tensors() -> None:
    assert shapes(first(conditional())) == {
        "sample": (1, 4, 64, 64),
        "timestep": (1,),
        "encoder_hidden_states": (1, 77, 16),
    }


def test_timesteps_are_whole_numbers() -> None:
    inputs: Any = first(conditional()).inputs
    assert inputs["timestep"].dtype is torch.int64


def test_the_batch_is_that_of_what_was_given() -> None:
    assert shapes(first(conditional(), sample="3x4x8x8"))["timestep"] == (3,)


def test_a_class_is_given_to_a_model_that_knows_classes() -> None:
    assert shapes(first(conditional(num_class_embeds=10)))["class_labels"] == (1,)


def test_the_width_of_the_context_is_read_off_the_layers() -> None:
    model = conditional(cross_attention_dim=None)
    model.attn = nn.Module()
    model.attn.to_q, model.attn.to_k = nn.Linear(8, 8), nn.Linear(24, 8)
    assert shapes(first(model))["encoder_hidden_states"] == (1, 77, 24)


def test_inputs_without_data_have_the_dtype_of_the_model() -> None:
    inputs: Any = first(Plain().half(), x="1x4x8x8").inputs
    assert (inputs["x"].dtype, inputs["x"].device.type) == (torch.float16, "meta")


def test_inputs_come_in_the_order_of_the_signature() -> None:
    given = {"timestep": "1", "sample": "1x4x8x8", "encoder_hidden_states": "1x7x16"}
    (proposal,) = {tuple(one.inputs) for one in candidate_inputs(conditional(), given, None)}
    assert proposal == ("sample", "timestep", "encoder_hidden_states")


def test_what_could_have_been_given_is_named() -> None:
    assert first(conditional()).left_out == ("class_labels", "scale", "cond")


def test_a_whole_number_is_a_number_where_the_argument_is_one() -> None:
    inputs: Any = first(conditional(), scale="2").inputs
    assert inputs["scale"] == 2.0


def test_inputs_that_came_with_the_model_stay_but_for_what_was_given() -> None:
    own = {"sample": torch.ones(1, 4, 8, 8), "cond": {"a": torch.ones(1), "b": torch.ones(2)}}
    (proposal,) = candidate_inputs(conditional(), {"cond.b": "5"}, own)
    inputs: Any = proposal.inputs
    assert inputs["sample"] is own["sample"]
    assert [tuple(one.shape) for one in inputs["cond"].values()] == [(1,), (5,)]


def test_a_tensor_that_came_with_the_model_says_the_dtype_of_its_replacement() -> None:
    (proposal,) = candidate_inputs(Plain(), {"x": "2x4x8x8"}, (torch.ones(1, 4, 8, 8).double(),))
    inputs: Any = proposal.inputs
    assert inputs["x"].dtype is torch.float64


def test_arguments_without_names_are_passed_by_their_places() -> None:
    class Positional(Plain):
        def forward(self, x: Tensor, /, *more: Tensor) -> Tensor: ...

    inputs: Any = first(Positional()).inputs
    assert isinstance(inputs, tuple)
    assert [tuple(one.shape) for one in inputs] == [(1, 4, 64, 64)]


def test_a_forward_that_takes_anything_gets_what_was_given() -> None:
    class Anything(Plain):
        def forward(self, *args: Tensor) -> Tensor: ...

    inputs: Any = first(Anything(), a="1x4x8x8", b="1x3").inputs
    assert [tuple(one.shape) for one in inputs] == [(1, 4, 8, 8), (1, 3)]


class Several(Plain):
    def forward(self, image: Tensor, hint: Tensor, mask: Tensor) -> Tensor: ...


def test_several_images_and_a_mask_are_of_one_size() -> None:
    found = first(Several())
    assert shapes(found) == {
        "image": (1, 4, 64, 64),
        "hint": (1, 4, 64, 64),
        "mask": (1, 1, 64, 64),
    }
    reason = "a mask of one channel; default size, since the model does not specify one"
    assert found.assumed[-1] == f"--input mask=1x1x64x64:float32 ({reason})"


def test_several_images_may_share_the_channels_of_the_first_layer() -> None:
    found = candidate_inputs(Several(), {}, None)[-1]
    assert shapes(found)["image"] == shapes(found)["hint"] == (1, 2, 64, 64)
    reason = (
        "channels of conv, shared by 2 images; default size, since the model does not specify one"
    )
    assert found.assumed[0] == f"--input image=1x2x64x64:float32 ({reason})"


@pytest.mark.parametrize("model", [nn.Linear(4, 4), nn.Bilinear(4, 4, 4)])
def test_what_nothing_tells_is_asked_for(model: nn.Module) -> None:
    with pytest.raises(TraceError, match="its shape cannot be inferred: give it as --input input"):
        candidate_inputs(model, {}, None)
