"""The UNet of DDPM for CIFAR-10 as somebody else writes it: other names, other modules, other ways.

Written for these tests. Time embeddings are projected before they are needed, attention is fused,
blocks are nested lists and sequences, and where nothing is to be done stands an Identity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SinusoidalEmbedding(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, time: Tensor) -> Tensor:
        half = self.dim // 2
        rates = torch.exp(torch.arange(half, device=time.device) * (-math.log(10000) / (half - 1)))
        angles = time[:, None].float() * rates[None]
        return torch.cat((angles.sin(), angles.cos()), dim=-1)


def norm(dim: int) -> nn.Module:
    return nn.GroupNorm(32, dim, eps=1e-6)


class ResBlock(nn.Module):
    def __init__(self, dim: int, dim_out: int, time_dim: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(time_dim, dim_out))
        self.block1 = nn.Sequential(norm(dim), nn.SiLU(), nn.Conv2d(dim, dim_out, 3, padding=1))
        self.block2 = nn.Sequential(
            norm(dim_out), nn.SiLU(), nn.Dropout(0.1), nn.Conv2d(dim_out, dim_out, 3, padding=1)
        )
        self.res_conv = nn.Conv2d(dim, dim_out, 1) if dim != dim_out else nn.Identity()

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        scale = self.mlp(t)[:, :, None, None]
        around = self.res_conv(x)
        return around + self.block2(self.block1(x) + scale)


class Attention(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = norm(dim)
        self.to_q, self.to_k, self.to_v = (nn.Conv2d(dim, dim, 1) for _ in range(3))
        self.to_out = nn.Conv2d(dim, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(x)
        q, k, v = (f(normed).flatten(2).mT for f in (self.to_q, self.to_k, self.to_v))
        found = F.scaled_dot_product_attention(q, k, v)
        return x + self.to_out(found.mT.reshape(x.shape))


class Down(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


def up(dim: int) -> nn.Module:
    return nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(dim, dim, 3, padding=1))


class Unet(nn.Module):
    def __init__(
        self,
        dim: int = 128,
        dim_mults: Sequence[int] = (1, 2, 2, 2),
        attention_at: Sequence[int] = (1,),
        blocks: int = 2,
        *,
        skip_first: bool = False,
        middle: bool = True,
    ) -> None:
        super().__init__()
        self.skip_first, self.time_dim = skip_first, dim * 4
        self.time_mlp = nn.Sequential(
            SinusoidalEmbedding(dim),
            nn.Linear(dim, self.time_dim),
            nn.SiLU(),
            nn.Linear(self.time_dim, self.time_dim),
        )
        self.init_conv = nn.Conv2d(3, dim, 3, padding=1)
        levels = [(dim * mult, level in attention_at) for level, mult in enumerate(dim_mults)]
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        widths, width = [dim], dim
        for level, (out, attends) in enumerate(levels):
            stage = nn.ModuleList()
            for _ in range(blocks):
                stage.append(self._pair(width, out, attends))
                widths.append(width := out)
            last = level == len(levels) - 1
            widths += [] if last else [width]
            self.downs.append(nn.ModuleList([stage, nn.Identity() if last else Down(width)]))
        self.mid_block1 = ResBlock(width, width, self.time_dim)
        self.mid_attn = Attention(width) if middle else nn.Identity()
        self.mid_block2 = ResBlock(width, width, self.time_dim)
        for level, (out, attends) in reversed(list(enumerate(levels))):
            stage = nn.ModuleList()
            for _ in range(blocks + 1):
                stage.append(self._pair(width + widths.pop(), out, attends))
                width = out
            self.ups.append(nn.ModuleList([stage, up(width) if level else nn.Identity()]))
        self.final = nn.Sequential(norm(width), nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1))

    def _pair(self, dim: int, out: int, attends: bool) -> nn.Module:
        attention = Attention(out) if attends else nn.Identity()
        return nn.ModuleList([ResBlock(dim, out, self.time_dim), attention])

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        t = self.time_mlp(time)
        x = self.init_conv(x)
        saved = [x]
        stages: Any = self.downs
        for stage, down in stages:
            for block, attention in stage:
                x = attention(block(x, t))
                saved.append(x)
            if not isinstance(down, nn.Identity):
                x = down(x)
                saved.append(x)
        x = self.mid_block2(self.mid_attn(self.mid_block1(x, t)), t)
        stages = self.ups
        for stage, resample in stages:
            for block, attention in stage:
                pair = (saved.pop(), x) if self.skip_first else (x, saved.pop())
                x = attention(block(torch.cat(pair, dim=1), t))
            x = resample(x)
        return self.final(x)


def net(**settings: Any) -> tuple[nn.Module, tuple[Tensor, Tensor]]:
    """The model with its inputs; `settings` make another one of it."""
    return Unet(**settings), (torch.zeros(1, 3, 32, 32), torch.zeros(1, dtype=torch.long))
