"""UNets to be explored: the reference model, one whose blocks are UNets, and one for volumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.reports import explored
from tracer.session import Session

Document = dict[str, Any]


class ResidualUNet(nn.Module):
    """A UNet that is a block of another: it adds what it began with to its result."""

    def __init__(self, ins: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(ins, channels, 3, padding=1)
        self.encoder = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.middle = nn.Conv2d(channels, channels, 3, padding=1)
        self.decoder = nn.ModuleList(
            nn.Conv2d(2 * channels, channels, 3, padding=1) for _ in range(2)
        )

    def forward(self, x: Tensor) -> Tensor:
        first = h = F.relu(self.first(x))
        kept = []
        for layer in self.encoder:
            h = F.relu(layer(h))
            kept.append(h)
            h = F.max_pool2d(h, 2)
        h = F.relu(self.middle(h))
        for layer in self.decoder:
            h = F.interpolate(h, scale_factor=2.0)
            h = F.relu(layer(torch.cat([h, kept.pop()], dim=1)))
        return h + first


class NestedUNet(nn.Module):
    """A UNet whose blocks are UNets."""

    def __init__(self) -> None:
        super().__init__()
        self.downs = nn.ModuleList([ResidualUNet(3, 8), ResidualUNet(8, 16)])
        self.bottom = ResidualUNet(16, 16)
        self.ups = nn.ModuleList([ResidualUNet(32, 8), ResidualUNet(16, 8)])
        self.tail = nn.Conv2d(8, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        h = x
        for down in self.downs:
            h = down(h)
            hs.append(h)
            h = F.max_pool2d(h, 2)
        h = self.bottom(h)
        for up in self.ups:
            h = F.interpolate(h, scale_factor=2.0)
            h = up(torch.cat([h, hs.pop()], dim=1))
        return self.tail(h)


class DoubleConv3d(nn.Module):
    """Two convolutions of a volume."""

    def __init__(self, ins: int, outs: int) -> None:
        super().__init__()
        self.one = nn.Conv3d(ins, outs, 3, padding=1)
        self.two = nn.Conv3d(outs, outs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.two(F.relu(self.one(x))))


class VolumeUNet(nn.Module):
    """A UNet for volumes, B×C×D×H×W."""

    def __init__(self) -> None:
        super().__init__()
        self.downs = nn.ModuleList([DoubleConv3d(1, 4), DoubleConv3d(4, 8)])
        self.bottom = DoubleConv3d(8, 16)
        self.raises = nn.ModuleList(
            [nn.ConvTranspose3d(16, 8, 2, stride=2), nn.ConvTranspose3d(8, 4, 2, stride=2)]
        )
        self.ups = nn.ModuleList([DoubleConv3d(16, 8), DoubleConv3d(8, 4)])
        self.tail = nn.Conv3d(4, 2, 1)

    def forward(self, volume: Tensor) -> Tensor:
        h = volume
        skips = []
        for down in self.downs:
            h = down(h)
            skips.append(h)
            h = F.max_pool3d(h, 2)
        h = self.bottom(h)
        for upsample, up in zip(self.raises, self.ups, strict=True):
            h = upsample(h)
            h = up(torch.cat([h, skips.pop()], dim=1))
        return self.tail(h)


@dataclass(frozen=True)
class ExploredModel:
    """A model with what an explorer shows of it."""

    session: Session

    @cached_property
    def content(self) -> ExplorerContent:
        """Formulas and size rules included."""
        return explored(self.session)

    @cached_property
    def document(self) -> Document:
        """The document as Python writes it."""
        return explorer_document(self.content)


def _on_meta(build: Callable[[], nn.Module], *shape: int) -> Session:
    with torch.device("meta"):
        return Session.of(build().eval(), torch.empty(shape))


MODELS: dict[str, Callable[[], Session]] = {
    "reference": lambda: Session.open("ddpm-cifar10"),
    "nested": lambda: _on_meta(NestedUNet, 1, 3, 32, 32),
    "volume": lambda: _on_meta(VolumeUNet, 1, 1, 16, 16, 16),
}
"""How to make a session of each model, by name."""
