"""UNets for medical images: segmentation, registration, reconstruction, synthesis; 1-D to 3-D."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tests.zoo.diffusion import stack_of
from tests.zoo.specimens import numbers, pairs, specimen, timestep

SEGMENT = {"in_channels": 1, "out_channels": 2}


def nested(levels: int) -> tuple[str, ...]:
    """The skips of a UNet of nested blocks: each holds a way down, the rest of the UNet, a way up.

    Nothing is listed; each block concatenates what it was given with what the rest made of it.
    """
    inner = ["model", *["model" + ".1.submodule" * n for n in range(1, levels)]]
    return pairs([f"{path}.0" for path in inner], [f"{path}.2" for path in reversed(inner)])


@specimen("monai", "segmentation, 1-D", numbers(1, 1, 32), skips=nested(2))
def unet_1d() -> nn.Module:
    from monai.networks.nets import UNet

    return UNet(1, **SEGMENT, channels=(4, 8, 16), strides=(2, 2), num_res_units=1)


@specimen("monai", "segmentation, 2-D", numbers(1, 1, 32, 32), skips=nested(3))
def unet_2d() -> nn.Module:
    from monai.networks.nets import UNet

    return UNet(2, **SEGMENT, channels=(4, 8, 16, 32), strides=(2, 2, 2), num_res_units=2)


@specimen("monai", "segmentation, 3-D", numbers(1, 1, 16, 16, 16), skips=nested(2))
def unet_3d() -> nn.Module:
    from monai.networks.nets import UNet

    return UNet(3, **SEGMENT, channels=(4, 8, 16), strides=(2, 2))


def basic() -> tuple[str, ...]:
    downs = ["conv_0", "down_1", "down_2", "down_3"]
    return pairs(downs, [f"upcat_{n}.convs" for n in (4, 3, 2, 1)])


# Sizes that do not divide: what comes up is padded to the size of the skip.
@specimen("monai", "segmentation, 2-D", numbers(1, 1, 37, 45), skips=basic())
def basic_unet_odd_size() -> nn.Module:
    from monai.networks.nets import BasicUNet

    return BasicUNet(2, **SEGMENT, features=(4, 4, 8, 16, 32, 4), upsample="nontrainable")


@specimen("monai", "segmentation, 3-D", numbers(1, 1, 32, 32, 32), skips=basic())
def basic_unet_3d() -> nn.Module:
    from monai.networks.nets import BasicUNet

    return BasicUNet(3, **SEGMENT, features=(4, 4, 8, 16, 32, 4))


def dense(depth: int) -> tuple[str, ...]:
    """Node (level, n) takes in all nodes before it on its level, concatenated among themselves.

    Each new level below is followed by the nodes that it makes possible above.
    """
    nodes = [(deepest - n, n) for deepest in range(1, depth + 1) for n in range(1, deepest + 1)]

    def name(level: int, n: int) -> str:
        return f"upcat_{level}_{n}" if n else f"conv_{level}_0"

    return tuple(
        f"{name(level, before)} -> {name(level, n)}.convs"
        for level, n in nodes
        for before in range(n)
    )


@specimen("monai", "segmentation, 2-D", numbers(1, 1, 32, 32), skips=dense(4))
def unet_plus_plus() -> nn.Module:
    from monai.networks.nets import BasicUNetPlusPlus

    return BasicUNetPlusPlus(2, **SEGMENT, features=(4, 4, 8, 16, 32, 4), deep_supervision=True)


# The gate is convolved from the sum of the skip and what comes up; that sum is no skip itself.
@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 1, 32, 32),
    skips=pairs(
        ["model.0", "model.1.submodule.0", "model.1.submodule.1.submodule.0"],
        ["model.1.submodule.1.submodule.1.merge", "model.1.submodule.1.merge", "model.1.merge"],
    ),
)
def attention_unet() -> nn.Module:
    from monai.networks.nets import AttentionUnet

    return AttentionUnet(2, **SEGMENT, channels=(4, 8, 16, 32), strides=(2, 2, 2))


@specimen(
    "monai",
    "segmentation, 3-D",
    numbers(1, 1, 16, 16, 16),
    skips=pairs(
        ["input_block", "downsamples.0", "downsamples.1"],
        [f"upsamples.{n}.conv_block" for n in range(3)],
    ),
)
def dyn_unet() -> nn.Module:
    from monai.networks.nets import DynUNet

    return DynUNet(
        3,
        **SEGMENT,
        kernel_size=(3,) * 4,
        strides=(1, 2, 2, 2),
        upsample_kernel_size=(2,) * 3,
        filters=(4, 8, 16, 32),
        res_block=True,
    )


@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 1, 32, 32),
    skips=pairs(
        ["input_block", *[f"downsamples.{n}" for n in range(3)]],
        [f"upsamples.{n}.conv_block" for n in range(4)],
    ),
)
def dyn_unet_deep_supervision() -> nn.Module:
    from monai.networks.nets import DynUNet

    return DynUNet(
        2,
        **SEGMENT,
        kernel_size=(3,) * 5,
        strides=(1, 2, 2, 2, 2),
        upsample_kernel_size=(2,) * 4,
        filters=(4, 8, 16, 32, 32),
        deep_supervision=True,
        deep_supr_num=2,
    )


ADDED = pairs(["down_layers.0", "down_layers.1"], ["up_layers.0", "up_layers.1"], "add")


# Every level is put on the list; it is then reversed, and what comes first is dropped.
@specimen(
    "monai",
    "segmentation, 3-D",
    numbers(1, 1, 16, 16, 16),
    skips=ADDED,
    lists={"down_x": 3},
    left=1,
)
def seg_res_net() -> nn.Module:
    from monai.networks.nets import SegResNet

    return SegResNet(3, 8, **SEGMENT, blocks_down=(1, 2, 2), blocks_up=(1, 1))


# In training it also returns the loss of a variational autoencoder, one number.
@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 1, 32, 32),
    skips=ADDED,
    lists={"down_x": 3},
    left=1,
)
def seg_res_net_vae() -> nn.Module:
    from monai.networks.nets import SegResNetVAE

    return SegResNetVAE(
        spatial_dims=2,
        input_image_size=(32, 32),
        init_filters=8,
        **SEGMENT,
        blocks_down=(1, 2, 2),
        blocks_up=(1, 1),
    )


# The encoder returns a list of its levels, reversed; the first is the main path itself.
@specimen(
    "monai",
    "segmentation, 3-D",
    numbers(1, 1, 16, 16, 16),
    skips=("encoder -> up_layers.0.blocks add", "encoder -> up_layers.1.blocks add"),
    lists={"x_down": 3},
    unjoined=1,
)
def seg_res_net_deep_supervision() -> nn.Module:
    from monai.networks.nets import SegResNetDS

    return SegResNetDS(3, 8, **SEGMENT, blocks_down=(1, 2, 2), dsdepth=2)


# The decoder takes the stages of the transformer, three of them by way of a convolutional encoder
# of its own, and the input of the model by way of another.
SWIN = (
    "swinViT.layers3.0 -> decoder5.conv_block",
    "swinViT.layers2.0 -> decoder4.conv_block",
    "swinViT.layers1.0 -> decoder3.conv_block",
    "swinViT.patch_embed -> decoder2.conv_block",
    " -> decoder1.conv_block",
)


@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 1, 64, 64),
    skips=SWIN,
    fixed=("H", "W"),  # only planes larger than a window are shifted
)
def swin_unetr_2d() -> nn.Module:
    from monai.networks.nets import SwinUNETR

    return SwinUNETR(
        **SEGMENT, feature_size=12, spatial_dims=2, window_size=4, num_heads=(3, 6, 12, 24)
    )


@specimen(
    "monai",
    "segmentation, 3-D",
    numbers(1, 1, 64, 32, 32),
    skips=SWIN,
    fixed=("D", "H", "W"),
)
def swin_unetr_3d_v2() -> nn.Module:
    from monai.networks.nets import SwinUNETR

    return SwinUNETR(
        **SEGMENT,
        feature_size=12,
        spatial_dims=3,
        window_size=4,
        num_heads=(3, 6, 12, 24),
        use_v2=True,
    )


# A transformer at one resolution; its tokens after blocks 3, 6 and 9 are upsampled on their way.
# The outermost skip is the input of the model, by way of a convolutional encoder. The transformer
# returns a list of the tokens after each of its twelve blocks; three of them are taken.
@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 1, 32, 32),
    skips=pairs(["", "vit", "vit", "vit"], [f"decoder{n}.conv_block" for n in (5, 4, 3, 2)]),
    lists={"hidden_states_out": 12},
    left=9,
    fixed=("H", "W"),  # a position is learned for each patch
)
def unetr() -> nn.Module:
    from monai.networks.nets import UNETR

    return UNETR(
        **SEGMENT,
        img_size=(32, 32),
        feature_size=8,
        hidden_size=48,
        mlp_dim=96,
        num_heads=4,
        spatial_dims=2,
    )


@specimen(
    "monai",
    "segmentation, 3-D",
    numbers(1, 1, 32, 32, 32),
    skips=pairs(
        ["in_tr", "down_tr32", "down_tr64", "down_tr128"],
        ["up_tr256.ops", "up_tr128.ops", "up_tr64.ops", "up_tr32.ops"],
    ),
)
def v_net() -> nn.Module:
    from monai.networks.nets import VNet

    return VNet(3, **SEGMENT)


# The list is never popped: it is read from its end by index.
@specimen(
    "monai",
    "registration, 3-D",
    numbers(1, 2, 16, 16, 16),
    skips=pairs(["encode_convs.0", "encode_convs.1"], ["decode_convs.0", "decode_convs.1"], "add"),
    lists={"skips": 2},
)
def reg_unet() -> nn.Module:
    from monai.networks.nets import RegUNet

    return RegUNet(
        3, in_channels=2, num_channel_initial=4, depth=2, out_channels=3, extract_levels=(0, 1, 2)
    )


# The encoder is an EfficientNet, which returns five levels; the deepest is the main path.
@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 3, 64, 64),
    skips=tuple(f"encoder -> decoder.blocks.{n}.convs" for n in range(4)),
    lists={"features": 5},
    left=1,
)
def flexible_unet() -> nn.Module:
    from monai.networks.nets import FlexibleUNet

    return FlexibleUNet(
        in_channels=3,
        out_channels=2,
        backbone="efficientnet-b0",
        decoder_channels=(32, 16, 8, 8, 8),
    )


@specimen(
    "monai",
    "segmentation, 2-D",
    numbers(1, 1, 32, 32),
    skips=pairs(
        [f"enc_stages.{n}" for n in range(4)], [f"dec_stages.{n}" for n in range(4)], "add"
    ),
    lists={"enc_outputs": 4},
)
def med_next() -> nn.Module:
    from monai.networks.nets import MedNeXt

    return MedNeXt(2, 8, **SEGMENT)


# Complex numbers, as two channels; the image is normalized before and after.
@specimen(
    "monai",
    "reconstruction, 2-D",
    numbers(2, 1, 32, 32, 2),
    skips=pairs(
        ["unet.conv_0", "unet.down_1", "unet.down_2", "unet.down_3"],
        [f"unet.upcat_{n}.convs" for n in (4, 3, 2, 1)],
    ),
    fixed=("W",),  # the last axis is the real and the imaginary part
)
def complex_unet() -> nn.Module:
    from monai.apps.reconstruction.networks.nets.complex_unet import ComplexUnet

    return ComplexUnet(features=(4, 4, 8, 16, 32, 4))


DIFFUSE: dict[str, Any] = {
    "in_channels": 1,
    "out_channels": 1,
    "attention_levels": (False, True),
    "norm_num_groups": 4,
    "num_head_channels": 8,
}
SAMPLES = "down_block_res_samples"


def noisy(*sizes: int, **others: Any) -> dict[str, Any]:
    return {"x": torch.randn(1, 1, *sizes), "timesteps": timestep(), **others}


@specimen(
    "monai",
    "diffusion with context, 2-D",
    lambda: noisy(16, 16, context=torch.randn(1, 5, 12)),
    skips=stack_of(2, 1),
    lists={SAMPLES: 4},
)
def diffusion_unet_2d() -> nn.Module:
    from monai.networks.nets import DiffusionModelUNet

    return DiffusionModelUNet(
        2,
        **DIFFUSE,
        channels=(8, 16),
        num_res_blocks=1,
        with_conditioning=True,
        cross_attention_dim=12,
    )


@specimen(
    "monai", "diffusion, 3-D", lambda: noisy(8, 8, 8), skips=stack_of(2, 2), lists={SAMPLES: 6}
)
def diffusion_unet_3d() -> nn.Module:
    from monai.networks.nets import DiffusionModelUNet

    return DiffusionModelUNet(
        3, **DIFFUSE, channels=(8, 16), num_res_blocks=2, resblock_updown=True
    )


@specimen(
    "monai",
    "diffusion with a map, 2-D",
    lambda: noisy(16, 16, seg=torch.randn(1, 3, 16, 16)),
    skips=stack_of(2, 1),
    lists={SAMPLES: 4},
)
def spade_diffusion_unet() -> nn.Module:
    from monai.networks.nets import SPADEDiffusionModelUNet

    return SPADEDiffusionModelUNet(2, **DIFFUSE, label_nc=3, channels=(8, 16), num_res_blocks=1)


@specimen(
    "monai", "diffusion, 3-D", lambda: noisy(8, 8, 8), skips=stack_of(2, 1), lists={SAMPLES: 4}
)
def diffusion_unet_maisi() -> nn.Module:
    from monai.apps.generation.maisi.networks.diffusion_model_unet_maisi import (
        DiffusionModelUNetMaisi,
    )

    return DiffusionModelUNetMaisi(3, **DIFFUSE, num_channels=(8, 16), num_res_blocks=1)


@specimen("monai", "autoencoder, 3-D", numbers(1, 1, 8, 8, 8))
def autoencoder_kl() -> nn.Module:
    from monai.networks.nets import AutoencoderKL

    return AutoencoderKL(
        3,
        1,
        num_res_blocks=(1, 1),
        channels=(8, 16),
        attention_levels=(False, True),
        latent_channels=2,
        norm_num_groups=4,
    )


@specimen("monai", "autoencoder, 2-D", numbers(1, 1, 16, 16))
def vq_vae() -> nn.Module:
    from monai.networks.nets import VQVAE

    return VQVAE(
        2,
        1,
        1,
        channels=(8, 16),
        num_res_channels=(8, 8),
        num_res_layers=1,
        downsample_parameters=((2, 4, 1, 1),) * 2,
        upsample_parameters=((2, 4, 1, 1, 0),) * 2,
        num_embeddings=16,
        embedding_dim=8,
    )


def nn_unet(name: str, **others: Any) -> nn.Module:
    from dynamic_network_architectures.architectures import unet

    return getattr(unet, name)(
        input_channels=1,
        n_stages=4,
        features_per_stage=(4, 8, 16, 16),
        conv_op=nn.Conv3d,
        kernel_sizes=3,
        strides=(1, 2, 2, 2),
        num_classes=2,
        conv_bias=True,
        norm_op=nn.InstanceNorm3d,
        norm_op_kwargs={},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
        **others,
    )


# The encoder returns its four stages in a list, `ret`, of which the last is the main path.
NN_UNET = {
    "skips": tuple(f"encoder -> decoder.stages.{n}" for n in range(3)),
    "lists": {"ret": 4},
    "left": 1,
}
NNU = "dynamic-network-architectures"


@specimen(NNU, "segmentation, 3-D", numbers(1, 1, 16, 16, 16), **NN_UNET)
def plain_conv_unet() -> nn.Module:
    return nn_unet(
        "PlainConvUNet", n_conv_per_stage=2, n_conv_per_stage_decoder=2, deep_supervision=True
    )


@specimen(NNU, "segmentation, 3-D", numbers(1, 1, 16, 16, 16), **NN_UNET)
def residual_encoder_unet() -> nn.Module:
    return nn_unet("ResidualEncoderUNet", n_blocks_per_stage=2, n_conv_per_stage_decoder=1)


@specimen(NNU, "segmentation, 3-D", numbers(1, 1, 16, 16, 16), **NN_UNET)
def residual_unet() -> nn.Module:
    return nn_unet("ResidualUNet", n_blocks_per_stage=2, n_conv_per_stage_decoder=1)


def cropped(levels: int, first: str) -> dict[str, Any]:
    """The encoder returns a list; the decoder crops each of them by sizes read from tensors."""
    targets = [f"decoder.decoding_blocks.{n}.{first}" for n in range(levels)]
    return {
        "skips": tuple(f"encoder -> {target}" for target in targets),
        "lists": {"skip_connections": levels},
        "data": True,
    }


@specimen("unet", "segmentation, 1-D", numbers(1, 1, 32), **cropped(2, "conv1"))
def unet_1d_padded() -> nn.Module:
    from unet import UNet1D

    return UNet1D(
        num_encoding_blocks=3, out_channels_first_layer=4, padding=1, normalization="batch"
    )


# Convolutions without padding, as in the first paper: 140 becomes 52, and each skip is cropped.
@specimen("unet", "segmentation, 2-D", numbers(1, 1, 140, 140), **cropped(3, "conv1"))
def unet_2d_valid() -> nn.Module:
    from unet import UNet2D

    return UNet2D(num_encoding_blocks=4, out_channels_first_layer=4)


@specimen("unet", "segmentation, 3-D", numbers(1, 1, 16, 16, 16), **cropped(2, "conv_residual"))
def unet_3d_residual() -> nn.Module:
    from unet import UNet3D

    return UNet3D(
        num_encoding_blocks=3,
        out_channels_first_layer=4,
        padding=1,
        normalization="batch",
        residual=True,
        upsampling_type="linear",
    )


@specimen(
    "unet3d",
    "segmentation, 3-D",
    numbers(1, 1, 32, 32, 32),
    skips=pairs(["inp", "downs.0", "downs.1", "downs.2"], [f"ups.{n}.conv" for n in range(4)]),
    lists={"xs": 4},
)
def unet3d() -> nn.Module:
    from unet3d.unet3d import UNet3d

    return UNet3d(1, 2)


# The first level has stride 1, so its two skips join at one resolution.
@specimen(
    "unet3d",
    "segmentation, 3-D",
    numbers(1, 1, 64, 64, 64),
    skips=pairs(
        ["init", "downs.0", "downs.1", "downs.2"], ["ups.1", "ups.2", "ups.3", "out"], "add"
    ),
    lists={"xs": 4},
)
def linknet3d() -> nn.Module:
    from unet3d.linknet3d import LinkNet3d

    return LinkNet3d(1, 2)
