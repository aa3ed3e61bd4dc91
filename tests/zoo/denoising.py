"""More UNets that denoise, each of another package: scores, latents and films."""

from __future__ import annotations

import torch
from torch import nn

from tests.zoo.specimens import pairs, specimen


# All modules are in one list, which the forward pass counts along. The stack is a list that starts
# with the first convolution; each block reads the last of it by index. A small image is added to
# the encoder at every level, and another collects the output: no skips.
@specimen(
    "score-models",
    "diffusion, 2-D",
    lambda: {"t": torch.rand(1), "x": torch.randn(1, 1, 16, 16)},
    skips=pairs(
        [f"all_modules.{n}" for n in (3, 4, 6, 7)], [f"all_modules.{n}" for n in (11, 12, 16, 17)]
    ),
    lists={"hs": 4},
    unhooked=("SelfAttentionBlock",),
)
def ncsnpp() -> nn.Module:
    from score_models import NCSNpp

    return NCSNpp(nf=8, ch_mult=(1, 2), num_res_blocks=1)


# The stack starts with None, for the level that nothing is joined at.
@specimen(
    "azula",
    "diffusion, 2-D",
    lambda: {"x": torch.randn(1, 3, 16, 16), "mod": torch.randn(1, 8)},
    skips=pairs(["descent.0.1", "descent.1.1"], ["ascent.1.0", "ascent.2.0"]),
    lists={"memory": 2},
)
def azula() -> nn.Module:
    from azula.nn.unet import UNet

    return UNet(3, 3, hid_channels=(8, 16, 16), hid_blocks=(1, 1, 1), mod_features=8)


# Two clones a level are pushed, of the first block and of what follows it; both are scaled.
@specimen(
    "make-a-video-pytorch",
    "video",
    lambda: (torch.randn(1, 3, 4, 16, 16), torch.rand(1)),
    skips=pairs(
        ["downs.0.0", "downs.0.1.0", "downs.1.0", "downs.1.2"],
        ["ups.1.0", "ups.1.1.0", "ups.0.0", "ups.0.1.0"],
    ),
    lists={"hiddens": 4},
)
def space_time_unet() -> nn.Module:
    from make_a_video_pytorch import SpaceTimeUnet

    return SpaceTimeUnet(
        dim=8,
        dim_mult=(1, 2),
        self_attns=(False, True),
        temporal_compression=(False, True),
        resnet_block_depths=(1, 1),
        attn_dim_head=4,
        attn_heads=2,
    )


@specimen(
    "stable-diffusion-pytorch",
    "diffusion with text, 2-D",
    lambda: (torch.randn(1, 4, 64, 64), torch.randn(1, 77, 768), torch.randn(1, 320)),
    skips=pairs(
        [f"unet.encoders.{n}" for n in range(12)], [f"unet.decoders.{n}" for n in range(12)]
    ),
    lists={"skip_connections": 12},
    real=False,
)
def stable_diffusion() -> nn.Module:
    from stable_diffusion_pytorch.diffusion import Diffusion

    return Diffusion()


# It keeps the rotations of each size in caches of functions, not of the model. The batch is doubled
# for the modulations and split again in every block. A batch of one runs other operations, and the
# sizes of the images are given beside their tokens.
@specimen(
    "diffusers",
    "diffusion with text, tokens",
    lambda: {
        "hidden_states": torch.randn(1, 16, 16),
        "encoder_hidden_states": torch.randn(1, 5, 12),
        "timestep": torch.tensor([0.5]),
        "img_shapes": [[(1, 4, 2), (1, 2, 4)]],
    },
    fixed=("B", "L"),
)
def qwen_image() -> nn.Module:
    from diffusers import QwenImageTransformer2DModel

    return QwenImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=12,
        axes_dims_rope=(4, 6, 6),
        zero_cond_t=True,
    )


# The same, without sizes beside the tensors. What its source calls a long skip is added at the one
# resolution that there is: a residual.
@specimen(
    "diffusers",
    "diffusion with text, tokens",
    lambda: {
        "hidden_states": torch.randn(1, 16, 8),
        "encoder_hidden_states": torch.randn(1, 5, 12),
        "encoder_attention_mask": torch.ones(1, 5, dtype=torch.bool),
        "timestep": torch.tensor([0.5]),
    },
)
def longcat_audio_dit() -> nn.Module:
    from diffusers import LongCatAudioDiTTransformer

    return LongCatAudioDiTTransformer(
        dit_dim=16, dit_depth=2, dit_heads=2, dit_text_dim=12, latent_dim=8
    )
