"""Small UNets whose skips are easily missed, and models with joins that are easily taken for skips.

As in `unet_models.py`, what a reader of the source counts stands above each class.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.from_torch.registry import case, image
from tests.from_torch.unet_models import IMAGE, conv, down

SKIPS = ("two -> four", "one -> five")


def up(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0)


def halved(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 2)


class Small(nn.Module):
    """Down twice and up twice; how the skips are joined is left to each model below."""

    def __init__(self, times: int = 2) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.four, self.five = conv(4 * times, 4), conv(4 * times, 3)

    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        return torch.cat([h, skip], dim=1)

    def forward(self, x: Tensor) -> Tensor:
        one = F.relu(self.one(x))
        two = F.relu(self.two(one))
        h = self.four(self.joined(up(F.relu(self.three(two))), two))
        return self.five(self.joined(up(F.relu(h)), one))


# ------------------------------------------------------------------------------ how they are joined


@case(IMAGE, skips=tuple(f"{skip} mul" for skip in SKIPS))
class Multiplied(Small):
    def __init__(self) -> None:
        super().__init__(times=1)

    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        return F.relu(h) * skip


@case(IMAGE, skips=tuple(f"{skip} add" for skip in SKIPS))
class Blended(Small):
    def __init__(self) -> None:
        super().__init__(times=1)
        self.weight = nn.Parameter(torch.tensor(0.5))

    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        return torch.lerp(h, skip, self.weight)


@case(IMAGE, skips=tuple(f"{skip} stack" for skip in SKIPS))
class Stacked(Small):
    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        return torch.stack([h, skip], dim=1).flatten(1, 2)


@case(IMAGE, skips=SKIPS)
class KeptInADict(Small):
    def forward(self, x: Tensor) -> Tensor:
        kept = {"one": self.one(x)}
        kept["two"] = self.two(kept["one"])
        h = self.three(kept["two"])
        h = self.four(torch.cat([kept.pop("two"), up(h)], dim=1))
        return self.five(torch.cat([kept["one"], up(h)], dim=-3))


@case(IMAGE, skips=SKIPS)
class JoinedAlongTheLastAxis(Small):
    """Channels last, and as many as there are places in a row: no shape tells them apart."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 8), down(8, 8), down(8, 8)
        self.four, self.five = conv(16, 8), conv(16, 3)

    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        whole = torch.cat([h.permute(0, 2, 3, 1), skip.permute(0, 2, 3, 1)], dim=-1)
        return whole.permute(0, 3, 1, 2)


# ------------------------------------------------------------------------- what happens on the way


@case(IMAGE, skips=SKIPS)
class FilteredBySpectrum(Small):
    """The low frequencies of each skip are weakened."""

    def joined(self, h: Tensor, skip: Tensor) -> Tensor:
        spectrum = torch.fft.fftshift(torch.fft.fftn(skip, dim=(-2, -1)), dim=(-2, -1))
        weights = torch.ones(skip.shape)
        weights[..., 1:3, 1:3] = 0.5
        shifted = torch.fft.ifftshift(spectrum * weights, dim=(-2, -1))
        return torch.cat([h, torch.fft.ifftn(shifted, dim=(-2, -1)).real], dim=1)


@case(IMAGE, skips=SKIPS)
class GatedFromBelow(Small):
    """The gate is made at the resolution below and upsampled, and what it weighs is convolved."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.ModuleList([self.Gate(), self.Gate()])

    class Gate(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.theta, self.phi, self.psi = conv(4, 4, stride=2), conv(4, 4, 1), conv(4, 1, 1)
            self.out = conv(4, 4, 1)

        def forward(self, skip: Tensor, below: Tensor) -> Tensor:
            weights = self.psi(F.relu(self.theta(skip) + self.phi(below))).sigmoid()
            return self.out(skip * F.interpolate(weights, skip.shape[2:]).expand_as(skip))

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(one)
        h = self.three(two)
        h = self.four(torch.cat([self.gates[0](two, h), up(h)], dim=1))
        return self.five(torch.cat([self.gates[1](one, h), up(h)], dim=1))


@case(IMAGE, skips=("two -> four add", "one -> five add"))
class EmbeddingAdded(Small):
    """A position is added to what waits: it comes from no input, and is no source."""

    def __init__(self) -> None:
        super().__init__(times=1)
        self.positions = nn.Embedding(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        rows = self.positions(torch.arange(one.shape[-1])).t()[None, :, :, None]
        one = one + rows.expand_as(one)
        two = self.two(one)
        h = self.four(up(self.three(two)) + two)
        return self.five(up(h) + one)


@case(
    lambda: (torch.randn(1, 3, 16, 16), torch.randn(1, 3, 16, 16)),
    skips=("unet.two -> unet.four", "unet.one -> unet.five"),
)
class ControlledByACopy(nn.Module):
    """A second encoder, which sees the hint, adds to every skip by convolutions of its own."""

    class Controlled(Small):
        def forward(self, x: Tensor, control: list[Tensor]) -> Tensor:
            one = self.one(x)
            two = self.two(one)
            h = self.three(two) + control.pop()
            h = self.four(torch.cat([up(h), two + control.pop()], dim=1))
            return self.five(torch.cat([up(h), one + control.pop()], dim=1))

    def __init__(self) -> None:
        super().__init__()
        self.unet, self.hint = self.Controlled(), conv(3, 3)
        self.copy = nn.ModuleList([conv(3, 4), down(4, 4), down(4, 4)])
        self.zero = nn.ModuleList([conv(4, 4, 1) for _ in range(3)])

    def forward(self, x: Tensor, hint: Tensor) -> Tensor:
        h, found = x + self.hint(hint), []
        for layer, zero in zip(self.copy, self.zero, strict=True):
            h = layer(h)
            found.append(zero(h))
        return self.unet(x, found)


class Tokens(nn.Module):
    """A block of a transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.qkv = nn.LayerNorm(8), nn.Linear(8, 24)
        self.mlp = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
        x = x + F.scaled_dot_product_attention(q, k, v)
        return x + self.mlp(x)


class Around(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(4, 4), conv(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.two(F.relu(self.one(F.relu(x))))


@case(
    image(3, 32),
    skips=("blocks.1 -> fuse.0.res add", "blocks.0 -> fuse.1.res add"),
)
class Reassembled(nn.Module):
    """Tokens of one resolution become a pyramid; each goes through a block before it is added."""

    class Fusion(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.skip, self.res = Around(), Around()

        def forward(self, h: Tensor, skip: Tensor) -> Tensor:
            return up(self.res(h + self.skip(skip)))

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 8, 8)
        self.blocks = nn.ModuleList([Tokens() for _ in range(3)])
        self.project = nn.ModuleList([conv(8, 4, 1) for _ in range(3)])
        self.rise = nn.ModuleList([nn.ConvTranspose2d(4, 4, 2, 2), nn.ConvTranspose2d(4, 4, 4, 4)])
        self.fuse = nn.ModuleList([self.Fusion(), self.Fusion()])
        self.first, self.tail = nn.ConvTranspose2d(4, 4, 2, 2), conv(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        tokens, maps = self.patch(x).flatten(2).transpose(1, 2), []
        for block, project in zip(self.blocks, self.project, strict=True):
            tokens = block(tokens)
            maps.append(project(tokens.transpose(1, 2).unflatten(2, (4, 4))))
        h = self.fuse[0](self.first(maps[2]), self.rise[0](maps[1]))
        return self.tail(self.fuse[1](h, self.rise[1](maps[0])))


# --------------------------------------------------------------- resolutions that no layer changes


@case(image(3, 32), skips=("two -> four", "one -> five"))
class ShuffledByReshapes(nn.Module):
    """Space to depth and back by reshapes alone, and nothing between that and the join."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), conv(16, 4), conv(16, 16)
        self.four, self.five = conv(8, 16), conv(8, 3)

    def lower(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        parts = x.reshape(b, c, h // 2, 2, w // 2, 2)
        return parts.permute(0, 1, 3, 5, 2, 4).reshape(b, 4 * c, h // 2, w // 2)

    def higher(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        parts = x.reshape(b, c // 4, 2, 2, h, w)
        return parts.permute(0, 1, 4, 2, 5, 3).reshape(b, c // 4, 2 * h, 2 * w)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(self.lower(one))
        h = self.higher(self.three(self.lower(two)))
        h = self.four(torch.cat([F.silu(h), two], dim=1))
        return self.five(torch.cat([F.silu(self.higher(h)), one], dim=1))


class Windows(nn.Module):
    """Attention in windows, with a table of biases; 4 tokens in each of them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.qkv = nn.LayerNorm(width), nn.Linear(width, 3 * width)
        self.table = nn.Parameter(torch.randn(9, 2))
        self.register_buffer("index", torch.arange(16) % 9)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, c = x.shape
        cells = self.norm(x).view(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5)
        qkv = self.qkv(cells.reshape(-1, 4, c)).reshape(-1, 4, 3, 2, c // 2)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.table[self.index].view(4, 4, 2).permute(2, 0, 1)
        weights = (q @ k.transpose(-2, -1) + bias[None]).softmax(-1)
        y = self.out((weights @ v).transpose(1, 2).reshape(-1, 4, c))
        y = y.view(b, h // 2, w // 2, 2, 2, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
        return x + y


class Merge(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.reduce = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        parts = [x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
        return self.reduce(torch.cat(parts, dim=-1))


class Expand(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand, self.norm = nn.Linear(width, 4 * width), nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, c = x.shape
        parts = self.expand(x).view(b, h, w, 2, 2, c).permute(0, 1, 3, 2, 4, 5)
        return self.norm(parts.reshape(b, 2 * h, 2 * w, c))


class WindowUNet(nn.Module):
    """(B, H, W, C) from the patches on: 8 channels, and at first as many rows and columns."""

    def __init__(self, join: Callable[[Tensor, Tensor], Tensor], times: int) -> None:
        super().__init__()
        self.join, self.patch = join, nn.Conv2d(3, 8, 4, 4)
        self.one, self.two, self.three = Windows(8), Windows(8), Windows(8)
        self.merge = nn.ModuleList([Merge(8), Merge(8)])
        self.expand = nn.ModuleList([Expand(8), Expand(8)])
        self.four, self.five = nn.Linear(8 * times, 8), nn.Linear(8 * times, 8)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(self.patch(x).permute(0, 2, 3, 1))
        two = self.two(self.merge[0](one))
        h = self.three(self.merge[1](two))
        h = self.four(self.join(self.expand[0](h), two))
        return self.five(self.join(self.expand[1](h), one))


def side_by_side(h: Tensor, skip: Tensor) -> Tensor:
    return torch.cat([h, skip], dim=-1)


@case(image(3, 32), skips=tuple(f"{skip} add" for skip in SKIPS))
def windows_added() -> nn.Module:
    return WindowUNet(torch.add, times=1)


@case(image(3, 32), skips=SKIPS)
def windows_concatenated() -> nn.Module:
    return WindowUNet(side_by_side, times=2)


class Spectral(nn.Module):
    """A layer of a Fourier neural operator: few frequencies are kept, at the same resolution."""

    def __init__(self, ins: int, outs: int) -> None:
        super().__init__()
        self.weight, self.local = nn.Parameter(torch.randn(ins, outs, 3, 3)), conv(ins, outs, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = torch.fft.rfft2(x)[:, :, :3, :3]
        mixed = torch.einsum("bixy,ioxy->boxy", kept, self.weight.to(kept.dtype))
        return F.gelu(torch.fft.irfft2(mixed, s=x.shape[-2:]) + self.local(x))


@case(IMAGE, skips=SKIPS)
class FourierUNet(Small):
    """The sum in a layer is none of a skip, although few frequencies are fewer numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = Spectral(3, 4), Spectral(4, 4), Spectral(4, 4)
        self.four, self.five = Spectral(8, 4), Spectral(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(F.avg_pool2d(one, 2))
        h = self.three(F.avg_pool2d(two, 2))
        return self.five(self.joined(up(self.four(self.joined(up(h), two))), one))


# -------------------------------------------------------------------------- joins that are no skips


class Frequencies(nn.Module):
    """A bottleneck over the last axis alone, with weights: no lower resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(16, 2), nn.Linear(2, 16)
        self.norms = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(4)])

    def forward(self, x: Tensor) -> Tensor:
        h = self.norms[0](self.first(x))
        return x + self.norms[1](self.second(F.relu(h)))


class Sampled(nn.Module):
    """A residual block that resamples: both its ways do."""

    def __init__(self, ins: int, outs: int, sample: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.sample, self.norm, self.first = sample, nn.BatchNorm2d(ins), conv(ins, ins, 1)
        self.second, self.shortcut = conv(ins, outs), conv(ins, outs, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.second(self.sample(F.relu(self.first(F.relu(self.norm(x))))))
        return h + self.shortcut(self.sample(x))


class Branches(nn.Module):
    """A pyramid of dilations, and one number per channel beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.far = nn.ModuleList([nn.Conv2d(4, 2, 3, padding=d, dilation=d) for d in (1, 2, 4)])
        self.all, self.out = conv(4, 2, 1), conv(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        whole = F.interpolate(self.all(x.mean((2, 3), keepdim=True)), x.shape[2:])
        return self.out(torch.cat([*(layer(x) for layer in self.far), whole], dim=1))


@case(IMAGE)
class NoSkipsEither(nn.Module):
    """An autoencoder of blocks that branch inside; its input is masked at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv(3, 4),
            Frequencies(),
            Sampled(4, 4, halved),
            Branches(),
            Sampled(4, 4, up),
            conv(4, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * F.relu(self.body(x))


@case(lambda: (torch.randn(1, 3, 16, 16), torch.randn(1, 2, 16, 16)), skips=SKIPS)
class Modulated(Small):
    """A map scales and shifts the features of the decoder, at each of its resolutions."""

    class Norm(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm, self.shared = nn.GroupNorm(1, width), conv(2, 4)
            self.scale, self.shift = conv(4, width), conv(4, width)

        def forward(self, x: Tensor, guide: Tensor) -> Tensor:
            h = F.relu(self.shared(F.interpolate(guide, x.shape[2:])))
            return self.norm(x) * (1 + self.scale(h)) + self.shift(h)

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.conv, self.shortcut = Modulated.Norm(8), conv(8, 4), conv(8, 4, 1)

        def forward(self, x: Tensor, guide: Tensor) -> Tensor:
            return self.shortcut(x) + self.conv(self.norm(x, guide))

    def __init__(self) -> None:
        super().__init__()
        self.four, self.five = self.Block(), self.Block()

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(one)
        h = self.four(self.joined(up(self.three(two)), two), guide)
        return self.five(self.joined(up(h), one), guide)


@case(IMAGE, skips=SKIPS)
class SideOutputs(Small):
    """Every level of the decoder has an output of its own, and all are fused: no more skips."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList([conv(4, 1), conv(4, 1), conv(3, 1)])
        self.fuse = conv(3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        one = self.one(x)
        two = self.two(one)
        three = self.three(two)
        four = self.four(self.joined(up(three), two))
        five = self.five(self.joined(up(four), one))
        maps = [head(h) for head, h in zip(self.heads, (three, four, five), strict=True)]
        sized = [F.interpolate(found, five.shape[2:]) for found in maps]
        return self.fuse(torch.cat(sized[::-1], dim=1))


@case(
    lambda: (torch.randn(1, 3, 16, 16), torch.randn(1, 5, 8)),
    skips=("attend@1 -> four", "attend -> five"),
)
class TextBesideTokens(Small):
    """Keys of a text and of an image are put in a row for an attention."""

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.text, self.query, self.key = nn.Linear(8, 4), nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: Tensor, text: Tensor) -> Tensor:
            tokens = x.flatten(2).transpose(1, 2)
            keys = torch.cat([self.text(text), self.key(tokens)], dim=1)
            found = F.scaled_dot_product_attention(self.query(tokens), keys, keys)
            return x + found.transpose(1, 2).view(x.shape)

    def __init__(self) -> None:
        super().__init__()
        self.attend = self.Attention()

    def forward(self, x: Tensor, text: Tensor) -> Tensor:
        one = self.attend(self.one(x), text)
        two = self.attend(self.two(one), text)
        h = self.attend(self.three(two), text)
        return self.five(self.joined(up(self.four(self.joined(up(h), two))), one))


@case(
    IMAGE,
    skips=(
        "first.two -> first.four",
        "first.one -> first.five",
        "x -> second",
        "second.two -> second.four",
        "second.one -> second.five",
    ),
)
class Cascade(nn.Module):
    """The second UNet takes in what the first one made, and the image beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Small(), Small()
        self.second.one = conv(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.cat([x, self.first(x)], dim=1))


@case(
    lambda: (torch.randn(1, 3, 16, 16), torch.randn(1, 3, 16, 16)),
    skips=("two -> four", "two@1 -> four", "one -> five", "one@1 -> five"),
)
class TwoEncoders(nn.Module):
    """One encoder sees two pictures, and a join takes in the features of both."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(3, 4), down(4, 4), down(4, 4)
        self.four, self.five = conv(12, 4), conv(12, 4)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        ones, twos = [self.one(x)], []
        twos.append(self.two(ones[0]))
        ones.append(self.one(y))
        twos.append(self.two(ones[1]))
        h = self.four(torch.cat([up(self.three(twos[1])), *twos], dim=1))
        return self.five(torch.cat([up(h), *ones], dim=1))
