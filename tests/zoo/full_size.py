"""UNets of the size that people run, on tensors without data."""

from __future__ import annotations

import torch
from torch import nn

from tests.zoo.diffusion import ATTENTIONS, RESNETS, stack_of
from tests.zoo.specimens import specimen, timestep

WORDS = 77


def latent(size: int, width: int, **others: object) -> dict[str, object]:
    words = torch.randn(1, WORDS, width)
    sample = torch.randn(1, 4, size, size)
    return {"sample": sample, "timestep": timestep(), "encoder_hidden_states": words, **others}


@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: latent(64, 768),
    skips=stack_of(2, ATTENTIONS, ATTENTIONS, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 12},
    real=False,
)
def stable_diffusion_1_5() -> nn.Module:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(sample_size=64, cross_attention_dim=768)


@specimen(
    "diffusers",
    "diffusion with text, 2-D",
    lambda: latent(
        128,
        2048,
        added_cond_kwargs={"text_embeds": torch.randn(1, 1280), "time_ids": torch.randn(1, 6)},
    ),
    skips=stack_of(2, RESNETS, ATTENTIONS, ATTENTIONS),
    lists={"down_block_res_samples": 9},
    real=False,
)
def stable_diffusion_xl() -> nn.Module:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=128,
        block_out_channels=(320, 640, 1280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
        use_linear_projection=True,
    )


# Four temporal layers a level as well, over 14 frames.
@specimen(
    "diffusers",
    "video",
    lambda: {
        "sample": torch.randn(1, 14, 8, 72, 128),
        "timestep": timestep(),
        "encoder_hidden_states": torch.randn(1, 1, 1024),
        "added_time_ids": torch.randn(1, 3),
    },
    skips=stack_of(2, ATTENTIONS, ATTENTIONS, ATTENTIONS, RESNETS),
    lists={"down_block_res_samples": 12},
    real=False,
)
def stable_video_diffusion() -> nn.Module:
    from diffusers import UNetSpatioTemporalConditionModel

    return UNetSpatioTemporalConditionModel(num_attention_heads=(5, 10, 20, 20))
