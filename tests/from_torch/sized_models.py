"""Models that are particular about the sizes that they take, each in a way of its own."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Halves(nn.Module):
    """Two halvings, two skips on a list, all of it convolutions: multiples of 4."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, 4, 3, padding=1)
        self.downs = nn.ModuleList([nn.Conv2d(4, 4, 2, stride=2) for _ in range(2)])
        self.ups = nn.ModuleList([nn.Conv2d(8, 4, 3, padding=1) for _ in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        h = self.head(x)
        hs = []
        for down in self.downs:
            hs.append(h)  # push hs
            h = down(h)  # rounds
        for up in self.ups:
            h = F.interpolate(h, scale_factor=2.0)
            h = up(torch.cat([h, hs.pop()], dim=1))  # joins
        return h


class Pads(Halves):
    """The same, on an image that is padded to a multiple of 4 first, and cut in the end."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        if height % 4 or width % 4:
            x = F.pad(x, (0, -width % 4, 0, -height % 4))
        return super().forward(x)[..., :height, :width]


class Resizes(nn.Module):
    """What comes up is resized to the size of the skip, whatever that is."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.down = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.head(x)
        low = self.down(skip)
        return torch.cat([F.interpolate(low, size=skip.shape[-2:]), skip], dim=1)


class Valid(nn.Module):
    """Convolutions without padding, and the skip cut to fit: 6 more than a multiple of 4, say."""

    def __init__(self) -> None:
        super().__init__()
        self.enc, self.mid = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enc(x)
        low = F.max_pool2d(skip, 2)
        if skip.shape[-1] % 2 or skip.shape[-2] % 2:
            raise ValueError("uneven")
        up = F.interpolate(self.mid(low), scale_factor=2.0)
        return torch.cat([up, skip[..., 2:-2, 2:-2]], dim=1)


class Square(nn.Module):
    """A matrix that is multiplied with its transpose, by elements: H has to be W."""

    def forward(self, x: Tensor) -> Tensor:
        return x * x.transpose(-1, -2)


class Positions(nn.Module):
    """A table of positions for images of 8×8."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(1, 3, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class Pairs(nn.Module):
    """Two halves of a batch, joined: an even batch."""

    def forward(self, x: Tensor) -> Tensor:
        one, two = x.view(2, -1, *x.shape[1:])
        return torch.cat([one, two], dim=1)


class AddsHalves(nn.Module):
    """Two halves of a batch, added: an even batch, or halves of which one broadcasts."""

    def forward(self, x: Tensor) -> Tensor:
        one, two = x.chunk(2)
        return one + two


class Means(nn.Module):
    """Halves twice and rounds up; then there has to be more than one pixel to take a mean of."""

    def __init__(self) -> None:
        super().__init__()
        self.downs = nn.ModuleList([nn.Conv2d(3, 3, 3, 2, 1) for _ in range(2)])
        self.norm = nn.InstanceNorm2d(3)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.downs[1](self.downs[0](x)))


class Masked(nn.Module):
    """An image and its mask, joined: they have to be of one size."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return torch.cat([x, mask], dim=1)


class Frames(nn.Module):
    """Frames as the second axis, each with a position of which there are six."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(1, 6, 4, 1, 1))
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.table[:, : x.shape[1]]
        return self.conv(x.flatten(0, 1)).view(x.shape)


class Checked(nn.Module):
    """Looks at the numbers first, so that a model can be run on numbers only."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Any:
        if not x.isfinite().all():
            raise ValueError("the numbers have to be finite")
        return self.model(x)


class Context(nn.Module):
    """Tokens of an image attend to themselves and to those of a text, all in one row."""

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)
        both = torch.cat([tokens, context], dim=1)
        return F.scaled_dot_product_attention(tokens, both, both)


class Reflects(nn.Module):
    """Reflection by 5 pixels: an image has to be larger than that."""

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x, (5, 5, 5, 5), mode="reflect")


class Sums(nn.Module):
    """Two halvings, each level with channels of its own."""

    def __init__(self, one: int, two: int, three: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, one, 3, padding=1)
        self.downs = nn.ModuleList(
            [nn.Conv2d(*ends, 3, 2, 1) for ends in ((one, two), (two, three))]
        )
        self.ups = nn.ModuleList(
            [nn.Conv2d(*ends, 3, padding=1) for ends in ((three + two, two), (two + one, one))]
        )

    def forward(self, x: Tensor) -> Tensor:
        hs = [self.enter(x)]
        for down in self.downs:
            hs.append(down(hs[-1]))
        h = hs.pop()
        for up in self.ups:
            h = up(torch.cat([F.interpolate(h, scale_factor=2.0), hs.pop()], dim=1))
        return h


class Rounds(nn.Module):
    """Halves twice and rounds up, and joins the lower two alone: also 3 beyond a multiple of 4."""

    def __init__(self) -> None:
        super().__init__()
        self.downs = nn.ModuleList([nn.Conv2d(3, 3, 3, 2, 1) for _ in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        half = self.downs[0](x)
        quarter = self.downs[1](half)
        return torch.cat([F.interpolate(quarter, scale_factor=2.0), half], dim=1)


class Loops(nn.Module):
    """One operation for each row of the image: other sizes run others."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([row.sin() for row in x.unbind(2)], dim=2)


class Chooses(nn.Module):
    """Takes the numbers above 0: how many there are, no size tells."""

    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0] * 2
