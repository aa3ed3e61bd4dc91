"""The UNet itself: a way down, a middle, a way up, and between them the list of skips, `hs`.

An implementation of its own of the `Model` of CompVis latent-diffusion, which is the UNet of DDPM
(Ho, Jain and Abbeel 2020, arXiv 2006.11239, appendix B). Names, keywords, state and arithmetic are
upstream's, so that its checkpoints load and give the same numbers.
"""
# ruff: noqa: C901, RET504 -- forward keeps upstream's statements, one for one
# mypy: no-warn-return-any
# (to a type checker, whatever a module's call returns is Any)

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from reference_model.attention import make_attn
from reference_model.blocks import Downsample, Normalize, ResnetBlock, Upsample, nonlinearity
from reference_model.config import Config, configure, preset
from reference_model.embedding import get_timestep_embedding
from reference_model.inputs import check_inputs, example_inputs


class Model(nn.Module):
    """A UNet that predicts, from a noisy image and its timestep, an image of the same size.

    The keywords are those of `Config`, which also says what they mean and what they may be. A way
    down of residual blocks pushes every feature map that it makes onto the list `hs`; the way up
    pops them, last in, first out, and concatenates each to its own on the channels.

    Raises ValueError, naming the keyword, for values that could not work.
    Upstream: model.py L216-365, forward L316-362.
    """

    temb: Any  # a Module with .dense, two Linear layers; only with use_timestep
    down: Any  # a ModuleList, finest level first, of Modules with .block, .attn, .downsample
    mid: Any  # a Module with .block_1, .attn_1, .block_2
    up: Any  # a ModuleList, finest level first, of Modules with .block, .attn, .upsample

    def __init__(
        self,
        *,
        ch: int,
        out_ch: int,
        ch_mult: Sequence[int] = (1, 2, 4, 8),
        num_res_blocks: int,
        attn_resolutions: Collection[int],
        dropout: float = 0.0,
        resamp_with_conv: bool = True,
        in_channels: int,
        resolution: int,
        use_timestep: bool = True,
        use_linear_attn: bool = False,
        attn_type: str = "vanilla",
    ) -> None:
        super().__init__()
        self.config = Config(
            ch=ch,
            out_ch=out_ch,
            ch_mult=ch_mult,
            num_res_blocks=num_res_blocks,
            attn_resolutions=attn_resolutions,
            dropout=dropout,
            resamp_with_conv=resamp_with_conv,
            in_channels=in_channels,
            resolution=resolution,
            use_timestep=use_timestep,
            use_linear_attn=use_linear_attn,
            attn_type=attn_type,
        )
        self.ch = ch
        self.temb_ch = self.ch * 4
        self.num_resolutions = len(self.config.ch_mult)
        self.num_res_blocks = num_res_blocks
        self.resolution = resolution
        self.in_channels = in_channels

        self.use_timestep = use_timestep
        if self.use_timestep:
            self.temb = self._make_temb()
        self.conv_in = nn.Conv2d(in_channels, self.ch, kernel_size=3, stride=1, padding=1)
        self.down = nn.ModuleList(self._make_down(i) for i in range(self.num_resolutions))
        self.mid = self._make_mid()
        # the coarsest level is made first, as it runs first, and stands last
        coarsest_first = [self._make_up(i) for i in reversed(range(self.num_resolutions))]
        self.up = nn.ModuleList(reversed(coarsest_first))
        self.norm_out = Normalize(self.config.width(0))
        self.conv_out = nn.Conv2d(self.config.width(0), out_ch, kernel_size=3, stride=1, padding=1)

    def _make_temb(self) -> nn.Module:
        """The two layers that turn the sines and cosines of `t` into a time embedding."""
        temb = nn.Module()
        temb.dense = nn.ModuleList(
            [nn.Linear(self.ch, self.temb_ch), nn.Linear(self.temb_ch, self.temb_ch)]
        )
        return temb

    def _make_block(self, in_channels: int, out_channels: int) -> ResnetBlock:
        return ResnetBlock(
            in_channels=in_channels,
            out_channels=out_channels,
            temb_channels=self.temb_ch,
            dropout=self.config.dropout,
        )

    def _make_attn(self, in_channels: int) -> nn.Module:
        return make_attn(in_channels, attn_type=self.config.attention)

    def _make_down(self, i_level: int) -> nn.Module:
        """A level of the way down; the coarsest has no downsample."""
        block, attn = nn.ModuleList(), nn.ModuleList()
        block_in, block_out = self.config.width(i_level - 1), self.config.width(i_level)
        for _ in range(self.num_res_blocks):
            block.append(self._make_block(block_in, block_out))
            block_in = block_out
            if self.config.attends_down(i_level):
                attn.append(self._make_attn(block_in))
        down = nn.Module()
        down.block = block
        down.attn = attn
        if i_level != self.num_resolutions - 1:
            down.downsample = Downsample(block_in, self.config.resamp_with_conv)
        return down

    def _make_mid(self) -> nn.Module:
        """The bottom of the U: attention between two residual blocks, whatever the resolution."""
        mid = nn.Module()
        block_in = self.config.mid_width
        mid.block_1 = self._make_block(block_in, block_in)
        mid.attn_1 = self._make_attn(block_in)
        mid.block_2 = self._make_block(block_in, block_in)
        return mid

    def _make_up(self, i_level: int) -> nn.Module:
        """A level of the way up; its first blocks pop its own skips, its last the level's input."""
        block, attn = nn.ModuleList(), nn.ModuleList()
        is_coarsest = i_level == self.num_resolutions - 1
        block_in = self.config.mid_width if is_coarsest else self.config.width(i_level + 1)
        block_out = skip_in = self.config.width(i_level)
        for i_block in range(self.num_res_blocks + 1):
            if i_block == self.num_res_blocks:
                skip_in = self.config.width(i_level - 1)
            block.append(self._make_block(block_in + skip_in, block_out))
            block_in = block_out
            if self.config.attends_up(i_level):
                attn.append(self._make_attn(block_in))
        up = nn.Module()
        up.block = block
        up.attn = attn
        if i_level != 0:
            up.upsample = Upsample(block_in, self.config.resamp_with_conv)
        return up

    def forward(self, x: Tensor, t: Tensor | None = None, context: Tensor | None = None) -> Tensor:
        """The prediction for a batch of noisy images.

        x: (B, C, H, W). H and W are multiples of 2^(levels - 1); they need not be `resolution`.
        t: (B,), the timestep of each image, in steps of the diffusion process (DDPM: 0 to 999).
        context: (B, C', H, W) with C + C' = in_channels, concatenated to x, or None.
        Returns (B, out_ch, H, W).
        Raises ValueError when `t` is missing or these shapes do not fit together.
        """
        check_inputs(self.config, x, t, context)

        if context is not None:
            x = torch.cat((x, context), dim=1)  # (B, C, H, W), (B, C', H, W) -> (B, C+C', H, W)

        if self.use_timestep:
            if t is None:
                raise ValueError("t is missing: with use_timestep=True give one timestep an image.")
            temb = get_timestep_embedding(t, self.ch)  # (B,) -> (B, ch)
            temb = self.temb.dense[0](temb)  # (B, ch) -> (B, 4*ch)
            temb = nonlinearity(temb)
            temb = self.temb.dense[1](temb)
        else:
            temb = None

        # downsampling: C channels come in, C' = ch * ch_mult[i_level] leave each residual block
        hs = [self.conv_in(x)]  # (B, in_channels, H, W) -> (B, ch, H, W)
        for i_level in range(self.num_resolutions):
            for i_block in range(self.num_res_blocks):
                h = self.down[i_level].block[i_block](hs[-1], temb)  # (B, C, H, W) -> (B, C', H, W)
                if len(self.down[i_level].attn) > 0:
                    h = self.down[i_level].attn[i_block](h)
                hs.append(h)
            if i_level != self.num_resolutions - 1:
                hs.append(self.down[i_level].downsample(hs[-1]))  # (B, C, H, W) -> (B, C, H/2, W/2)

        # middle
        h = hs[-1]
        h = self.mid.block_1(h, temb)
        h = self.mid.attn_1(h)
        h = self.mid.block_2(h, temb)

        # upsampling: C channels come from below, S from the skip, and C' leave the block as before
        for i_level in reversed(range(self.num_resolutions)):
            for i_block in range(self.num_res_blocks + 1):
                h = self.up[i_level].block[i_block](
                    torch.cat([h, hs.pop()], dim=1),  # (B, C, H, W), (B, S, H, W) -> (B, C+S, H, W)
                    temb,
                )  # (B, C+S, H, W) -> (B, C', H, W)
                if len(self.up[i_level].attn) > 0:
                    h = self.up[i_level].attn[i_block](h)
            if i_level != 0:
                h = self.up[i_level].upsample(h)  # (B, C, H, W) -> (B, C, 2*H, 2*W)

        # end
        h = self.norm_out(h)
        h = nonlinearity(h)
        h = self.conv_out(h)  # (B, ch*ch_mult[0], H, W) -> (B, out_ch, H, W)
        return h

    def get_last_layer(self) -> Tensor:
        """The weight of conv_out, (out_ch, ch * ch_mult[0], 3, 3); upstream L364-365."""
        return self.conv_out.weight


def build(name: str, **overrides: Any) -> Model:
    """The model of a preset, with other values for some keywords, its weights at random.

    Raises ValueError for a name that is no preset and for a keyword that the model does not have.
    """
    return Model(**preset(name).config.override(**overrides).keywords())


def example(**keywords: Any) -> tuple[Model, dict[str, Tensor]]:
    """A model of those keywords, and inputs for it by name.

    Raises ValueError for a keyword that the model does not have, or a value that could not work.
    """
    config = configure(**keywords)
    return Model(**config.keywords()), example_inputs(config)
