"""A UNet as small as can be, with every part: the model that `tests/example.py` records."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.temb_proj = nn.Linear(16, out_channels)
        self.in_channels, self.out_channels = in_channels, out_channels
        if in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor, temb: Tensor) -> Tensor:
        h = self.conv(x)
        h = h + self.temb_proj(temb)[:, :, None, None]
        if self.in_channels != self.out_channels:
            x = self.shortcut(x)
        return x + h


class Attention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        h = x.flatten(2).transpose(1, 2)
        q, k, v = self.qkv(h).chunk(3, dim=-1)
        h = F.scaled_dot_product_attention(q, k, v)
        h = self.proj(h).transpose(1, 2)
        return x + h.reshape(x.shape)


class Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return self.conv(x)


class ToyUNet(nn.Module):
    """Two resolutions, 8 and 16 channels; `x` is B×3×H×W with even H and W, `t` one integer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(1000, 16)
        self.conv_in = nn.Conv2d(3, 8, 3, padding=1)
        self.down = nn.ModuleList([nn.Module()])
        self.down[0].block = ResBlock(8, 8)
        self.down[0].downsample = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.mid = nn.Module()
        self.mid.block = ResBlock(16, 16)
        self.mid.attn = Attention(16)
        self.up = nn.ModuleList([nn.Module(), nn.Module()])
        self.up[0].block = nn.ModuleList([ResBlock(24, 8), ResBlock(16, 8)])
        self.up[1].block = nn.ModuleList([ResBlock(32, 16)])
        self.up[1].upsample = Upsample(16)
        self.conv_out = nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        temb = self.embed(t)[None]
        hs = [self.conv_in(x)]
        h = self.down[0].block(hs[-1], temb)
        hs.append(h)
        hs.append(self.down[0].downsample(hs[-1]))

        h = self.mid.block(hs[-1], temb)
        h = self.mid.attn(h)
        h = self.mid.block(h, temb)

        for level in reversed(range(2)):
            for block in self.up[level].block:
                h = block(torch.cat([h, hs.pop()], dim=1), temb)
            if level != 0:
                h = self.up[level].upsample(h)
        return self.conv_out(h)
