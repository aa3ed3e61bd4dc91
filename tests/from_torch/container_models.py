"""UNets that keep their skips in containers of all kinds, and models that keep other things there.

What each does is read off its forward, as in `tests.from_torch.registry`.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.from_torch.registry import case
from tests.from_torch.unet_models import IMAGE, conv, down


def up(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0)


def joined(h: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([h, skip], dim=1)


class Gate(nn.Module):
    """Weights each channel by a mean over all positions."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = conv(4, 2, 1), conv(2, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))).sigmoid()


class TwoLevels(nn.Module):
    """The parts of a UNet with two skips, each with weights of its own before it is put in."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.middle = conv(3, 4), down(4, 4), conv(4, 4)
        self.adapt = nn.ModuleList([conv(4, 4, 1), conv(4, 4, 1)])
        self.four, self.five = conv(8, 4), conv(8, 3)


class OneLevel(nn.Module):
    """The parts of a UNet of one resolution, whose skips are added."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.middle = conv(3, 4), conv(4, 4), conv(4, 4)
        self.four, self.five = conv(4, 4), conv(4, 3)


# ------------------------------------------------------------------------------------ containers


@case(
    IMAGE,
    skips=("two -> four via conv2d", "one -> five via conv2d"),
    stack={"push self.skips": 4, "pop self.skips": 2},
)
class AttributeUNet(TwoLevels):
    """The list is an attribute: one method fills it, and `forward` empties it."""

    skips: list[Tensor]

    def forward(self, x: Tensor) -> Tensor:
        self.skips = []
        h = self.middle(self.encode(x))  # push self.skips
        h = self.four(joined(h, self.skips.pop()))  # pop self.skips
        return self.five(joined(up(h), self.skips.pop()))  # pop self.skips

    def encode(self, x: Tensor) -> Tensor:
        one = self.one(x)
        self.skips.append(self.adapt[0](one))  # push self.skips
        two = self.two(one)
        self.skips.append(self.adapt[1](two))  # push self.skips
        return two


@case(IMAGE, skips=("two -> four", "one -> five via conv2d"))
class AttributesUNet(TwoLevels):
    """Each skip is an attribute of the model."""

    fine: Any = None
    coarse: Any = None

    def forward(self, x: Tensor) -> Tensor:
        h = self.one(x)
        self.fine = self.adapt[0](h)
        self.coarse = self.two(h)
        h = self.middle(self.coarse)
        h = self.four(joined(h, self.coarse))
        return self.five(joined(up(h), self.fine))


@case(
    IMAGE,
    skips=("two -> four via conv2d", "one -> five via conv2d"),
    stack={"push kept": 2, "pop kept": 1},
)
class DictUNet(TwoLevels):
    """A dict by name: one tensor is taken out, the other is only read."""

    def forward(self, x: Tensor) -> Tensor:
        kept = {}
        h = self.one(x)
        kept["fine"] = self.adapt[0](h)  # push kept
        h = self.two(h)
        kept["coarse"] = self.adapt[1](h)  # push kept
        h = self.middle(h)
        skip = kept.pop("coarse")  # pop kept
        h = self.four(joined(h, skip))
        return self.five(joined(up(h), kept["fine"]))


@case(IMAGE, skips=("one -> four add", "two -> five add"), stack={"push hs": 2, "pop hs": 2})
class AddedFromADeque(OneLevel):
    """Added at one resolution, from the front: only the deque tells them from residuals."""

    def forward(self, x: Tensor) -> Tensor:
        hs: deque[Tensor] = deque()
        h = self.one(x)
        hs.append(h)  # push hs
        h = self.two(h)
        hs.append(h)  # push hs
        h = self.middle(h)
        h = self.four(h + hs.popleft())  # pop hs
        return self.five(h + hs.popleft())  # pop hs


@case(IMAGE, skips=("two -> four add", "one -> five add"), stack={"push hs": 2})
class AddedByIndex(OneLevel):
    """Read by index, from the end, and never taken out."""

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        h = self.one(x)
        hs.append(h)  # push hs
        h = self.two(h)
        hs.append(h)  # push hs
        h = self.middle(h)
        for number, layer in enumerate((self.four, self.five), 1):
            h = layer(h + hs[-number])
        return h


@case(
    IMAGE,
    skips=("two -> four", "one -> five via conv2d"),
    stack={"push hs": 3, "pop hs": 3},
)
class ReplacedOnTheList(TwoLevels):
    """What is on the list is replaced by what was made from it."""

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        h = self.one(x)
        hs.append(h)  # push hs
        hs[-1] = self.adapt[0](hs[-1])  # push hs[-1], pop hs[-1]
        h = self.two(h)
        hs.append(h)  # push hs
        h = self.middle(h)
        h = self.four(joined(h, hs.pop()))  # pop hs
        return self.five(joined(up(h), hs.pop()))  # pop hs


@case(IMAGE, skips=("two -> four", "one -> five"))
class SlicedAndZipped(TwoLevels):
    """The decoder is zipped with the list backwards; the code names the skip first."""

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        h = self.one(x)
        hs.append(h)
        h = self.two(h)
        hs.append(h)
        h = self.middle(h)
        for layer, skip in zip((self.four, self.five), hs[::-1], strict=True):
            h = up(h) if h.shape[2:] != skip.shape[2:] else h
            h = layer(torch.cat([skip, h], dim=1))
        return h


@case(
    IMAGE,
    skips=("two -> ups.0.last add via add", "one -> ups.1.last add via add"),
    stack={"push hs": 2, "pop hs": 2},
)
class RefinedInTheDecoder(OneLevel):
    """A decoder block adds to the skip what it made of it, and then the skip to the main path."""

    class Up(nn.Module):
        def __init__(self, outs: int) -> None:
            super().__init__()
            self.refine, self.last = conv(4, 4), conv(4, outs)

        def forward(self, h: Tensor, skip: Tensor) -> Tensor:
            skip = skip + self.refine(skip)
            return self.last(h + skip)

    def __init__(self) -> None:
        super().__init__()
        self.ups = nn.ModuleList([self.Up(4), self.Up(3)])

    def forward(self, x: Tensor) -> Tensor:
        hs = []
        for layer in (self.one, self.two):
            x = layer(x)
            hs.append(x)  # push hs
        x = self.middle(x)
        for block in self.ups:
            x = block(x, hs.pop())  # pop hs
        return x


@case(
    IMAGE,
    skips=(
        "one -> fuse.1 via avg_pool2d",
        "second -> fuse.1",
        "one -> fuse.0",
        "fuse.1 -> four",
        "fuse.0 -> five",
    ),
)
class FusedAcrossScales(nn.Module):
    """What the decoder takes in was made from both levels of the encoder, beside the main path."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.second = conv(3, 4), nn.Sequential(down(4, 4), nn.ReLU())
        self.deep, self.middle = down(4, 4), conv(4, 4)
        self.fuse = nn.ModuleList([conv(12, 4, 1), conv(12, 4, 1)])
        self.four, self.five = conv(8, 4), conv(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.second(one)
        deep = self.deep(two)
        coarse = self.fuse[1](torch.cat([F.avg_pool2d(one, 2), two, up(deep)], dim=1))
        fine = self.fuse[0](torch.cat([one, up(two), up(up(deep))], dim=1))
        h = self.middle(deep)
        h = self.four(joined(up(h), coarse))
        return self.five(joined(up(h), fine))


# ---------------------------------------------------------------------- levels that are none


@case(IMAGE, skips=("two -> four", "one -> five"), stack={"push hs": 2, "pop hs": 2})
class GatedAtOneLevel(nn.Module):
    """Every block of the encoder ends in a gate, and there is one resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Sequential(conv(3, 4), Gate())
        self.two = nn.Sequential(conv(4, 4), Gate())
        self.middle = conv(4, 4)
        self.four, self.five = conv(8, 4), conv(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        hs, h = [], x
        for block in (self.one, self.two):
            h = block(h)
            hs.append(h)  # push hs
        h = h + F.silu(self.middle(h))
        for block in (self.four, self.five):
            h = block(joined(h, hs.pop()))  # pop hs
        return h


# ------------------------------------------------------------------------------------- no skips


@case(IMAGE)
class BranchesOnAList(OneLevel):
    """Three branches of one tensor, put on a list one by one, and joined at once."""

    def forward(self, x: Tensor) -> Tensor:
        h, outs = self.one(x), []
        for branch in (self.two, self.middle, self.four):
            outs.append(branch(h))
        total = outs[0]
        for other in outs[1:]:
            total = total + other
        return self.five(total + torch.stack(outs).sum(0))


@case(IMAGE)
class BranchesPopped(OneLevel):
    """The same, taken from the list one by one."""

    def forward(self, x: Tensor) -> Tensor:
        h, outs = self.one(x), []
        for branch in (self.two, self.middle, self.four):
            outs.append(branch(h))
        total = outs.pop()
        while outs:
            total = total + outs.pop()
        return self.five(total)


@case(IMAGE)
class ResidualOfWhatIsOnTheList(OneLevel):
    """The main path is read from the end of the list; each block adds to what it was given."""

    def forward(self, x: Tensor) -> Tensor:
        hs = [self.one(x)]
        for block in (self.two, self.middle, self.four):
            hs.append(hs[-1] + block(hs[-1]))
        return self.five(hs[-1])


@case(IMAGE)
class PartsOfOneTensor(nn.Module):
    """The halves of a tensor are processed in turn, each with what the one before became."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.parts, self.last = conv(3, 8), conv(4, 4), conv(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        halves = self.one(x).chunk(2, dim=1)
        h = self.parts(halves[0])
        return self.last(self.parts(h + halves[1]))
