"""The residual block, its normalization and its activation, and the two ways of resampling."""
# ruff: noqa: SIM108 -- forward keeps upstream's statements, one for one
# mypy: no-warn-return-any
# (to a type checker, whatever a module's call returns is Any)

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reference_model.config import NUM_GROUPS


def nonlinearity(x: Tensor) -> Tensor:
    """The swish (or SiLU) activation: x times its own sigmoid, of any shape.

    Upstream: model.py L33-35.
    """
    return x * torch.sigmoid(x)


def Normalize(in_channels: int, num_groups: int = NUM_GROUPS) -> nn.GroupNorm:
    """Group normalization, with a learned scale and shift for each channel.

    Raises ValueError when the channels do not split into that many groups.
    Upstream: model.py L38-39.
    """
    if in_channels < 1 or in_channels % num_groups:
        raise ValueError(
            f"in_channels={in_channels}: the normalization splits its channels into {num_groups} "
            f"groups, so give a positive multiple of {num_groups}."
        )
    return nn.GroupNorm(num_groups=num_groups, num_channels=in_channels, eps=1e-6, affine=True)


class Upsample(nn.Module):
    """Twice as high and wide: each pixel becomes four alike, then a 3x3 convolution if `with_conv`.

    Upstream: model.py L42-57.
    """

    def __init__(self, in_channels: int, with_conv: bool) -> None:
        super().__init__()
        self.with_conv = with_conv
        if self.with_conv:
            self.conv = nn.Conv2d(in_channels, in_channels, kernel_size=3, stride=1, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, 2*H, 2*W)."""
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")  # (B, C, H, W) -> (B, C, 2*H, 2*W)
        if self.with_conv:
            x = self.conv(x)
        return x


class Downsample(nn.Module):
    """Half as high and wide: by a 3x3 convolution of stride 2 if `with_conv`, else 2x2 means.

    An odd height or width is halved and rounded down. Upstream: model.py L60-79.
    """

    def __init__(self, in_channels: int, with_conv: bool) -> None:
        super().__init__()
        self.with_conv = with_conv
        if self.with_conv:
            # Conv2d pads both sides alike; forward pads the right and the bottom only
            self.conv = nn.Conv2d(in_channels, in_channels, kernel_size=3, stride=2, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H/2, W/2)."""
        if self.with_conv:
            pad = (0, 1, 0, 1)  # left, right, top, bottom
            x = F.pad(x, pad, mode="constant", value=0)  # (B, C, H, W) -> (B, C, H+1, W+1)
            x = self.conv(x)  # (B, C, H+1, W+1) -> (B, C, H/2, W/2)
        else:
            x = F.avg_pool2d(x, kernel_size=2, stride=2)  # (B, C, H, W) -> (B, C, H/2, W/2)
        return x


class ResnetBlock(nn.Module):
    """Two convolutions with the timestep added in between, and a way around them.

    Where the numbers of channels differ, the way around is a convolution too: 3x3 if
    `conv_shortcut`, else 1x1 ("nin", network in network). `temb_channels` is the width of the
    timestep embedding, 0 for a block that is never given one.
    Raises ValueError when either number of channels is not a multiple of 32.

    Upstream: model.py L82-141, forward L121-141.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        out_channels: int | None = None,
        conv_shortcut: bool = False,
        dropout: float,
        temb_channels: int = 512,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        out_channels = in_channels if out_channels is None else out_channels
        self.out_channels = out_channels
        self.use_conv_shortcut = conv_shortcut

        self.norm1 = Normalize(in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=1, padding=1)
        if temb_channels > 0:
            self.temb_proj = nn.Linear(temb_channels, out_channels)
        self.norm2 = Normalize(out_channels)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(out_channels, out_channels, kernel_size=3, stride=1, padding=1)
        if self.in_channels != self.out_channels:
            if self.use_conv_shortcut:
                self.conv_shortcut = nn.Conv2d(
                    in_channels, out_channels, kernel_size=3, stride=1, padding=1
                )
            else:
                self.nin_shortcut = nn.Conv2d(
                    in_channels, out_channels, kernel_size=1, stride=1, padding=0
                )

    def forward(self, x: Tensor, temb: Tensor | None) -> Tensor:
        """x (B, in_channels, H, W), temb (B, temb_channels) or None -> (B, out_channels, H, W)."""
        h = x
        h = self.norm1(h)
        h = nonlinearity(h)
        h = self.conv1(h)  # (B, in_channels, H, W) -> (B, out_channels, H, W)

        if temb is not None:
            # (B, temb_channels) -> (B, out_channels) -> (B, out_channels, 1, 1), to every pixel
            h = h + self.temb_proj(nonlinearity(temb))[:, :, None, None]

        h = self.norm2(h)
        h = nonlinearity(h)
        h = self.dropout(h)
        h = self.conv2(h)

        if self.in_channels != self.out_channels:
            if self.use_conv_shortcut:
                x = self.conv_shortcut(x)  # (B, in_channels, H, W) -> (B, out_channels, H, W)
            else:
                x = self.nin_shortcut(x)  # (B, in_channels, H, W) -> (B, out_channels, H, W)

        return x + h
