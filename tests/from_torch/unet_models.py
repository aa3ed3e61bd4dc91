"""Small UNets, one for each way in which people write skip connections.

What a reader of the source counts (how many skips, from where to where, what is pushed and popped)
stands above each class. None of them has anything that would help a tracer.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import einops
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.from_torch.registry import case, image

IMAGE = image(3, 16)


def conv(ins: int, outs: int, kernel: int = 3, **keywords: Any) -> nn.Conv2d:
    return nn.Conv2d(ins, outs, kernel, padding=kernel // 2, **keywords)


def down(ins: int, outs: int) -> nn.Conv2d:
    return conv(ins, outs, stride=2)


class Up(nn.Module):
    def __init__(self, ins: int, outs: int) -> None:
        super().__init__()
        self.conv = conv(ins, outs)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0))


# ---------------------------------------------------------------------------- a list of the model's


class TimeBlock(nn.Module):
    """A residual block with a shortcut and a time embedding: neither of its additions is a skip."""

    def __init__(self, ins: int, outs: int) -> None:
        super().__init__()
        self.norm, self.conv, self.temb = nn.GroupNorm(2, ins), conv(ins, outs), nn.Linear(8, outs)
        self.shortcut = conv(ins, outs, 1) if ins != outs else nn.Identity()

    def forward(self, x: Tensor, temb: Tensor) -> Tensor:
        h = self.conv(F.silu(self.norm(x)))
        h = h + self.temb(F.silu(temb))[:, :, None, None]
        return self.shortcut(x) + h


def time_embedding(t: Tensor, width: int) -> Tensor:
    """Sine and cosine, joined by a cat that is no skip."""
    speeds = torch.exp(torch.arange(width // 2, device=t.device) * -math.log(100.0) / (width // 2))
    angles = t.float()[:, None] * speeds[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


@case(
    lambda: (torch.randn(2, 3, 16, 16), torch.tensor([1, 5])),
    skips=(
        "downs.1 -> ups.0",
        "samples.0 -> ups.1",
        "downs.0 -> ups.2",
        "head -> ups.3",
    ),
    stack={"push hs": 4, "pop hs": 4},
)
class ListUNet(nn.Module):
    """The list of the diffusion UNets: pushed by the encoder, popped by the decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Linear(8, 8), nn.SiLU(), nn.Linear(8, 8))
        self.head = conv(3, 4)
        self.downs = nn.ModuleList([TimeBlock(4, 4), TimeBlock(8, 8)])
        self.samples = nn.ModuleList([down(4, 8)])
        self.middle = TimeBlock(8, 8)
        self.ups = nn.ModuleList(
            [TimeBlock(16, 8), TimeBlock(16, 8), TimeBlock(12, 4), TimeBlock(8, 4)]
        )
        self.upsample, self.tail = Up(8, 8), conv(4, 3)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        temb = self.dense(time_embedding(t, 8))
        hs = [self.head(x)]  # push hs
        hs.append(self.downs[0](hs[-1], temb))  # push hs
        hs.append(self.samples[0](hs[-1]))  # push hs
        h = self.downs[1](hs[-1], temb)
        hs.append(h)  # push hs
        h = self.middle(h, temb)
        for number, block in enumerate(self.ups):
            h = torch.cat([h, hs.pop()], dim=1)  # pop hs
            h = block(h, temb)
            if number == 1:
                h = self.upsample(h)
        assert not hs
        return self.tail(h)


@case(
    IMAGE,
    skips=("two -> four", "one -> five"),
    stack={"push features": 2, "pop features": 2},
)
class PopsFromTheFront(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.four, self.five = conv(8, 4), conv(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        features: list[Tensor] = []
        x = self.one(x)
        features.insert(0, x)  # push features
        x = self.two(x)
        features = [x, *features]  # push features
        x = self.three(x)
        for layer in (self.four, self.five):
            x = F.interpolate(x, scale_factor=2.0)
            x = layer(torch.cat([x, features.pop(0)], dim=1))  # pop features
        return x


@case(
    IMAGE,
    skips=("one -> four", "two -> five"),
    stack={"push kept": 3, "pop kept": 3},
)
class PopsFromTheMiddle(nn.Module):
    """Not last in, first out: the middle of three is taken first, the last one is thrown away."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), conv(4, 4), down(4, 4)
        self.four, self.five = conv(8, 4), conv(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for layer in (self.one, self.two, self.three):
            x = layer(x)
            kept.append(x)  # push kept
        x = F.interpolate(x, scale_factor=2.0)
        x = self.four(torch.cat([x, kept.pop(0)], dim=1))  # pop kept
        x = torch.cat([x, kept.pop(-2)], dim=1)  # pop kept
        del kept[0]  # pop kept
        return self.five(x)


@case(
    IMAGE,
    skips=("one -> four", "zero -> five", "two -> six"),
    stack={"push kept": 4, "pop kept": 4},
)
class PopsByNumber(nn.Module):
    """Of four, the second is taken first; what stays is in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.zero, self.one, self.two, self.three = (conv(3, 3) for _ in range(4))
        self.four, self.five, self.six = (conv(6, 3) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        kept: list[Tensor] = []
        for layer in (self.zero, self.one, self.two, self.three):
            x = layer(x)
            kept += [x]  # push kept
        x = self.four(torch.cat([x, kept.pop(1)], dim=1))  # pop kept
        x = self.five(torch.cat([x, kept.pop(0)], dim=1))  # pop kept
        x = self.six(torch.cat([x, kept.pop(0)], dim=1))  # pop kept
        kept.clear()  # pop kept
        return x


@case(
    IMAGE,
    skips=("two -> ups.0", "one -> ups.1"),
    stack={"push queue": 2, "pop queue": 2},
)
class Deque(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.ups = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def forward(self, x: Tensor) -> Tensor:
        queue: deque[Tensor] = deque()
        x = self.one(x)
        queue.append(x)  # push queue
        x = self.two(x)
        queue.append(x)  # push queue
        x = self.three(x)
        for layer in self.ups:
            x = F.interpolate(x, scale_factor=2.0)
            x = layer(torch.cat([x, queue.pop()], dim=1))  # pop queue
        return x


@case(
    IMAGE,
    skips=(
        "encoder.two -> decoder.one",
        "encoder.one -> decoder.two",
    ),
    stack={"push found": 2, "push skips": 2, "pop features": 2, "pop skips": 2},
)
class ReturnedByAHelper(nn.Module):
    """One method collects, another takes: the list goes from one to the other."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleDict({"one": conv(3, 4), "two": down(4, 4), "last": down(4, 4)})
        self.decoder = nn.ModuleDict({"one": conv(8, 4), "two": conv(8, 4)})

    def encode(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        found: list[Tensor] = []
        for name in ("one", "two"):
            x = self.encoder[name](x)
            found.append(x)  # push found
        return self.encoder["last"](x), found

    def decode(self, x: Tensor, features: list[Tensor]) -> Tensor:
        for layer in self.decoder.values():
            skip = features.pop()  # pop features
            x = layer(torch.cat([F.interpolate(x, skip.shape[2:]), skip], dim=1))
        return x

    def forward(self, x: Tensor) -> Tensor:
        h, skips = self.encode(x)  # push skips
        return self.decode(h, skips)  # pop skips


@case(
    IMAGE,
    skips=("b -> joins.0", "a -> joins.1", "two -> joins.2", "one -> joins.3"),
    stack={"push hs": 2, "pop hs": 2, "push others": 2, "pop others": 2},
)
class TwoStacks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(3, 4), down(4, 4)
        self.a, self.b = conv(3, 2), down(2, 2)
        self.middle = down(4, 4)
        self.joins = nn.ModuleList([conv(6, 4), conv(6, 4), conv(8, 4), conv(8, 4)])
        self.side = down(2, 4)

    def forward(self, x: Tensor) -> Tensor:
        hs, others = [], []
        h, o = self.one(x), self.a(x)
        hs.append(h)  # push hs
        others.append(o)  # push others
        h, o = self.two(h), self.b(o)
        hs.append(h), others.append(o)  # push hs, push others
        h = self.middle(h) + self.side(o)
        for number in range(2):
            h = F.interpolate(h, scale_factor=2.0)
            h = self.joins[number](torch.cat([h, others.pop()], dim=1))  # pop others
            if number == 0:
                h = F.avg_pool2d(h, 1)
        h = F.avg_pool2d(h, 2)
        for layer in self.joins[2:]:
            h = layer(torch.cat([h, hs.pop()], dim=1))  # pop hs
            h = F.interpolate(h, scale_factor=2.0)
        return h


@case(
    IMAGE,
    skips=("two -> ups.0", "one -> ups.1"),
    stack={"push skips": 2, "pop skips": 2},
)
class SpreadOverLines(nn.Module):
    """Statements that go over several lines."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.ups = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def forward(self, x: Tensor) -> Tensor:
        skips = [  # push skips
            self.one(
                x,
            ),
        ]
        skips.append(  # push skips
            self.two(
                skips[-1],
            )
        )
        x = self.three(skips[-1])
        for layer in self.ups:
            x = F.interpolate(x, scale_factor=2.0)
            x = layer(
                torch.cat(
                    [
                        x,
                        skips.pop(),  # pop skips
                    ],
                    dim=1,
                )
            )
        return x


@case(
    IMAGE,
    skips=("two -> ups.0", "one -> ups.1"),
    stack={"push skips": 2, "pop skips": 2},
)
class WithCompanions(nn.Module):
    """What waits is a pair: a feature map, and its size."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.ups = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for layer in (self.one, self.two):
            x = layer(x)
            skips.append((x, x.shape[2:]))  # push skips
        x = self.three(x)
        for layer in self.ups:
            skip, size = skips.pop()  # pop skips
            x = layer(torch.cat([F.interpolate(x, size), skip], dim=1))
        return x


# ------------------------------------------------------------------------------ a tuple that is cut


class DownBlock(nn.Module):
    def __init__(self, ins: int, outs: int, last: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([conv(ins, outs), conv(outs, outs)])
        self.sampler = None if last else down(outs, outs)

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        states = ()
        for resnet in self.resnets:
            x = F.silu(resnet(x))
            states = states + (x,)  # noqa: RUF005 - push states
        if self.sampler is not None:
            x = self.sampler(x)
            states += (x,)  # push states
        return x, states


class UpBlock(nn.Module):
    def __init__(self, widths: list[int], outs: int, last: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([conv(width, outs) for width in widths])
        self.sampler = None if last else Up(outs, outs)

    def forward(self, x: Tensor, res_hidden_states_tuple: tuple[Tensor, ...]) -> Tensor:
        for resnet in self.resnets:
            res_hidden_states = res_hidden_states_tuple[-1]
            res_hidden_states_tuple = res_hidden_states_tuple[:-1]  # pop res_hidden_states_tuple
            x = torch.cat([x, res_hidden_states], dim=1)
            x = resnet(x)
        return x if self.sampler is None else self.sampler(x)


@case(
    IMAGE,
    skips=(
        "downs.1.resnets.1 -> ups.0.resnets.0",
        "downs.1.resnets.0 -> ups.0.resnets.1",
        "downs.0.sampler -> ups.0.resnets.2",
        "downs.0.resnets.1 -> ups.1.resnets.0",
        "downs.0.resnets.0 -> ups.1.resnets.1",
        "head -> ups.1.resnets.2",
    ),
    stack={
        "push states": 5,
        "push samples": 6,
        "pop samples": 6,
        "pop res_hidden_states_tuple": 6,
    },
)
class TupleUNet(nn.Module):
    """A tuple that grows by sums, is cut from the end, and is handed to the up blocks in parts."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.middle = conv(3, 4), conv(8, 8)
        self.downs = nn.ModuleList([DownBlock(4, 4, last=False), DownBlock(4, 8, last=True)])
        self.ups = nn.ModuleList(
            [UpBlock([16, 16, 12], 8, last=False), UpBlock([12, 8, 8], 4, last=True)]
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.head(x)
        samples = (x,)  # push samples
        for block in self.downs:
            x, found = block(x)
            samples += found  # push samples
        x = self.middle(x)
        for block in self.ups:
            count = len(block.resnets)
            found = samples[-count:]
            samples = samples[:-count]  # pop samples
            x = block(x, found)
        return x


# ----------------------------------------------------------------------------------- no list at all


@case(IMAGE, skips=("down1 -> up2", "inc -> up1"))
class NamedLocals(nn.Module):
    """Skips by the names of local variables: ``x1``, ``x2``, ``x3``."""

    def __init__(self) -> None:
        super().__init__()
        self.inc, self.down1, self.down2 = conv(3, 4), down(4, 8), down(8, 8)
        self.up2, self.up1 = conv(16, 4), conv(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x = self.up2(torch.cat([x2, F.interpolate(x3, scale_factor=2.0)], dim=1))
        return self.up1(torch.cat([x1, F.interpolate(x, scale_factor=2.0)], dim=1))


class SkipConnection(nn.Module):
    """Joins what goes in with what its submodule makes of it."""

    def __init__(self, submodule: nn.Module, mode: str = "cat") -> None:
        super().__init__()
        self.submodule, self.mode = submodule, mode

    def forward(self, x: Tensor) -> Tensor:
        y = self.submodule(x)
        return torch.cat([x, y], dim=1) if self.mode == "cat" else x + y


@case(
    IMAGE,
    skips=("model.1.submodule.0 -> model.1.submodule.2", "model.0 -> model.2"),
)
class Nested(nn.Module):
    """One module inside the other, each joining around the next: there is no list."""

    def __init__(self) -> None:
        super().__init__()
        inner = nn.Sequential(down(4, 4), nn.ReLU(inplace=True), Up(4, 4))
        outer = nn.Sequential(down(4, 4), SkipConnection(inner), Up(8, 4))
        self.model = nn.Sequential(conv(3, 4), SkipConnection(outer), conv(8, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


@case(IMAGE, skips=("down -> ups.0 add", "head -> tail add"))
class Additive(nn.Module):
    """The decoder adds what the encoder had, in the style of LinkNet."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.down, self.low = conv(3, 4), down(4, 8), down(8, 8)
        self.ups, self.tail = nn.ModuleList([Up(8, 4)]), conv(4, 3)
        self.first = Up(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        one = F.relu(self.head(x))
        two = F.relu(self.down(one))
        x = self.first(self.low(two)) + two
        x = self.ups[0](x) + one
        return self.tail(x)


@case(
    IMAGE,
    skips=(
        "x00 -> x01",
        "x10 -> x11",
        "x00 -> x02",
        "x01 -> x02",
    ),
)
class Dense(nn.Module):
    """UNet++ with three levels: every node takes all earlier ones of its level."""

    def __init__(self) -> None:
        super().__init__()
        self.x00, self.x10, self.x20 = conv(3, 4), conv(4, 4), conv(4, 4)
        self.x01, self.x11, self.x02 = conv(8, 4), conv(8, 4), conv(12, 4)
        self.pool, self.up = nn.MaxPool2d(2), nn.Upsample(scale_factor=2)

    def forward(self, x: Tensor) -> Tensor:
        x00 = self.x00(x)
        x10 = self.x10(self.pool(x00))
        x01 = self.x01(torch.cat([x00, self.up(x10)], dim=1))
        x20 = self.x20(self.pool(x10))
        x11 = self.x11(torch.cat([x10, self.up(x20)], dim=1))
        return self.x02(torch.cat([x00, x01, self.up(x11)], dim=1))


class AttentionGate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate, self.skip, self.psi = (
            conv(channels, 2, 1),
            conv(channels, 2, 1),
            nn.Sequential(conv(2, 1, 1), nn.Sigmoid()),
        )

    def forward(self, gate: Tensor, skip: Tensor) -> Tensor:
        return skip * self.psi(F.relu(self.gate(gate) + self.skip(skip)))


@case(IMAGE, skips=("two -> ups.0 via mul", "one -> ups.1 via mul"))
class Gated(nn.Module):
    """An attention gate weighs the skip before it is joined."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.gates = nn.ModuleList([AttentionGate(4), AttentionGate(4)])
        self.ups = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(one)
        x = self.three(two)
        for skip, gate, layer in zip((two, one), self.gates, self.ups, strict=True):
            x = F.interpolate(x, scale_factor=2.0)
            x = layer(torch.cat([gate(x, skip), x], dim=1))
        return x


@case(
    image(3, 18),
    skips=(
        "padded -> ups.0 via pad",
        "cropped -> ups.1 via getitem",
        "scaled -> ups.2 via mul",
        "resized -> ups.3 via interpolate",
        "projected -> ups.4 via conv2d",
    ),
)
class ChangedOnTheWay(nn.Module):
    """Every skip has something done to it before it is joined."""

    def __init__(self) -> None:
        super().__init__()
        self.projected, self.resized, self.scaled = conv(3, 4), conv(4, 4), conv(4, 4)
        self.cropped, self.padded, self.low = conv(4, 4), conv(4, 4), down(4, 4)
        self.reduce = conv(4, 2, 1)
        self.ups = nn.ModuleList([conv(8, 4)] + [conv(8, 4) for _ in range(3)] + [conv(6, 4)])

    def forward(self, x: Tensor) -> Tensor:
        projected = self.projected(x)
        resized = self.resized(projected)
        scaled = self.scaled(resized)
        cropped = self.cropped(scaled)
        padded = self.padded(cropped[:, :, 1:-1, 1:-1])
        h = F.interpolate(self.low(padded), scale_factor=2.0)
        h = F.pad(h, (1, 1, 1, 1))
        h = self.ups[0](torch.cat([h, F.pad(padded, (1, 1, 1, 1))], dim=1))
        h = h[..., 1:-1, 1:-1]
        h = self.ups[1](torch.cat([h, cropped[:, :, 1:-1, 1:-1]], dim=1))
        h = F.pad(h, (1, 1, 1, 1))
        h = self.ups[2](torch.cat([h, scaled * 0.7071], dim=1))
        h = F.interpolate(h, size=(9, 9))
        h = self.ups[3](torch.cat([h, F.interpolate(resized, size=(9, 9))], dim=1))
        h = F.interpolate(h, size=(18, 18))
        return self.ups[4](torch.cat([h, self.reduce(projected)], dim=1))


@case(
    IMAGE,
    skips=("one -> middle.ups.0", "x -> tail"),
)
class PassedAsArgument(nn.Module):
    """A skip goes down as an argument of the inner module; the image itself is one, too."""

    class Inner(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down, self.ups = down(4, 4), nn.ModuleList([conv(8, 4)])

        def forward(self, x: Tensor, *, skip: Tensor) -> Tensor:
            h = F.interpolate(self.down(x), scale_factor=2.0)
            return self.ups[0](torch.cat((skip, h), dim=1))

    def __init__(self) -> None:
        super().__init__()
        self.one, self.middle, self.tail = conv(3, 4), self.Inner(), conv(7, 3)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        h = self.middle(F.relu(one), skip=one)
        return self.tail(torch.cat([h, x], dim=1))


# ----------------------------------------------------------- one, three and more dimensions, others


class Times(nn.Module):
    """A UNet of `rank` dimensions with one list."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        kind: Any = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
        up: Any = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[rank - 1]
        self.head = kind(3, 4, 3, padding=1)
        self.downs = nn.ModuleList([kind(4, 4, 4, 2, 1), kind(4, 4, 4, 2, 1)])
        self.ups = nn.ModuleList([up(4, 4, 4, 2, 1), up(8, 4, 4, 2, 1)])
        self.tail = kind(8, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        hs = [self.head(x)]  # push hs
        for layer in self.downs[:-1]:
            hs.append(F.silu(layer(hs[-1])))  # push hs
        h = self.downs[-1](hs[-1])
        for layer in self.ups:
            h = torch.cat([layer(h), hs.pop()], dim=1)  # pop hs
        return self.tail(h)


TIMES = {"skips": ("downs.0 -> ups.1", "head -> tail"), "stack": {"push hs": 2, "pop hs": 2}}


@case(lambda: torch.randn(2, 3, 16), **TIMES)
def one_dimensional() -> nn.Module:
    return Times(1)


@case(lambda: torch.randn(1, 3, 8, 8, 8), **TIMES)
def three_dimensional() -> nn.Module:
    return Times(3)


@case(
    lambda: torch.randn(1, 3, 4, 8, 8),
    skips=("frames -> tail",),
)
class Video(nn.Module):
    """Frames go through 2-D layers as a batch, and through attention over time as a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.frames, self.down, self.up = conv(3, 4), down(4, 4), Up(4, 4)
        self.time = nn.Linear(4, 4)
        self.tail = nn.Conv3d(8, 3, (3, 1, 1), padding=(1, 0, 0))

    def forward(self, x: Tensor) -> Tensor:
        b, _, t, height, width = x.shape
        h = x.transpose(1, 2).flatten(0, 1)
        skip = self.frames(h)
        h = self.down(skip)
        q = h.view(b, t, 4, -1).permute(0, 3, 1, 2).flatten(0, 1)
        attended = F.scaled_dot_product_attention(q, q, self.time(q))
        h = h + attended.view(b, -1, t, 4).permute(0, 2, 3, 1).reshape(h.shape)
        h = self.up(h)
        h = torch.cat([h, skip], dim=1).view(b, t, 8, height, width).transpose(1, 2)
        return self.tail(h)


# -------------------------------------------------------------------------- joins that are no skips


class SqueezeExcite(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = conv(4, 2, 1), conv(2, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))).sigmoid()


class Residual(nn.Module):
    def __init__(self, ins: int, outs: int, stride: int = 1) -> None:
        super().__init__()
        self.one, self.two = conv(ins, outs, stride=stride), conv(outs, outs)
        self.shortcut = (
            conv(ins, outs, 1, stride=stride) if (ins, stride) != (outs, 1) else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.two(F.relu(self.one(x))) + self.shortcut(x))


class PreNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.other, self.qkv = nn.LayerNorm(4), nn.LayerNorm(4), nn.Linear(4, 12)
        self.mlp = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        h = x.flatten(2).transpose(1, 2)
        q, k, v = self.qkv(self.norm(h)).chunk(3, -1)
        h = h + F.scaled_dot_product_attention(q, k, v)
        h = h + self.mlp(self.other(h))
        return x + h.transpose(1, 2).view(x.shape)


class Inception(nn.Module):
    """Four branches of one value, joined: none was computed from another."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.three, self.pool = conv(4, 1, 1), conv(4, 1), nn.AvgPool2d(3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.pool(x)[:, :2]], dim=1)


class DenseLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x)


@case(IMAGE)
class NoSkips(nn.Module):
    """Residual additions: plain, strided, with a shortcut, gated, in a transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.head = conv(3, 4)
        self.body = nn.Sequential(
            Residual(4, 4),
            Residual(4, 6, stride=2),
            Residual(6, 4),
            SqueezeExcite(),
            PreNorm(),
            Inception(),
            DenseLayer(),
            nn.Sequential(nn.GroupNorm(2, 4), nn.SiLU()),
        )

    def forward(self, x: Tensor) -> Tensor:
        h = self.head(x)
        return h + h.mean() if h.dim() == 3 else self.body(h)


@case(IMAGE, skips=("block -> tail",))
class GroupNormOnly(nn.Module):
    """Blocks with hardly anything in them, the skip among them."""

    def __init__(self) -> None:
        super().__init__()
        self.block, self.low = nn.GroupNorm(1, 3), nn.GroupNorm(3, 3)
        self.pool, self.tail = nn.AvgPool2d(2), conv(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = self.block(x)
        y = F.interpolate(self.low(self.pool(h)), scale_factor=2.0)
        return self.tail(torch.cat([y, h], dim=1))


@case(
    lambda: (torch.randn(2, 3, 16, 16), torch.randn(2, 3, 16, 16), torch.tensor([1, 2])),
    skips=("one -> tail",),
)
class Conditioned(nn.Module):
    """Conditions are joined by channels before the first layer, a label by a sum: no skips."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.low, self.tail = conv(6, 4), down(4, 4), conv(8, 3)
        self.label, self.style = nn.Embedding(4, 8), nn.Linear(8, 8)

    def forward(self, x: Tensor, cond: Tensor, y: Tensor) -> Tensor:
        emb = self.label(y)
        emb = torch.cat([emb, self.style(emb)], dim=-1)
        one = self.one(torch.cat([x, cond], dim=1))
        scale, shift = emb[:, :4, None, None], emb[:, 4:8, None, None]
        h = self.low(one) * (1 + scale) + shift
        return self.tail(torch.cat([F.interpolate(h, scale_factor=2.0), one], dim=1))


@case(
    IMAGE,
    skips=("relu@1 -> decoder.0", "relu -> decoder.1"),
    stack={"push skips": 3},
)
class InPlaceAfterPush(nn.Module):
    """The skip is changed in place after it was put aside: what is joined is the later value."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList([conv(3, 4), down(4, 4), down(4, 4)])
        self.decoder = nn.ModuleList([conv(8, 4), conv(8, 4)])
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for layer in self.encoder:
            x = layer(x)
            skips.append(x)  # push skips
            x = self.relu(x)
        for layer, skip in zip(self.decoder, skips[-2::-1], strict=True):
            x = F.interpolate(x, scale_factor=2.0)
            x = self.relu(layer(torch.cat([x, skip], dim=1)))
        return x


@case(IMAGE, skips=("enc.1 -> dec.0 add", "enc.0 -> dec.1 add"))
class AdditiveInPlace(nn.Module):
    """``x += skip`` and ``torch.add``: joins, too."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.ModuleList([conv(3, 4), down(4, 4), down(4, 4)])
        self.dec = nn.ModuleList([conv(4, 4), conv(4, 4)])

    def forward(self, x: Tensor) -> Tensor:
        one = self.enc[0](x)
        two = self.enc[1](one)
        x = F.interpolate(self.enc[2](two), scale_factor=2.0)
        x += two
        x = F.interpolate(self.dec[0](x), scale_factor=2.0)
        return self.dec[1](torch.add(x, one, alpha=0.5))


@case(IMAGE, skips=("enc.1 -> dec.0", "enc.0 -> dec.1 via reshape", "enc.0 -> dec.2"))
class OtherJoins(nn.Module):
    """`torch.concatenate`, what einops packs, and `torch.hstack`."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.ModuleList([conv(3, 4), down(4, 4), down(4, 4)])
        self.dec = nn.ModuleList([conv(8, 4), conv(8, 4), conv(8, 4)])

    def forward(self, x: Tensor) -> Tensor:
        one = self.enc[0](x)
        two = self.enc[1](one)
        x = F.interpolate(self.enc[2](two), scale_factor=2.0)
        x = self.dec[0](torch.concatenate((x, two), 1))
        x = F.interpolate(x, scale_factor=2.0)
        x = self.dec[1](einops.pack([x, one], "b * h w")[0])
        return self.dec[2](torch.hstack([x, one]))


class ChannelsLast(nn.Module):
    """A block that works on channels last, and adds on channels first, as ConvNeXt does."""

    def __init__(self) -> None:
        super().__init__()
        self.depthwise, self.norm = conv(4, 4, groups=4), nn.LayerNorm(4)
        self.wide, self.narrow = nn.Linear(4, 8), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.depthwise(x).permute(0, 2, 3, 1)
        h = self.narrow(F.gelu(self.wide(self.norm(h))))
        return x + h.permute(0, 3, 1, 2)


@case(IMAGE)
class ResidualOnChannelsLast(nn.Module):
    """(B, H, W, C) is no lower resolution than (B, C, H, W), however few channels there are."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.body = conv(3, 4), nn.Sequential(ChannelsLast(), ChannelsLast())

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.head(x))


class TokenAttention(nn.Module):
    """Attention over the places of a sequence (B, C, L), with the residual on (B, C, L)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.qkv, self.proj = nn.GroupNorm(1, 4), nn.Linear(4, 12), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm(x).transpose(1, 2)).chunk(3, dim=-1)
        h = self.proj(F.scaled_dot_product_attention(q, k, v))
        return x + h.transpose(1, 2)


@case(lambda: torch.randn(2, 3, 16))
class ResidualOnTokens(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head, self.body = nn.Conv1d(3, 4, 1), nn.Sequential(TokenAttention(), TokenAttention())

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.head(x))


class GlobalContext(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(4, 2, 1), conv(2, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.two(F.relu(self.one(F.adaptive_avg_pool2d(x, 1))))


@case(IMAGE)
class ContextAdded(nn.Module):
    """One number per channel is added everywhere: a bias that is computed, not a skip."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.body = conv(3, 4), nn.Sequential(GlobalContext(), conv(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.head(x))


@case(
    lambda: (torch.randn(2, 3, 16, 16), torch.randn(2, 3, 16, 16)),
    skips=("two -> ups.0 via add", "one -> ups.1 via add"),
    stack={"push hs": 2, "push control": 2, "pop hs": 2, "pop control": 2},
)
class Controlled(nn.Module):
    """A second encoder's features are added to each skip just before it is joined."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.c_one, self.c_two = conv(3, 4), down(4, 4)
        self.ups = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def forward(self, x: Tensor, hint: Tensor) -> Tensor:
        hs, control = [], []
        h, c = self.one(x), self.c_one(x + hint)
        hs.append(h)  # push hs
        control.append(c)  # push control
        h, c = self.two(h), self.c_two(c)
        hs.append(h)  # push hs
        control.append(c)  # push control
        h = self.three(h)
        for layer in self.ups:
            h = F.interpolate(h, scale_factor=2.0)
            h = torch.cat([h, hs.pop() + control.pop()], dim=1)  # pop hs, pop control
            h = layer(h)
        return h


class ViTBlock(nn.Module):
    def __init__(self, skip: bool) -> None:
        super().__init__()
        self.norm, self.attn = nn.LayerNorm(8), nn.Linear(8, 24)
        self.mlp = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.skip_linear = nn.Linear(16, 8) if skip else None

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        if self.skip_linear is not None:
            x = self.skip_linear(torch.cat([x, skip], dim=-1))
        q, k, v = self.attn(self.norm(x)).chunk(3, dim=-1)
        x = x + F.scaled_dot_product_attention(q, k, v)
        return x + self.mlp(x)


@case(
    IMAGE,
    skips=("ins.1 -> outs.0.skip_linear", "ins.0 -> outs.1.skip_linear"),
    stack={"push skips": 2, "pop skips": 2},
)
class TransformerUNet(nn.Module):
    """Tokens all the way, and one resolution: the skips are joined along the last axis."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.ins = nn.ModuleList([ViTBlock(skip=False) for _ in range(2)])
        self.middle = ViTBlock(skip=False)
        self.outs = nn.ModuleList([ViTBlock(skip=True) for _ in range(2)])
        self.time = nn.Parameter(torch.zeros(1, 1, 8))
        self.head = nn.Linear(8, 48)

    def forward(self, x: Tensor) -> Tensor:
        h = self.patch(x).flatten(2).transpose(1, 2)
        h = torch.cat([self.time.expand(h.shape[0], -1, -1), h], dim=1)
        skips = []
        for block in self.ins:
            h = block(h)
            skips.append(h)  # push skips
        h = self.middle(h)
        for block in self.outs:
            h = block(h, skips.pop())  # pop skips
        return F.pixel_shuffle(self.head(h[:, 1:]).mT.unflatten(2, (4, 4)), 4)


@case(IMAGE, skips=("one -> tail",))
class SlicesAndShuffles(nn.Module):
    """Resampling without layers: slices on the way down, a shuffle on the way up."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.low, self.tail = conv(3, 4), conv(16, 16), conv(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        parts = [one[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]
        h = F.pixel_shuffle(self.low(torch.cat(parts, dim=1)), 2)
        return self.tail(torch.cat([h, one], dim=1))


@case(IMAGE, skips=("three -> six add", "one -> tail add"))
class Pyramid(nn.Module):
    """A feature pyramid: lateral convolutions are added on the way up."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), conv(4, 4), down(4, 4)
        self.four, self.five, self.six = down(4, 4), conv(4, 4), conv(4, 4)
        self.tail = conv(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        three = self.three(self.two(one))
        low = self.five(self.four(three))
        h = self.six(three + F.interpolate(low, size=three.shape[-2:]))
        return self.tail(one + F.interpolate(h, size=one.shape[-2:]))


@case(
    IMAGE,
    skips=("one -> two", "stem -> tail add via conv2d"),
)
class LateralAndDense(nn.Module):
    """A skip goes through a residual path of its own before it is added."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.one, self.two = conv(3, 4), conv(4, 4), down(8, 4)
        self.path, self.tail = conv(4, 4), conv(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        stem = self.stem(x)
        one = self.one(stem)
        h = self.two(torch.cat([one, self.path(one)], dim=1))
        lateral = self.path(stem)
        return self.tail(F.interpolate(h, scale_factor=2.0) + lateral)


@case(IMAGE, skips=("down -> up add", "head -> tail add"))
class Hourglass(nn.Module):
    """Every skip has a residual block of its own, and is added."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.down = conv(3, 4), Residual(4, 4)
        self.skip = nn.ModuleList([Residual(4, 4), Residual(4, 4)])
        self.low, self.up, self.tail = Residual(4, 4), Residual(4, 4), conv(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.head(x)
        one = self.skip[0](x)
        h = self.down(F.max_pool2d(x, 2))
        two = self.skip[1](h)
        h = self.low(F.max_pool2d(h, 2))
        h = self.up(F.interpolate(h, scale_factor=2.0) + two)
        return self.tail(F.interpolate(h, scale_factor=2.0) + one)


@case(IMAGE, skips=("head -> decoder",))
class ResidualPath(nn.Module):
    """The skip goes through a chain of residual blocks before it is joined."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.path = Residual(3, 4), nn.Sequential(Residual(4, 4), Residual(4, 4))
        self.low, self.up, self.decoder = Residual(4, 8), Up(8, 4), Residual(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.head(x)
        low = self.low(F.max_pool2d(h, 2))
        return self.decoder(torch.cat([self.up(low), self.path(h)], dim=1))


@case(
    IMAGE,
    skips=("blocks.1 -> decoders.0", "blocks.0 -> decoders.1"),
    stack={"push states": 3},
)
class Upsampled(nn.Module):
    """Tokens of one resolution; each skip is brought to its size by transposed convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.blocks = nn.ModuleList([ViTBlock(skip=False) for _ in range(3)])
        self.rise = nn.ModuleList(
            [
                nn.ConvTranspose2d(8, 4, 2, 2),
                nn.Sequential(nn.ConvTranspose2d(8, 4, 2, 2), nn.ConvTranspose2d(4, 4, 2, 2)),
            ]
        )
        self.ups = nn.ModuleList([nn.ConvTranspose2d(8, 4, 2, 2), nn.ConvTranspose2d(4, 4, 2, 2)])
        self.decoders = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def image(self, tokens: Tensor) -> Tensor:
        return tokens.transpose(1, 2).unflatten(2, (4, 4))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        states = []
        for block in self.blocks:
            tokens = block(tokens)
            states.append(tokens)  # push states
        h = self.image(tokens)
        for number in range(2):
            skip = self.rise[number](self.image(states[1 - number]))
            h = torch.cat([self.ups[number](h), skip], dim=1)
            h = self.decoders[number](h)
        return h
