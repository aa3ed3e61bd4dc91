"""Models that fail in the middle. The line that fails ends with ``# fails``."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv(ins: int, outs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(ins, outs, 3, stride=stride, padding=1)


class Join(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(8, 4)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv(torch.cat([x, skip], dim=1))  # fails


class OddSize(nn.Module):
    """An image of odd size comes back larger than its skip."""

    def __init__(self) -> None:
        super().__init__()
        self.downs = nn.ModuleList([conv(3, 4), conv(4, 4, 2), conv(4, 4, 2)])
        self.ups = nn.ModuleList([Join(), Join()])

    def forward(self, x: Tensor) -> Tensor:
        hs: list[Tensor] = []
        for layer in self.downs:
            x = layer(x)
            hs.append(x)  # push hs
        x = F.silu(hs.pop())
        for join in self.ups:
            x = join(F.interpolate(x, scale_factor=2.0), hs.pop())
        return x


class Collects(nn.Module):
    """A helper's list is no stack any more once the helper has returned."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([conv(3, 4), conv(4, 4)])

    def collected(self, x: Tensor) -> list[Tensor]:
        found = []
        for layer in self.convs:
            x = layer(x)
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        total = sum(map(torch.mean, self.collected(x)), torch.zeros(()))
        return total.view(5)  # fails


class FirstInFirstOut(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for size in (1, 2, 3):
            kept.append(x[:, :, :size])  # push kept
        x = kept.pop(0)
        return x.view(5)  # fails


class Refuses(nn.Module):
    """The model's own code raises: no operation did."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"a": Checks()})

    def forward(self, x: Tensor) -> Tensor:
        return self.inner["a"](x * 2)


class Checks(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] != 5:
            raise ValueError("x must have 5 channels")  # fails
        return x


class AlwaysTheSame(nn.Module):
    """Raises one and the same exception at every call."""

    def __init__(self) -> None:
        super().__init__()
        self.error = ValueError("never")

    def forward(self, x: Tensor) -> Tensor:
        raise self.error


class Recovers(nn.Module):
    """An error that the model itself catches is none."""

    def __init__(self) -> None:
        super().__init__()
        self.checks, self.conv = Checks(), conv(3, 4)

    def forward(self, x: Tensor) -> Tensor:
        try:
            x = self.checks(x.view(2, 3, -1))
        except ValueError:
            x = x + 1
        try:
            x = torch.cat([x, x[..., :1]], dim=1)
        except (RuntimeError, AssertionError):
            x = self.conv(x)
        return x


class NoScalar(nn.Module):
    def forward(self, x: Tensor, **options: Any) -> Tensor:
        scale = torch.tensor(2.0)
        return (x.mean() * scale).expand(3).view(2, 2)  # fails
