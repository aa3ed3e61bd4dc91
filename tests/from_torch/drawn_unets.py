"""UNets put together by hypothesis from usual parts, whose skips are known by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.from_torch.unet_models import ChannelsLast, PreNorm, Residual, SqueezeExcite, conv, down


class Deviation(nn.Module):
    """Divides by the deviation of each image, and multiplies by it again."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        deviation = x.std(dim=(1, 2, 3), keepdim=True)
        return self.conv(x / deviation) * deviation


class Strips(nn.Module):
    """Weights rows and columns by their means, which are pooled along one axis each."""

    def __init__(self) -> None:
        super().__init__()
        self.mix, self.rows, self.columns = conv(4, 2, 1), conv(2, 4, 1), conv(2, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        rows, columns = x.mean(3, keepdim=True), x.mean(2, keepdim=True).mT
        mixed = F.silu(self.mix(torch.cat([rows, columns], dim=2)))
        rows, columns = mixed.split([height, width], dim=2)
        return x * self.rows(rows).sigmoid() * self.columns(columns.mT).sigmoid()


class ImagePooling(nn.Module):
    """One of its branches is pooled to a single position, and spread again."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far, self.mix = conv(4, 4), conv(4, 4, 1), conv(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        far = F.relu(self.far(F.adaptive_avg_pool2d(x, 1)))
        far = F.interpolate(far, size=x.shape[2:])
        return self.mix(torch.cat([self.near(x), far], dim=1))


class PooledKeys(nn.Module):
    """Every position attends to a smaller image."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.reduce = nn.Linear(4, 4), nn.Conv2d(4, 4, 2, 2)

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x.flatten(2).mT)
        keys = self.reduce(x).flatten(2).mT
        attended = F.scaled_dot_product_attention(query, keys, keys)
        return x + attended.mT.unflatten(2, x.shape[2:])


BLOCKS: dict[str, Callable[[], nn.Module]] = {
    "convolution": lambda: nn.Sequential(conv(4, 4), nn.ReLU(inplace=True)),
    "residual": lambda: Residual(4, 4),
    "channels last": ChannelsLast,
    "squeeze": SqueezeExcite,
    "deviation": Deviation,
    "strips": Strips,
    "image pooling": ImagePooling,
    "pooled keys": PooledKeys,
    "attention": PreNorm,
    "norm": lambda: nn.GroupNorm(2, 4),
}
DOWN: dict[str, Callable[[], nn.Module]] = {
    "stride": lambda: down(4, 4),
    "pool": lambda: nn.MaxPool2d(2),
    "shuffle": lambda: nn.Sequential(nn.PixelUnshuffle(2), conv(16, 4, 1)),
    "residual": lambda: Residual(4, 4, stride=2),
}
UP: dict[str, Callable[[], nn.Module]] = {
    "resize": lambda: nn.Upsample(scale_factor=2),
    "transposed": lambda: nn.ConvTranspose2d(4, 4, 2, 2),
    "shuffle": lambda: nn.Sequential(conv(4, 16, 1), nn.PixelShuffle(2)),
}
ON_THE_WAY: dict[str, Callable[[], nn.Module]] = {
    "nothing": nn.Identity,
    "projection": lambda: conv(4, 4, 1),
    "gate": SqueezeExcite,
    "dropout": lambda: nn.Dropout(0.1),
    "activation": nn.SiLU,
    "norm": lambda: nn.GroupNorm(2, 4),
    "block": lambda: nn.Sequential(conv(4, 4), nn.BatchNorm2d(4), nn.ReLU(inplace=True)),
}


@dataclass(frozen=True)
class Plan:
    """`levels` holds, for each level from the top, the kinds of its blocks.

    With `flat` the middle is at the resolution of the last level.
    """

    levels: tuple[tuple[str, ...], ...]
    middle: tuple[str, ...]
    down: str
    up: str
    join: str
    on_the_way: str
    flat: bool

    @property
    def skips(self) -> list[tuple[str, str]]:
        """Source and target of every skip, in the order of the joins."""
        return [
            (f"encoder.{level}.{count - 1 - number}", f"decoder.{level}.{number}")
            for level, count in reversed(list(enumerate(map(len, self.levels))))
            for number in range(count)
        ]


class Drawn(nn.Module):
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.head, self.tail = conv(3, 4), conv(4, 3)
        self.encoder = nn.ModuleList(
            [nn.ModuleList([BLOCKS[kind]() for kind in kinds]) for kinds in plan.levels]
        )
        self.downs = nn.ModuleList([DOWN[plan.down]() for _ in plan.levels])
        self.ups = nn.ModuleList([UP[plan.up]() for _ in plan.levels])
        if plan.flat:
            self.downs[-1] = self.ups[-1] = nn.Identity()
        self.middle = nn.Sequential(conv(4, 4), *(BLOCKS[kind]() for kind in plan.middle))
        self.skip = nn.ModuleList([ON_THE_WAY[plan.on_the_way]() for _ in plan.skips])
        self.decoder = nn.ModuleList(
            [nn.ModuleList([self.decoding(kind) for kind in kinds]) for kinds in plan.levels]
        )

    def decoding(self, kind: str) -> nn.Module:
        width = 8 if self.plan.join == "cat" else 4
        return nn.Sequential(conv(width, 4), BLOCKS[kind]())

    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        return torch.cat([h, skip], dim=1) if self.plan.join == "cat" else h + skip

    def forward(self, x: Tensor) -> Tensor:
        h, hs = self.head(x), []
        for blocks, sample in zip(self.encoder, self.downs, strict=True):
            for block in blocks:
                h = block(h)
                hs.append(h)
            h = sample(h)
        h = F.silu(self.middle(h))
        ways = iter(self.skip)
        for blocks, sample in zip(reversed(self.decoder), reversed(self.ups), strict=True):
            h = sample(h)
            for block in blocks:
                h = block(self.joined(h, next(ways)(hs.pop())))
        return self.tail(h)


def plans() -> st.SearchStrategy[Plan]:
    kinds = st.lists(st.sampled_from(sorted(BLOCKS)), min_size=1, max_size=2).map(tuple)
    every = st.builds(
        Plan,
        st.lists(kinds, min_size=1, max_size=3).map(tuple),
        kinds,
        *(st.sampled_from(sorted(choice)) for choice in (DOWN, UP)),
        st.sampled_from(["add", "cat"]),
        st.sampled_from(sorted(ON_THE_WAY)),
        st.booleans(),
    )
    return every.map(unmistakable)


def unmistakable(plan: Plan) -> Plan:
    """Within one resolution an addition is a residual, and a way with weights is a branch."""
    plain = plan.join == "cat" and plan.on_the_way in {"nothing", "dropout", "activation"}
    return replace(plan, flat=plan.flat and plain)
