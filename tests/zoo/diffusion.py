"""UNets that denoise: images, trajectories, video, with and without a text beside them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tests.zoo.specimens import numbers, pairs, specimen, timestep

BLOCKS = {"block_out_channels": (8, 16), "norm_num_groups": 4, "sample_size": 16}


RESNETS, ATTENTIONS = "resnets", "attentions"


def stack_of(
    layers: int, *ends: str, first: str = "conv_in", sampler: str = "downsamplers.0"
) -> tuple[str, ...]:
    """The skips of `down_block_res_samples`.

    It starts with the first convolution. Each level puts on the result of each of its layers, which
    ends in the module named in `ends`, and, the last one apart, that of its downsampler; an up
    block takes one more than it has layers, from the end, one before each of its resnets. Where the
    last level has one layer, what it puts on is the output of the whole block.
    """
    downs = []
    for n, end in enumerate(ends):
        layered = [f"down_blocks.{n}.{end}.{layer}" for layer in range(layers)]
        if n < len(ends) - 1:
            downs += [*layered, f"down_blocks.{n}.{sampler}"]
        else:
            downs += layered if layers > 1 else [f"down_blocks.{n}"]
    ups = [f"up_blocks.{n}.resnets.{r}" for n in range(len(ends)) for r in range(layers + 1)]
    return pairs([first, *downs], ups)


def image(size: int = 16, channels: int = 3) -> dict[str, Any]:
    return {"sample": torch.randn(1, channels, size, size), "timestep": timestep()}


def with_text(width: int = 12, **others: Any) -> dict[str, Any]:
    """A latent image, its timestep and five words."""
    return {**image(channels=4), "encoder_hidden_states": torch.randn(1, 5, width), **others}


def film(width: int, texts: int = 1) -> dict[str, Any]:
    """Three frames of a latent film (B×C×F×H×W), their timestep and five words for each text."""
    words = torch.randn(texts, 5, width)
    sample = torch.randn(1, 4, 3, 16, 16)
    return {"sample": sample, "timestep": timestep(), "encoder_hidden_states": words}


@specimen(
    "diffusers",
    "diffusion, 2-D",
    image,
    skips=stack_of(2, RESNETS, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 9},
)
def unet_2d() -> nn.Module:
    from diffusers import UNet2DModel

    return UNet2DModel(
        sample_size=16,
        block_out_channels=(8, 16, 16),
        layers_per_block=2,
        norm_num_groups=4,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    )


# Beside its stack this one carries a small image along, `skip_sample`, which is added to at every
# level and never joins the features: no skip.
@specimen(
    "diffusers",
    "diffusion, 2-D",
    image,
    skips=stack_of(1, RESNETS, ATTENTIONS, RESNETS, sampler="skip_conv"),
    lists={"down_block_res_samples": 6},
)
def unet_2d_skip_blocks() -> nn.Module:
    from diffusers import UNet2DModel

    return UNet2DModel(
        sample_size=16,
        block_out_channels=(32, 32, 64),
        layers_per_block=1,
        attention_head_dim=8,
        down_block_types=("SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipDownBlock2D"),
        up_block_types=("SkipUpBlock2D", "AttnSkipUpBlock2D", "SkipUpBlock2D"),
    )


# The UNet of the consistency decoder: resnets that resample, scale and shift, learned times.
@specimen(
    "diffusers",
    "diffusion, 2-D",
    lambda: image(channels=7),
    skips=stack_of(1, RESNETS, RESNETS),
    lists={"down_block_res_samples": 4},
)
def unet_2d_resnet_samplers() -> nn.Module:
    from diffusers import UNet2DModel

    return UNet2DModel(
        **BLOCKS,
        in_channels=7,
        out_channels=6,
        layers_per_block=1,
        resnet_time_scale_shift="scale_shift",
        downsample_type="resnet",
        upsample_type="resnet",
        add_attention=False,
        down_block_types=("ResnetDownsampleBlock2D",) * 2,
        up_block_types=("ResnetUpsampleBlock2D",) * 2,
        num_train_timesteps=1024,
        time_embedding_type="learned",
    )


def text_to_image(**others: Any) -> nn.Module:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        **BLOCKS,
        cross_attention_dim=12,
        attention_head_dim=4,
        **{
            "layers_per_block": 2,
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
            **others,
        },
    )


@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    with_text,
    skips=stack_of(2, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 6},
)
def unet_2d_condition() -> nn.Module:
    return text_to_image()


@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    with_text,
    skips=stack_of(2, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 6},
)
def unet_2d_condition_simple_attention() -> nn.Module:
    return text_to_image(
        down_block_types=("SimpleCrossAttnDownBlock2D", "ResnetDownsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"),
    )


# The text model's pooled output and the sizes of the image arrive in a nested dict.
@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: with_text(
        added_cond_kwargs={"text_embeds": torch.randn(1, 20), "time_ids": torch.randn(1, 6)}
    ),
    skips=stack_of(2, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 6},
)
def unet_2d_condition_text_and_time() -> nn.Module:
    return text_to_image(
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=68,
        transformer_layers_per_block=(1, 2),
        use_linear_projection=True,
    )


def residuals() -> tuple[Tensor, ...]:
    """One for each of the six tensors on the stack: 8 channels at 16 and at 8, 16 channels at 8."""
    sizes = [(8, 16)] * 3 + [(8, 8)] + [(16, 8)] * 2
    return tuple(torch.randn(1, channels, size, size) for channels, size in sizes)


# A ControlNet adds to every tensor on the stack, so what is joined is the sum. The sums are a new
# tuple of the same name.
@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: with_text(
        down_block_additional_residuals=residuals(),
        mid_block_additional_residual=torch.randn(1, 16, 8, 8),
    ),
    skips=stack_of(2, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 6},
)
def unet_2d_condition_controlled() -> nn.Module:
    return text_to_image()


# What it puts on its two lists is what it returns; nothing is joined.
@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: with_text(controlnet_cond=torch.randn(1, 3, 32, 32)),
    lists={"down_block_res_samples": 6, "controlnet_down_block_res_samples": 6},
    left=12,
)
def controlnet() -> nn.Module:
    from diffusers import ControlNetModel

    return ControlNetModel(
        block_out_channels=(8, 16),
        layers_per_block=2,
        norm_num_groups=4,
        cross_attention_dim=12,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        conditioning_embedding_out_channels=(8, 16),
    )


# Each down block puts on one tensor, its last; each up block takes one before its first resnet.
# The time is concatenated to the input, and is no skip.
@specimen(
    "diffusers",
    "audio, 1-D",
    lambda: {"sample": torch.randn(1, 2, 512), "timestep": timestep()},
    skips=pairs(
        [f"down_blocks.{n}" for n in range(3)], [f"up_blocks.{n}.resnets.0" for n in range(3)]
    ),
    lists={"down_block_res_samples": 3},
)
def unet_1d() -> nn.Module:
    from diffusers import UNet1DModel

    return UNet1DModel(
        block_out_channels=(32, 32, 64),
        extra_in_channels=64,
        sample_size=512,
        time_embedding_type="fourier",
        flip_sin_to_cos=True,
        use_timestep_embedding=False,
    )


# One up block fewer than down blocks: the first tensor on the stack is never taken.
@specimen(
    "diffusers",
    "trajectories, 1-D",
    lambda: {"sample": torch.randn(1, 14, 16), "timestep": timestep()},
    skips=pairs(
        ["down_blocks.1.resnets.1", "down_blocks.2"],
        ["up_blocks.0.resnets.0", "up_blocks.1.resnets.0"],
    ),
    lists={"down_block_res_samples": 3},
    left=1,
)
def unet_1d_trajectories() -> nn.Module:
    from diffusers import UNet1DModel

    return UNet1DModel(
        in_channels=14,
        out_channels=14,
        time_embedding_type="positional",
        use_timestep_embedding=True,
        act_fn="mish",
        flip_sin_to_cos=False,
        freq_shift=1,
        block_out_channels=(32, 64, 128),
        layers_per_block=1,
        down_block_types=("DownResnetBlock1D",) * 3,
        up_block_types=("UpResnetBlock1D",) * 2,
        mid_block_type="MidResTemporalBlock1D",
        out_block_type="OutConv1DBlock",
    )


# The frames are folded into the batch; `transformer_in` comes before the stack begins.
@specimen(
    "diffusers",
    "video",
    lambda: film(12),
    skips=stack_of(1, "temp_attentions", RESNETS, first="transformer_in"),
    lists={"down_block_res_samples": 4},
)
def unet_3d_condition() -> nn.Module:
    from diffusers import UNet3DConditionModel

    return UNet3DConditionModel(
        **BLOCKS,
        layers_per_block=1,
        cross_attention_dim=12,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
    )


@specimen(
    "diffusers",
    "video",
    lambda: {
        "sample": torch.randn(1, 3, 8, 16, 16),
        "timestep": timestep(),
        "encoder_hidden_states": torch.randn(1, 1, 12),
        "added_time_ids": torch.randn(1, 3),
    },
    skips=stack_of(1, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 4},
)
def unet_spatio_temporal() -> nn.Module:
    from diffusers import UNetSpatioTemporalConditionModel

    return UNetSpatioTemporalConditionModel(
        sample_size=16,
        block_out_channels=(32, 64),
        layers_per_block=1,
        cross_attention_dim=12,
        num_attention_heads=4,
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=24,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
    )


@specimen(
    "diffusers",
    "video",
    lambda: film(16, texts=3),
    skips=stack_of(1, "motion_modules", RESNETS),
    lists={"down_block_res_samples": 4},
)
def unet_motion() -> nn.Module:
    from diffusers import UNetMotionModel

    return UNetMotionModel(
        **BLOCKS,
        layers_per_block=1,
        cross_attention_dim=16,
        num_attention_heads=2,
        motion_num_attention_heads=2,
        motion_max_seq_length=8,
        down_block_types=("CrossAttnDownBlockMotion", "DownBlockMotion"),
        up_block_types=("UpBlockMotion", "CrossAttnUpBlockMotion"),
    )


@specimen(
    "diffusers",
    "video",
    lambda: {
        **film(8),
        "fps": torch.tensor([8]),
        "image_latents": torch.randn(1, 4, 3, 16, 16),
        "image_embeddings": torch.randn(1, 8),
    },
    skips=stack_of(1, "temp_attentions", RESNETS, first="transformer_in"),
    lists={"down_block_res_samples": 4},
)
def unet_i2vgen_xl() -> nn.Module:
    from diffusers import I2VGenXLUNet

    return I2VGenXLUNet(
        **BLOCKS,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        cross_attention_dim=8,
        num_attention_heads=None,
        attention_head_dim=2,
        down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
        up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
    )


# Each level but the last puts on its output; each up block but the first takes one.
@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: with_text(32, encoder_attention_mask=torch.ones(1, 5)),
    skips=pairs(["down_blocks.0", "down_blocks.1"], ["up_blocks.1", "up_blocks.2"]),
    lists={"hidden_states": 2},
)
def unet_kandinsky3() -> nn.Module:
    from diffusers import Kandinsky3UNet

    return Kandinsky3UNet(
        time_embedding_dim=4,
        groups=2,
        attention_head_dim=4,
        layers_per_block=2,
        block_out_channels=(8, 16, 16),
        cross_attention_dim=12,
        encoder_hid_dim=32,
    )


# `level_outputs` holds the output of both levels, the deepest first; the decoder starts from that
# one, and the other is joined twice, for the blocks of that level are run twice.
@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: {
        "sample": torch.randn(1, 4, 8, 8),
        "timestep_ratio": torch.rand(1),
        "clip_text_pooled": torch.randn(1, 1, 16),
        "clip_text": torch.randn(1, 5, 16),
        "clip_img": torch.randn(1, 1, 16),
    },
    skips=(
        "down_blocks.0.5 -> up_blocks.1.0.channelwise",
        "down_blocks.0.5 -> up_blocks.1.0.channelwise@1",
    ),
    lists={"level_outputs": 2},
    left=1,
)
def stable_cascade() -> nn.Module:
    from diffusers import StableCascadeUNet

    blocks = ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock")
    return StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        timestep_ratio_embedding_dim=8,
        conditioning_dim=16,
        block_out_channels=(16, 32),
        num_attention_heads=(2, 2),
        down_num_layers_per_block=(2, 2),
        up_num_layers_per_block=(2, 2),
        down_blocks_repeat_mappers=(1, 1),
        up_blocks_repeat_mappers=(2, 2),
        block_types_per_layer=(blocks, blocks),
        clip_text_in_channels=16,
        clip_text_pooled_in_channels=16,
        clip_image_in_channels=16,
        clip_seq=2,
    )


AUTOENCODER = {
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "down_block_types": ("DownEncoderBlock2D",) * 2,
    "up_block_types": ("UpDecoderBlock2D",) * 2,
}


@specimen("diffusers", "autoencoder, 2-D", numbers(1, 3, 16, 16))
def autoencoder_kl() -> nn.Module:
    from diffusers import AutoencoderKL

    return AutoencoderKL(**AUTOENCODER)


# It also returns a loss, one number.
@specimen("diffusers", "autoencoder, 2-D", numbers(1, 3, 16, 16))
def vq_model() -> nn.Module:
    from diffusers import VQModel

    return VQModel(**AUTOENCODER, num_vq_embeddings=32, latent_channels=3)


@specimen("diffusers", "autoencoder, 2-D", numbers(1, 3, 32, 32))
def autoencoder_tiny() -> nn.Module:
    from diffusers import AutoencoderTiny

    return AutoencoderTiny(encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4)


# No convolution and no resolution, but half of the later blocks take in what an earlier one gave.
@specimen(
    "diffusers",
    "diffusion with text, tokens",
    lambda: {
        "hidden_states": torch.randn(1, 4, 8, 8),
        "encoder_hidden_states": torch.randn(1, 4, 8),
        "text_embedding_mask": torch.ones(1, 4),
        "encoder_hidden_states_t5": torch.randn(1, 4, 8),
        "text_embedding_mask_t5": torch.ones(1, 4),
        "timestep": timestep().float(),
        "image_meta_size": torch.randn(1, 6),
        "style": torch.zeros(1, dtype=torch.long),
        "image_rotary_emb": [torch.randn(16, 8), torch.randn(16, 8)],
    },
    skips=pairs(["blocks.0", "blocks.1"], ["blocks.4.skip_norm", "blocks.5.skip_norm"]),
    lists={"skips": 2},
    fixed=("H", "W"),  # a rotation for each patch of the image is given with it
)
def hunyuan_dit() -> nn.Module:
    from diffusers import HunyuanDiT2DModel

    return HunyuanDiT2DModel(
        sample_size=8,
        num_layers=6,
        patch_size=2,
        attention_head_dim=8,
        num_attention_heads=3,
        in_channels=4,
        cross_attention_dim=8,
        cross_attention_dim_t5=8,
        pooled_projection_dim=4,
        hidden_size=24,
        text_len=4,
        text_len_t5=4,
        activation_fn="gelu-approximate",
    )
