"""UNets for images of cells and tissue: gates, statistics, fused levels, shared encoders."""

from __future__ import annotations

from typing import Any

from torch import nn

from tests.zoo.specimens import numbers, pairs, specimen


# The mean of each channel over the whole image is a style, added at every level of the decoder. The
# encoder returns a list; the deepest of it is the main path, and is added once more, to what the
# first convolution of the decoder made of it: at its own level, which makes it a residual.
@specimen(
    "cellpose",
    "segmentation, 2-D",
    numbers(1, 2, 32, 32),
    skips=tuple(
        f"downsample.down.res_down_{n} -> upsample.up.res_up_{n}.conv.conv_1.conv add"
        for n in (1, 0)
    ),
    lists={"xd": 3},
    left=1,
)
def cellpose() -> nn.Module:
    from cellpose.resnet_torch import CPnet

    return CPnet([2, 8, 16, 32], 3, 3)


CELLS = {
    "num_conv_layer": 4,
    "conv_layer_scaler": 8,
    "num_group": 4,
    "layer_components": "2gcl",
    "img_patch_size": 32,
}


# Two decoders of one encoder, run side by side. Each level of the first adds the map of its level;
# each level of the second adds those of all levels that are no coarser, pooled to its size and
# convolved. The last sum of a level is its output.
@specimen(
    "tardis-em",
    "segmentation, 2-D",
    numbers(1, 1, 32, 32),
    skips=(
        "encoder.2 -> decoder_unet.1 add",
        "encoder.2 -> decoder_3plus.1 add",
        "encoder.1 -> decoder_3plus.1 add",
        "encoder.0 -> decoder_3plus.1 add",
        "encoder.1 -> decoder_unet.2 add",
        "encoder.1 -> decoder_3plus.2 add",
        "encoder.0 -> decoder_3plus.2 add",
        "encoder.0 -> unet_conv_layer add",
        "encoder.0 -> unet3plus_conv_layer add",
    ),
    lists={"encoder_features": 3},
    fixed=("H", "W"),
)
def f_net() -> nn.Module:
    from tardis_em.cnn.utils.build_cnn import FNet

    return FNet(**CELLS)


# The list is filled from the front, and the deepest is taken off without a join.
FEATURES: dict[str, Any] = {"lists": {"encoders_features": 3}, "unjoined": 1}
ENCODERS = [f"encoders.{n}" for n in range(2)]
SQUEEZE = {"f_maps": (4, 8, 16), "layer_order": "cge", "num_groups": 4}


# Squeeze-and-excitation ends every block of the encoder, whose output waits on the list.
@specimen(
    "pytorch3dunet",
    "segmentation, 3-D",
    numbers(1, 1, 16, 16, 16),
    skips=pairs(ENCODERS, [f"decoders.{n}.basic_module" for n in range(2)], "add"),
    **FEATURES,
)
def residual_unet_se() -> nn.Module:
    from pytorch3dunet.unet3d.model import ResidualUNetSE3D

    return ResidualUNetSE3D(1, 2, **SQUEEZE)


# The same blocks, with pools of one voxel: every level has the resolution of the input.
@specimen(
    "pytorch3dunet",
    "segmentation, 3-D",
    numbers(1, 1, 8, 8, 8),
    skips=pairs(ENCODERS, [f"decoders.{n}.basic_module" for n in range(2)], "add"),
    **FEATURES,
)
def flat_unet_se() -> nn.Module:
    from pytorch3dunet.unet3d.buildingblocks import ResNetBlockSE
    from pytorch3dunet.unet3d.model import AbstractUNet

    return AbstractUNet(1, 2, True, ResNetBlockSE, pool_kernel_size=1, **SQUEEZE)


# The blocks' own `forward` is called, so none of them is a call; only what they hold is. Each level
# is unpooled to where its maxima were, and concatenated with what was pooled.
@specimen(
    "relaynet-pytorch",
    "segmentation, 2-D",
    numbers(1, 1, 16, 16),
    skips=pairs([f"encode{n}.prelu" for n in (1, 2, 3)], [f"decode{n}.conv" for n in (1, 2, 3)]),
)
def relay_net() -> nn.Module:
    from relaynet_pytorch.relay_net import ReLayNet

    return ReLayNet(
        {
            "num_channels": 1,
            "num_filters": 64,
            "kernel_h": 7,
            "kernel_w": 3,
            "kernel_c": 1,
            "stride_conv": 1,
            "pool": 2,
            "stride_pool": 2,
            "num_class": 3,
        }
    )
