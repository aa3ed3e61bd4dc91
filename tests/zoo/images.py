"""UNets for pictures and films: segmentation, restoration, image to image."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tests.zoo.specimens import numbers, pairs, specimen


def yaunet(**others: Any) -> nn.Module:
    from yaunet import UNet

    return UNet(
        in_channels=3,
        out_channels=3,
        down_widths=(8, 16),
        down_depths=(1, 2),
        mid_width=32,
        mid_depth=2,
        up_widths=(16, 8),
        up_depths=(2, 1),
        **others,
    )


@specimen(
    "yaunet",
    "images with a condition, 2-D",
    lambda: (torch.randn(1, 3, 32, 32), torch.randn(1, 8)),
    skips=pairs(["down.0", "down.1"], ["up.0.fuse", "up.1.fuse"]),
    lists={"features": 2},
)
def unet_concatenated() -> nn.Module:
    return yaunet(condition_dim=8)


@specimen(
    "yaunet",
    "images, 2-D",
    numbers(1, 3, 32, 32),
    skips=pairs(["down.0", "down.1"], ["up.0.blocks.0", "up.1.blocks.0"], "add"),
    lists={"features": 2},
)
def unet_added() -> nn.Module:
    return yaunet(fuse_method="add", upsample_method="interpolate")


# Clones of the features wait on the list; they are scaled when they are joined. The input is
# cloned, too, and added to the output of the whole.
@specimen(
    "x-unet",
    "images, 2-D",
    numbers(1, 8, 1, 32, 32),
    skips=(
        *pairs([f"downs.{n}" for n in range(3)], [f"ups.{n}" for n in (2, 1, 0)]),
        " ->  add",
    ),
    lists={"hiddens": 3},
)
def nested_residual_unet() -> nn.Module:
    from x_unet import NestedResidualUnet

    return NestedResidualUnet(dim=8, depth=3, dim_inner=8, add_residual=True)


def x_unet(**others: Any) -> nn.Module:
    from x_unet import XUnet

    return XUnet(
        dim=8,
        channels=3,
        dim_mults=(1, 2, 4),
        num_blocks_per_stage=(1, 1, 1),
        num_self_attn_per_stage=(0, 0, 1),
        nested_unet_depths=(0, 0, 0),
        consolidate_upsample_fmaps=False,
        attn_heads=2,
        attn_dim_head=8,
        **others,
    )


# The features of each stage before its downsampler, scaled (the last stage ends in attention); and
# those of the first convolution, cloned, right before the last block. There is one up stage fewer
# than down stages, so what the first of these puts on the list is never taken.
X_UNET: dict[str, Any] = {
    "skips": (
        *pairs(["downs.1.0", "downs.2.2.0"], ["ups.0.0", "ups.1.0"]),
        "init_conv -> final_conv",
    ),
    "lists": {"down_hiddens": 3},
    "left": 1,
}


@specimen("x-unet", "images, 2-D", numbers(1, 3, 32, 32), **X_UNET)
def xunet() -> nn.Module:
    return x_unet()


@specimen("x-unet", "video", numbers(1, 3, 4, 32, 32), **X_UNET)
def xunet_video() -> nn.Module:
    return x_unet(frame_kernel_size=3, weight_standardize=True)


@specimen(
    "segment-torch",
    "segmentation, 2-D",
    numbers(1, 3, 32, 32),
    skips=pairs(
        [f"layers_downsample.batchnorm_enc_{n}" for n in range(2)],
        [f"layers_upsample.conv_dec_{n}_1" for n in range(2)],
    ),
    lists={"skip_connections": 2},
)
def unet() -> nn.Module:
    from segment_torch.unet import UNet

    return UNet(hiddens=[4, 8, 16], device="cpu")


# The gate is upsampled to the size of the skip, multiplied with it, and convolved.
@specimen(
    "segment-torch",
    "segmentation, 2-D",
    numbers(1, 3, 32, 32),
    skips=pairs(
        [f"layers_downsample.batchnorm_enc_{n}" for n in range(2)],
        [f"layers_upsample.conv_dec_{n}_1" for n in range(2)],
    ),
    lists={"skip_connections": 2},
)
def attention_unet() -> nn.Module:
    from segment_torch.attention_unet import AttentionUNet

    return AttentionUNet(hiddens=[4, 8, 16], device="cpu")


# The list keeps what the decoder reads from its end by index; the deepest is popped at once.
@specimen(
    "modulaic",
    "image to image, 2-D",
    lambda: (torch.randn(2, 3, 32, 32), torch.randn(2, 4)),
    skips=pairs(
        ["stem", "encoder_stages.0", "encoder_stages.1"],
        [f"decoder_stages.{n}.conv" for n in range(3)],
    ),
    lists={"skips": 4},
    unjoined=1,
)
def conditional_unet_generator() -> nn.Module:
    from modulaic.models.generator import ConditionalUNetGenerator

    return ConditionalUNetGenerator(3, 3, condition_dim=4, depth=4, base_channels=8)
