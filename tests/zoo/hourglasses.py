"""Hourglasses: UNets in a row, UNets of tokens, and UNets of operators."""

from __future__ import annotations

from torch import nn

from tests.zoo.specimens import numbers, pairs, specimen


def hourglass(stack: int, enters: str, leaves: str) -> tuple[str, ...]:
    """The skips of one hourglass, the innermost first.

    Each level runs residual blocks on what it was given, and adds what the level below made.
    """
    inner = f"hg.{stack}.hg"
    levels = [f"{inner}.{n}.1 -> {inner}.{n}.2 add" for n in (1, 2, 3)]
    return (*levels, f"{enters} -> {leaves} add")


# Two hourglasses in a row. What the first was given is added to what it made, and to a map of its
# heat maps, before the second.
@specimen(
    "pytorch-stacked-hourglass",
    "poses, 2-D",
    numbers(2, 3, 64, 64),
    skips=(
        *hourglass(0, "layer3", "res.0"),
        "layer3 -> hg.1 add",
        *hourglass(1, "fc_.0", "res.1"),
    ),
)
def stacked_hourglass() -> nn.Module:
    from stacked_hourglass import hg2

    return hg2(num_classes=4)


# The skip is concatenated along the batch to what comes up; both are keys and values of attention.
@specimen(
    "uformer-pytorch",
    "image to image, 2-D",
    numbers(1, 3, 32, 32),
    skips=pairs(["downs.0.0", "downs.1.0"], [f"ups.{n}.1.layers.0.0.fn.to_kv" for n in (1, 0)]),
    lists={"skips": 2},
)
def uformer() -> nn.Module:
    from uformer_pytorch import Uformer

    return Uformer(dim=8, stages=2, num_blocks=1, dim_head=8, window_size=4, heads=2, ff_mult=2)


# Tokens are pooled by two, and by two again in an hourglass inside; each adds what it pooled.
@specimen(
    "hourglass-transformer-pytorch",
    "tokens",
    numbers(1, 32, 8),
    skips=tuple(
        f"{path}pre_transformer -> {path}attn_resampling_post_valley add"
        for path in ("valley_transformer.", "")
    ),
)
def hourglass_transformer() -> nn.Module:
    from hourglass_transformer_pytorch.hourglass_transformer_pytorch import HourglassTransformer

    return HourglassTransformer(8, depth=(1, (1, 1, 1), 1), heads=2, dim_head=4)


# Skips are kept in a dict, each after a convolution of its own. The first joins at the resolution
# at which it was made.
@specimen(
    "neuraloperator",
    "fields, 2-D",
    numbers(1, 1, 16, 16),
    skips=pairs(["fno_blocks.0", "fno_blocks.1"], ["fno_blocks.3", "fno_blocks.4"]),
    lists={"skip_outputs": 2},
)
def uno() -> nn.Module:
    from neuralop.models import UNO

    return UNO(
        1,
        1,
        8,
        lifting_channels=8,
        projection_channels=8,
        n_layers=5,
        uno_out_channels=[8] * 5,
        uno_n_modes=[[4, 4]] * 5,
        channel_mlp_skip="linear",
        uno_scalings=[[1, 1], [0.5, 0.5], [1, 1], [2, 2], [1, 1]],
    )
