"""A small UNet with one skip, and the shape of its images."""

from __future__ import annotations

import torch
from torch import Tensor, nn

IMAGE = (1, 3, 16, 16)


class Halved(nn.Module):
    """One skip over one halving."""

    def __init__(self, channels: int = 8) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, channels, 3, padding=1)
        self.down = nn.Conv2d(channels, channels, 3, stride=2, padding=1)
        self.leave = nn.Conv2d(2 * channels, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enter(x)
        h = nn.functional.interpolate(self.down(skip), scale_factor=2.0)
        return self.leave(torch.cat([h, skip], 1))
