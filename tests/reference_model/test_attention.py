from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reference_model import AttnBlock, LinAttnBlock, make_attn


def pixels(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, H*W, C)."""
    return x.flatten(2).transpose(1, 2)


def test_a_pixel_takes_the_values_of_all_pixels_by_softmax_and_adds_them_to_itself() -> None:
    block = AttnBlock(32)
    x = torch.randn(2, 32, 3, 5)
    h = block.norm(x)
    taken = F.scaled_dot_product_attention(
        pixels(block.q(h)), pixels(block.k(h)), pixels(block.v(h))
    )
    expected = x + block.proj_out(taken.transpose(1, 2).reshape(2, 32, 3, 5))
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


def test_linear_attention_asks_a_summary_of_all_pixels_and_does_not_go_around() -> None:
    block = LinAttnBlock(32)
    x = torch.randn(2, 32, 3, 5)
    q, k, v = (pixels(part) for part in block.to_qkv(x).chunk(3, dim=1))
    summary = k.softmax(dim=1).transpose(1, 2) @ v
    expected = block.to_out((q @ summary).transpose(1, 2).reshape(2, 32, 3, 5))
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


def test_linear_attention_has_the_state_of_upstreams() -> None:
    shapes = {name: tuple(value.shape) for name, value in LinAttnBlock(48).state_dict().items()}
    assert shapes == {
        "to_qkv.weight": (144, 48, 1, 1),
        "to_out.weight": (48, 48, 1, 1),
        "to_out.bias": (48,),
    }


@pytest.mark.parametrize(
    ("attn_type", "kind"),
    [("vanilla", AttnBlock), ("linear", LinAttnBlock), ("none", nn.Identity)],
)
def test_make_attn_knows_three_kinds(attn_type: str, kind: type[nn.Module]) -> None:
    attn = make_attn(32, attn_type)
    assert type(attn) is kind
    assert attn(torch.randn(2, 32, 3, 5)).shape == (2, 32, 3, 5)


def test_make_attn_refuses_any_other_kind() -> None:
    with pytest.raises(ValueError, match="attn_type") as error:
        make_attn(32, "flash")
    assert str(error.value) == "attn_type='flash': give one of 'vanilla', 'linear', 'none'."


def test_attention_over_channels_that_have_no_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="in_channels=48: the normalization splits"):
        AttnBlock(48)
