"""Models whose sizes do not fit: tied inputs, side branches, other axes, wrong channels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Encoded(nn.Module):
    """A depth map at a quarter of the size of the image is upsampled and joined."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.depth = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(1, 8, 3, padding=1)

    def forward(self, image: Tensor, depth: Tensor) -> Tensor:
        up = F.interpolate(self.depth(depth), scale_factor=4.0)
        return torch.cat([self.image(image), up], dim=1)


class Conditioned(nn.Module):
    """A condition is concatenated, so that its batch has to be that of the image."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(6, 8, 3, padding=1)

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        return self.conv(torch.cat([image, condition], dim=1))


class Pyramid(nn.Module):
    """Pooled copies are resized to the image and joined, before the image is halved."""

    def __init__(self) -> None:
        super().__init__()
        self.inp, self.mix = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(24, 8, 1)
        self.pools = nn.ModuleList([nn.AvgPool2d(2), nn.AvgPool2d(3)])
        self.down, self.up = nn.Conv2d(8, 8, 2, 2), nn.Conv2d(16, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.inp(x)
        hs = [h]
        pooled = [F.interpolate(pool(h), size=h.shape[2:]) for pool in self.pools]
        h = self.mix(torch.cat([*pooled, h], dim=1))
        h = F.interpolate(self.down(h), scale_factor=2.0)
        return self.up(torch.cat([h, hs.pop()], dim=1))


class PooledAttention(nn.Module):
    """Queries at full size attend to a pooled copy, before the image is halved."""

    def __init__(self) -> None:
        super().__init__()
        self.inp, self.pool = nn.Conv2d(3, 8, 3, padding=1), nn.AvgPool2d(2)
        self.down, self.up = nn.Conv2d(8, 8, 3, 2, 1), nn.Conv2d(16, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.inp(x)
        hs = [h]
        query, key = (one.flatten(2).transpose(1, 2) for one in (h, self.pool(h)))
        attended = F.scaled_dot_product_attention(query, key, key)
        h = h + attended.transpose(1, 2).reshape(h.shape)
        h = F.interpolate(self.down(h), scale_factor=2.0)
        return self.up(torch.cat([h, hs.pop()], dim=1))


class ChannelsLast(nn.Module):
    """Skips are joined along the last axis."""

    def __init__(self) -> None:
        super().__init__()
        self.inp, self.out = nn.Linear(3, 8), nn.Linear(16, 3)
        self.down = nn.Conv2d(8, 8, 3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.inp(x)
        hs = [h]
        low = self.down(h.permute(0, 3, 1, 2))
        h = F.interpolate(low, scale_factor=2.0).permute(0, 2, 3, 1)
        return self.out(torch.cat([h, hs.pop()], dim=-1))


class Tokens(nn.Module):
    """Tokens are halved in pairs and joined along their channels."""

    def __init__(self) -> None:
        super().__init__()
        self.inp, self.out = nn.Linear(8, 16), nn.Linear(32, 8)
        self.pool = nn.AvgPool1d(2)

    def forward(self, x: Tensor) -> Tensor:
        h = self.inp(x)
        hs = [h]
        low = self.pool(h.transpose(1, 2)).transpose(1, 2)
        h = low.repeat_interleave(2, dim=1)
        return self.out(torch.cat([h, hs.pop()], dim=2))


class Controlled(nn.Module):
    """A UNet whose skips are replaced by sums with the residuals of a control network."""

    def __init__(self, residuals: int) -> None:
        super().__init__()
        self.inp, self.mid = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(16, 16, 3, padding=1)
        self.down = nn.Conv2d(8, 16, 3, 2, 1)
        self.control = nn.ModuleList([nn.Conv2d(8, 8, 1), nn.Conv2d(16, 16, 1)])
        self.norms = nn.ModuleList([nn.GroupNorm(4, 32), nn.GroupNorm(4, 24)])
        self.ups = nn.ModuleList([nn.Conv2d(32, 16, 3, padding=1), nn.Conv2d(24, 8, 3, padding=1)])
        self.residuals = residuals

    def forward(self, x: Tensor) -> Tensor:
        h = self.inp(x)
        hs = [h, self.down(h)]
        residuals = [conv(one) for conv, one in zip(self.control, hs, strict=True)]
        hs = [one + more for one, more in zip(hs, residuals[: self.residuals], strict=False)]
        h = self.mid(self.down(h))
        for norm, up in zip(self.norms, self.ups, strict=True):
            skip = hs.pop()
            h = F.interpolate(h, size=skip.shape[2:])
            h = up(norm(torch.cat([h, skip], dim=1)))
        return h


class TokenChannels(nn.Module):
    """A linear layer for the channels of two maps of tokens, of which one is joined twice."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.out = nn.Linear(4, 6), nn.Linear(6, 10), nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(one)
        return self.out(torch.cat([two, two], dim=-1))
