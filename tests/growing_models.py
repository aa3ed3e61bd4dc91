"""Models with as many skips as one asks for, in the ways in which skips are kept and joined."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import tracer
from tracer.record import Trace


def convs(count: int, channels: int = 2) -> nn.ModuleList:
    return nn.ModuleList(nn.Conv2d(channels, 2, 1) for _ in range(count))


class Growing(nn.Module):
    """Pushes as many tensors as it is told, and goes down and up in between."""

    joined_channels = 4

    def __init__(self, count: int) -> None:
        super().__init__()
        self.down, self.up = convs(count), convs(count, self.joined_channels)

    def bottleneck(self, x: Tensor) -> Tensor:
        return F.interpolate(F.max_pool2d(x, 2), scale_factor=2.0)


class LastInFirstOut(Growing):
    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for conv in self.down:
            x = conv(x)
            hs.append(x)
        x = self.bottleneck(x)
        for conv in self.up:
            x = conv(torch.cat([x, hs.pop()], 1))
        return x


class FirstInFirstOut(Growing):
    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for conv in self.down:
            x = conv(x)
            hs.append(x)
        x = self.bottleneck(x)
        for conv in self.up:
            x = conv(torch.cat([x, hs.pop(0)], 1))
        return x


class Added(Growing):
    joined_channels = 2

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for conv in self.down:
            x = conv(x)
            hs.append(x)
        x = self.bottleneck(x)
        for conv in self.up:
            x = conv(F.silu(x + hs.pop()))
        return x


class Gated(Growing):
    """One skip is weighted by a gate for each of its joins."""

    def forward(self, x: Tensor) -> Tensor:
        skip = x = self.down[0](x)
        x = self.bottleneck(x)
        for gate, conv in zip(self.down, self.up, strict=True):
            x = conv(torch.cat([x, skip * torch.sigmoid(gate(x))], 1))
        return x


class ReadByAll(Growing):
    """One tensor stays on a list and is joined again and again."""

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for conv in self.down[:2]:
            x = conv(x)
            hs.append(x)
        x = self.bottleneck(x)
        for conv in self.up:
            x = conv(torch.cat([x, hs[0]], 1))
        return x


class JoinedAtOnce(Growing):
    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.last = nn.Conv2d(2 * count, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for conv in self.down:
            x = conv(x)
            hs.append(x)
        return self.last(torch.cat(hs, 1))


class Keeper(nn.Module):
    """A block with a container of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        self.kept = self.conv(x)
        return self.kept


class KeptInBlocks(Growing):
    """Each block keeps its own tensor in an attribute."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.down = nn.ModuleList(Keeper() for _ in range(count))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.down:
            x = block(x)
        x = self.bottleneck(x)
        for block, conv in zip(reversed(self.down), self.up, strict=True):
            x = conv(torch.cat([x, block.kept], 1))
        return x


class WithoutBlocks(nn.Module):
    """Operations of the model itself, without weights: nothing ends a search for a block."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for _ in range(self.count):
            x = F.relu(x)
            hs.append(x)
        x = F.interpolate(F.max_pool2d(x, 2), scale_factor=2.0)
        for _ in range(self.count):
            x = torch.cat([x, hs.pop()], 1)[:, :2]
        return x


class Nested(nn.Module):
    """A level of a U that holds the next one, and joins its own input."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.is_down = count == 1
        self.down = nn.Conv2d(2, 2, 1, 2 if self.is_down else 1)
        self.inner = Nested(count - 1) if count > 1 else nn.Conv2d(2, 2, 1)
        self.merge = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.inner(self.down(x))
        y = F.interpolate(y, scale_factor=2.0) if self.is_down else y
        merged: Tensor = self.merge(torch.cat([x, y], 1))
        return merged


GROWING: tuple[Callable[[int], nn.Module], ...] = (
    LastInFirstOut,
    FirstInFirstOut,
    Added,
    Gated,
    ReadByAll,
    JoinedAtOnce,
    KeptInBlocks,
    WithoutBlocks,
)


def grown(build: Callable[[int], nn.Module], count: int) -> Trace:
    """The trace of a model with so many skips."""
    with torch.device("meta"):
        return tracer.trace(build(count).eval(), torch.empty(1, 2, 16, 16))
