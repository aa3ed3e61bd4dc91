from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from reference_model import Downsample, Normalize, ResnetBlock, Upsample, nonlinearity


def test_nonlinearity_is_swish() -> None:
    x = torch.linspace(-5, 5, 101)
    torch.testing.assert_close(nonlinearity(x), F.silu(x))


def test_normalize_is_group_normalisation_in_32_groups_with_upstreams_epsilon() -> None:
    norm = Normalize(64)
    assert (norm.num_groups, norm.num_channels, norm.eps, norm.affine) == (32, 64, 1e-6, True)


@pytest.mark.parametrize("in_channels", [0, 16, 48])
def test_normalize_refuses_channels_that_do_not_split_into_groups(in_channels: int) -> None:
    with pytest.raises(ValueError, match="groups") as error:
        Normalize(in_channels)
    assert str(error.value) == (
        f"in_channels={in_channels}: the normalization splits its channels into 32 groups, "
        "so give a positive multiple of 32."
    )


def test_upsample_without_convolution_repeats_each_pixel_four_times() -> None:
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    expected = x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    upsample = Upsample(1, with_conv=False)
    assert torch.equal(upsample(x), expected)
    assert not list(upsample.parameters())


def test_upsample_convolves_what_it_has_repeated() -> None:
    x = torch.randn(2, 4, 3, 5)
    upsample = Upsample(4, with_conv=True)
    repeated = Upsample(4, with_conv=False)(x)
    expected = F.conv2d(repeated, upsample.conv.weight, upsample.conv.bias, padding=1)
    torch.testing.assert_close(upsample(x), expected)


def test_downsample_without_convolution_takes_means_of_two_by_two_pixels() -> None:
    x = torch.arange(8.0).reshape(1, 1, 2, 4)
    downsample = Downsample(1, with_conv=False)
    assert torch.equal(downsample(x), torch.tensor([[[[2.5, 4.5]]]]))
    assert not list(downsample.parameters())


def downsample_that_looks_at(row: int, column: int) -> Downsample:
    """A convolution that copies one of the nine pixels it sees."""
    downsample = Downsample(1, with_conv=True)
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, row, column] = 1
    downsample.conv.load_state_dict({"weight": weight, "bias": torch.zeros(1)})
    return downsample


def test_downsample_by_convolution_pads_nothing_on_the_left_and_the_top() -> None:
    x = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    assert torch.equal(downsample_that_looks_at(0, 0)(x), x[:, :, ::2, ::2])


def test_downsample_by_convolution_pads_the_right_and_the_bottom_with_zeros() -> None:
    x = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    expected = torch.tensor([[[[11.0, 0.0], [0.0, 0.0]]]])
    assert torch.equal(downsample_that_looks_at(2, 2)(x), expected)


@pytest.mark.parametrize("with_conv", [True, False])
def test_downsample_halves_odd_sides_and_rounds_down(with_conv: bool) -> None:
    assert Downsample(32, with_conv)(torch.zeros(1, 32, 7, 9)).shape == (1, 32, 3, 4)


def test_a_block_that_keeps_its_channels_goes_around_without_weights() -> None:
    block = ResnetBlock(in_channels=32, dropout=0.0)
    assert block.out_channels == 32
    assert not [name for name in block.state_dict() if "shortcut" in name]


@pytest.mark.parametrize(
    ("conv_shortcut", "name", "shape"),
    [
        (False, "nin_shortcut.weight", (64, 32, 1, 1)),
        (True, "conv_shortcut.weight", (64, 32, 3, 3)),
    ],
)
def test_a_block_that_changes_its_channels_goes_around_by_a_convolution(
    conv_shortcut: bool, name: str, shape: tuple[int, ...]
) -> None:
    block = ResnetBlock(in_channels=32, out_channels=64, conv_shortcut=conv_shortcut, dropout=0.0)
    weights = {key: value for key, value in block.state_dict().items() if "shortcut" in key}
    assert list(weights) == [name, name.replace("weight", "bias")]
    assert weights[name].shape == shape
    torch.nn.init.zeros_(block.conv2.weight)
    torch.nn.init.zeros_(block.conv2.bias)
    x = torch.randn(2, 32, 4, 6)
    way_around = getattr(block, name.removesuffix(".weight"))
    assert torch.equal(block(x, torch.randn(2, 512)), way_around(x))


def test_the_timestep_reaches_every_pixel_of_its_own_image_alike() -> None:
    block = ResnetBlock(in_channels=32, dropout=0.0, temb_channels=8)
    seen = []
    block.norm2.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    x, temb = torch.randn(2, 32, 4, 4), torch.randn(2, 8)
    block(x, temb)
    block(x, None)
    shift = block.temb_proj(F.silu(temb))[:, :, None, None]
    torch.testing.assert_close(seen[0] - seen[1], shift.expand(2, 32, 4, 4), rtol=1e-4, atol=1e-5)


def test_a_block_without_temb_channels_has_no_projection() -> None:
    block = ResnetBlock(in_channels=32, dropout=0.0, temb_channels=0)
    assert not [name for name in block.state_dict() if "temb" in name]
    assert block(torch.randn(1, 32, 2, 2), None).shape == (1, 32, 2, 2)


def test_dropout_acts_only_in_training() -> None:
    block = ResnetBlock(in_channels=32, dropout=0.5)
    x, temb = torch.randn(1, 32, 4, 4), torch.randn(1, 512)
    assert not torch.equal(block(x, temb), block(x, temb))
    block.eval()
    assert torch.equal(block(x, temb), block(x, temb))
