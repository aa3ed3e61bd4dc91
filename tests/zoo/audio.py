"""UNets for sound, in the waveform and in the spectrum."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tests.zoo.specimens import numbers, pairs, specimen


def a_unet(dim: int, items: list[str], skip: str = "SkipAdd", **others: Any) -> nn.Module:
    from a_unet import apex

    kinds = [getattr(apex, name) for name in items]
    levels = ((8, 2), (16, 2), (16, 2))
    return apex.XUNet(
        dim=dim,
        in_channels=2,
        out_channels=2,
        resnet_groups=4,
        blocks=[
            apex.XBlock(channels=c, factor=f, items=kinds, skip_t=getattr(apex, skip))
            for c, f in levels
        ],
        **others,
    )


def nested(items: int, join: str = "") -> tuple[str, ...]:
    """Blocks within blocks, and no list: each adds, or scales and concatenates, what it was given.

    A block runs a downsampler and its items, then the block inside it, then as many items and an
    upsampler. It concatenates in a block of its own, and adds where it is.
    """
    inner = ".block.blocks."
    paths = ["net", f"net{inner}{items + 1}", f"net{inner}{items + 1}{inner}{items + 1}"]
    sources = [f"{path}{inner}{items}" for path in paths[:2]]
    if join != "add":
        targets = [f"{path}.skip.blocks.0" for path in reversed(paths)]
    else:
        targets = [f"{path}{inner}{items + 2}" for path in reversed(paths[:2])] + ["net.skip"]
    return pairs(["net.skip_adapter", *sources], targets, join)


@specimen("a-unet", "audio, 1-D", numbers(1, 2, 64), skips=nested(1, "add"))
def xunet_added() -> nn.Module:
    return a_unet(1, ["ResnetItem"])


@specimen("a-unet", "audio, 1-D", numbers(1, 2, 64), skips=nested(1))
def xunet_concatenated() -> nn.Module:
    return a_unet(1, ["ResnetItem"], "SkipCat")


@specimen("a-unet", "images, 2-D", numbers(1, 2, 32, 32), skips=nested(1))
def xunet_convnext() -> nn.Module:
    return a_unet(2, ["ConvNextV2Item"], "SkipCat")


@specimen(
    "a-unet",
    "audio with features, 1-D",
    lambda: {"x": torch.randn(1, 2, 64), "features": torch.randn(1, 8)},
    skips=nested(3, "add"),
)
def xunet_modulated() -> nn.Module:
    return a_unet(
        1,
        ["ResnetItem", "ModulationItem", "AttentionItem"],
        "SkipModulate",
        modulation_features=8,
        attention_heads=2,
        attention_features=4,
    )


# The innermost of `saved` is added, too, at its own resolution, to what the LSTM made of it.
@specimen(
    "demucs",
    "audio, 1-D",
    numbers(1, 2, 8192),
    skips=pairs([f"encoder.{n}" for n in range(4)], [f"decoder.{n}" for n in range(4)], "add"),
    lists={"saved": 4},
)
def demucs() -> nn.Module:
    from demucs.demucs import Demucs

    return Demucs(sources=["a", "b"], channels=8, depth=4, lstm_layers=1)


# Two UNets, on the spectrum and on the waveform, that meet in the middle. The decoder starts from
# zeros of the shape of the innermost of `saved`, and adds that.
@specimen(
    "demucs",
    "audio, 1-D and 2-D",
    numbers(1, 2, 8192),
    skips=(
        "encoder.3 -> decoder.1.rewrite add",
        "encoder.2 -> decoder.2.rewrite add",
        "tencoder.2 -> tdecoder.1.rewrite add",
        "encoder.1 -> decoder.3.rewrite add",
        "tencoder.1 -> tdecoder.2.rewrite add",
        "encoder.0 -> decoder.4.rewrite add",
        "tencoder.0 -> tdecoder.3.rewrite add",
    ),
    lists={"saved": 5, "saved_t": 3},
    unjoined=1,
    data=True,
)
def hybrid_demucs() -> nn.Module:
    from demucs.hdemucs import HDemucs

    return HDemucs(sources=["a", "b"], channels=8, nfft=1024, depth=5)


# The same with a transformer in the middle, after which each UNet adds its innermost.
@specimen(
    "demucs",
    "audio, 1-D and 2-D",
    numbers(1, 2, 16384),
    skips=(
        "encoder.3 -> decoder.0.rewrite add",
        "tencoder.3 -> tdecoder.0.rewrite add",
        "encoder.2 -> decoder.1.rewrite add",
        "tencoder.2 -> tdecoder.1.rewrite add",
        "encoder.1 -> decoder.2.rewrite add",
        "tencoder.1 -> tdecoder.2.rewrite add",
        "encoder.0 -> decoder.3.rewrite add",
        "tencoder.0 -> tdecoder.3.rewrite add",
    ),
    lists={"saved": 4, "saved_t": 4},
    data=True,
    fixed=("L",),  # whatever is shorter is padded to the length that it was trained on
)
def hybrid_transformer_demucs() -> nn.Module:
    from demucs.htdemucs import HTDemucs

    return HTDemucs(
        sources=["a", "b"],
        channels=8,
        nfft=4096,
        depth=4,
        t_layers=2,
        t_heads=2,
        segment=1,
        samplerate=16384,
    )


# What comes up is multiplied with the skip.
@specimen(
    "moises-light",
    "audio, 2-D",
    numbers(1, 2, 4096),
    skips=pairs(
        [f"encoder_blocks.{n}" for n in range(3)],
        ["dec_heavy_blocks.0", "dec_light_us.1", "final_conv"],
        "mul",
    ),
    lists={"skips": 3},
    data=True,
)
def moises_light() -> nn.Module:
    from moises_light import MoisesLight

    return MoisesLight(
        sources=["a"],
        n_fft=256,
        hop_size=64,
        win_size=256,
        freq_dim=64,
        n_bands=4,
        G=8,
        n_rope=1,
        transformer_params={
            "heads": 2,
            "dim_head": 8,
            "ff_mult": 2,
            "attn_dropout": 0.0,
            "proj_dropout": 0.0,
            "ff_dropout": 0.0,
            "flash_attn": False,
        },
        use_mask=False,
    )
