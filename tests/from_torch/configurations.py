"""Configurations of the reference model, drawn by hypothesis, small and on meta."""

from __future__ import annotations

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from reference_model import Config, Model


@st.composite
def configurations(draw: st.DrawFn) -> Config:
    """One to three levels, with and without attention, learned resampling and timesteps."""
    return Config(
        ch=draw(st.sampled_from([64, 96])),  # with 32, one pixel is too little for GroupNorm
        out_ch=draw(st.integers(1, 3)),
        ch_mult=tuple(draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))),
        num_res_blocks=draw(st.integers(1, 2)),
        attn_resolutions=tuple(draw(st.sets(st.sampled_from([16, 8, 4])))),
        resamp_with_conv=draw(st.booleans()),
        in_channels=draw(st.integers(1, 3)),
        resolution=16,
        use_timestep=draw(st.booleans()),
        attn_type=draw(st.sampled_from(["vanilla", "linear", "none"])),
    )


def least(config: Config) -> int:
    """What height and width have to be a multiple of: each level but the last halves them."""
    return int(2 ** (len(config.ch_mult) - 1))


def on_meta(config: Config) -> nn.Module:
    """The model of a configuration, without data."""
    with torch.device("meta"):
        return Model(**config.keywords())


def inputs(config: Config, batch: int, height: int, width: int) -> dict[str, Tensor]:
    """Inputs of a size, without data."""
    x = torch.empty(batch, config.in_channels, height, width, device="meta")
    t = torch.empty(batch, dtype=torch.int64, device="meta")
    return {"x": x, "t": t} if config.use_timestep else {"x": x}
