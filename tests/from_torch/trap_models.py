"""Models with one trap each: what a tracer of tensor operations is likely to get wrong."""

from __future__ import annotations

import copy
import math
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from io import BytesIO
from types import SimpleNamespace
from typing import Any, NamedTuple

import einops
import numpy as np
import torch
import torch.nn.functional as F
from einops.layers.torch import Rearrange, Reduce
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, spectral_norm, weight_norm
from torch.utils.checkpoint import checkpoint

import tests.from_torch.kept_operations  # noqa: F401 - TorchScript models are among these
from tests.from_torch.registry import case, image

IMAGE = image()


def conv(ins: int = 4, outs: int = 4, kernel: int = 3, **keywords: Any) -> nn.Conv2d:
    return nn.Conv2d(ins, outs, kernel, padding=kernel // 2, **keywords)


# ------------------------------------------------------------------------- changed in place


@case(IMAGE)
class InPlaceReLU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.relu = conv(), nn.BatchNorm2d(4), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        h = self.relu(self.norm(self.conv(x)))
        return self.relu(self.norm(self.conv(h))) + h


@case(IMAGE)
class ChunkedAndChanged(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x * 2
        a, b = h.chunk(2, dim=1)
        a.mul_(b)
        b.sigmoid_()
        return h + torch.cat([b, a], dim=1)


@case(IMAGE)
class AssignedColumn(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x.clone()
        h[:, 0] = h[:, 1] * 2
        h[..., 1:, :] = 1
        h[0, 0, 0, 0] = x.mean()
        return h


@case(IMAGE)
class AddedTo(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv(x)
        y = h
        h += x
        h *= 0.5
        h[:, :2] -= x[:, :2]
        return y


@case(IMAGE)
class InputChanged(nn.Module):
    """The input itself is changed, and a view of it that was made before is read."""

    def forward(self, x: Tensor) -> Tensor:
        flat = x.view(x.shape[0], -1)
        x.clamp_(min=0)
        return flat.cumsum(1) + x.flatten(1)


@case(IMAGE)
class WrittenOut(nn.Module):
    """``out=`` writes to a tensor that was made before."""

    def forward(self, x: Tensor) -> Tensor:
        h = torch.empty_like(x)
        torch.add(x, 1, out=h)
        both = torch.zeros(2, 8, 8, 8)
        torch.cat([h, x], dim=1, out=both)
        values, places = torch.empty(0), torch.empty(0, dtype=torch.long)
        torch.max(both, 1, out=(values, places))
        return both * values[:, None] + places[:, None]


@case(IMAGE)
class ReshapedInPlace(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x.clone()
        h.unsqueeze_(1)
        h.transpose_(0, 2).squeeze_()
        part = h[0]
        part.t_() if part.dim() == 2 else part.transpose_(0, 1)
        part.fill_(3)
        return h.contiguous()


@case(IMAGE)
class ViewsOfOne(nn.Module):
    """Two views of one tensor, of which one is changed, then a third is read."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        h = x + 1
        rows, columns = h.permute(0, 2, 3, 1), h.permute(0, 3, 2, 1)
        rows[:, 0] = 1
        kept = columns.contiguous()
        other = h.view(2, -1)
        other[:, :3].add_(kept.mean())
        h.data.mul_(2)
        h.detach().sub_(1)
        return kept, other.expand(2, -1), h.mT, h.narrow(1, 0, 2)


@case(IMAGE)
class SetData(nn.Module):
    """Assigning to ``.data`` swaps what a tensor holds without telling its version counter."""

    def forward(self, x: Tensor) -> Tensor:
        h = x + 1
        h.data = x * 3
        return h * 2


@case(IMAGE)
class InPlaceFunctions(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x * 1
        F.relu(h, inplace=True)
        F.dropout(h, 0.5, training=self.training, inplace=True)
        F.leaky_relu_(h, 0.2)
        torch.relu_(h)
        nn.init.constant_(h[0], 0.5)
        h.masked_fill_(h > 2, 0.0)
        h.index_fill_(1, torch.tensor([0]), 1.0)
        h.scatter_(1, torch.zeros(2, 1, 8, 8, dtype=torch.long), 7.0)
        h.lerp_(x, 0.5).addcmul_(x, x)
        return h


@case(IMAGE)
class RandomInPlace(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        noise = torch.empty_like(x).normal_()
        mask = torch.empty(2, 1, 1, 1).bernoulli_(0.5)
        same = torch.empty_like(x).uniform_()
        again = torch.empty_like(x).uniform_()
        return x * mask + noise + same - again


# -------------------------------------------------------------- where modules and tensors are kept


@case(IMAGE)
class CalledTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()
        self.same = self.conv

    def forward(self, x: Tensor) -> Tensor:
        return self.same(self.conv(x)) + self.conv(x)


@case(IMAGE)
class ModulesInPlainLists(nn.Module):
    """Neither list nor dict registers its modules: they are in no ``named_modules()``."""

    def __init__(self) -> None:
        super().__init__()
        self.first = [conv(), nn.BatchNorm2d(4)]
        self.named = {"last": conv()}

    def forward(self, x: Tensor) -> Tensor:
        for module in self.first:
            x = module(x)
        return self.named["last"](x)


@case(IMAGE)
class PlainTensors(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = torch.arange(4.0).view(1, 4, 1, 1)
        self.tables = [torch.full((8,), 2.0), {"deep": torch.linspace(0, 1, 8)}]

    def forward(self, x: Tensor) -> Tensor:
        return x * self.table + self.tables[0] - self.tables[1]["deep"]


@case(IMAGE)
class TiedWeights(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = conv(), conv()
        self.other.weight = self.one.weight
        self.list = nn.ParameterList([nn.Parameter(torch.ones(4, 1, 1)), self.one.bias])
        self.dict = nn.ParameterDict({"a": nn.Parameter(torch.ones(1))})

    def forward(self, x: Tensor) -> Tensor:
        x = self.other(self.one(x)) * self.list[0]
        return x + self.list[1].view(4, 1, 1) * self.dict["a"]


class Encoder(nn.Module):
    def __init__(self, skips: list[Tensor]) -> None:
        super().__init__()
        self.skips = skips
        self.convs = nn.ModuleList([conv(), conv(stride=2), conv(stride=2)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.convs:
            x = layer(x)
            self.skips.append(x)
        return x


class Decoder(nn.Module):
    def __init__(self, skips: list[Tensor]) -> None:
        super().__init__()
        self.skips = skips
        self.convs = nn.ModuleList([conv(8), conv(8), conv(8)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.convs:
            skip = self.skips.pop()
            x = layer(torch.cat([F.interpolate(x, skip.shape[2:]), skip], dim=1))
        return x


@case(
    IMAGE,
    skips=(
        "encoder -> decoder.convs.0 via mul",
        "encoder.convs.1 -> decoder.convs.1",
        "encoder.convs.0 -> decoder.convs.2",
    ),
)
class SharedState(nn.Module):
    """The encoder appends to a list that the decoder empties; both hold it as an attribute."""

    def __init__(self) -> None:
        super().__init__()
        skips: list[Tensor] = []
        self.encoder, self.decoder = Encoder(skips), Decoder(skips)
        self.middle = conv()

    def forward(self, x: Tensor) -> Tensor:
        h = self.encoder(x)
        self.encoder.skips[-1] = h * 2
        return self.decoder(self.middle(h))


@case(IMAGE)
class SetsAttributes(nn.Module):
    """What forward leaves on the model, in every kind of place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()
        self.calls = 0
        self.seen: list[Tensor] = []
        self.deep: dict[str, list[Tensor]] = {"inner": []}
        self.queue: deque[Tensor] = deque(maxlen=2)
        self.ordered: OrderedDict[str, Tensor] = OrderedDict()
        self.grouped: defaultdict[str, list[Tensor]] = defaultdict(list)
        self.names: set[int] = set()
        self.box = SimpleNamespace(last=None)
        self.register_buffer("average", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv(x)
        self.calls += 1
        self.last = h
        self.conv.last = h
        self.seen.append(h)
        self.deep["inner"].append(h)
        self.queue.append(h)
        self.ordered["h"] = h
        self.grouped["h"].append(h)
        self.names.add(self.calls)
        self.box.last = h
        self.average = 0.9 * self.average + 0.1 * h.mean((0, 2, 3))
        return h + self.average.view(1, 4, 1, 1)


@case(IMAGE)
class BuffersChanged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.register_buffer("memory", torch.ones(4, 1, 1))
        self.register_buffer("none", None)
        self.register_buffer("count", torch.zeros((), dtype=torch.long), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        self.memory.mul_(0.5).add_(x.mean())
        return self.norm(x) * self.memory + self.count


@case(IMAGE)
class MadeInForward(nn.Module):
    """A module that forward makes, uses, and keeps."""

    def forward(self, x: Tensor) -> Tensor:
        if not hasattr(self, "scale"):
            self.scale = nn.PReLU(4)
        return self.scale(x) + nn.AvgPool2d(3, 1, 1)(x)


@lru_cache
def cached_positions(count: int) -> Tensor:
    return torch.arange(count, dtype=torch.float32)


@case(IMAGE)
class CachedTable(nn.Module):
    """A table in a cache that outlives the run: no tensor without data may stay in it."""

    def __init__(self) -> None:
        super().__init__()
        cached_positions.cache_clear()

    def forward(self, x: Tensor) -> Tensor:
        return x + cached_positions(x.shape[-1])


@case(IMAGE)
class HooksThatKeep(nn.Module):
    """Features are collected by forward hooks, in an object of the user's own."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(), conv()
        self.features: dict[str, Tensor] = {}
        self.one.register_forward_hook(self.keep)
        self.two.register_forward_hook(lambda module, args, result: result * 2)
        self.two.register_forward_pre_hook(lambda module, args: (args[0] + 1,))

    def keep(self, module: nn.Module, args: Any, result: Tensor) -> None:
        self.features["one"] = result

    def forward(self, x: Tensor) -> Tensor:
        return self.two(self.one(x)) + self.features["one"]


# ------------------------------------------------------------------------------- training mode


@case(IMAGE)
class DropsOut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.drop, self.drop2d = conv(), nn.Dropout(0.3), nn.Dropout2d(0.3)
        self.alpha, self.rrelu = nn.AlphaDropout(0.2), nn.RReLU()

    def forward(self, x: Tensor) -> Tensor:
        h = self.drop2d(self.drop(self.conv(x))) + self.drop(x)
        return self.rrelu(self.alpha(h))


@case(IMAGE)
class NormalisesBatches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.BatchNorm2d(4, momentum=None), nn.InstanceNorm2d(4, affine=True)
        self.three = nn.InstanceNorm2d(4, track_running_stats=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.two(self.one(x)) + self.one(x * 3))


@case(IMAGE)
class Checkpointed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.drop = conv(), conv(), nn.Dropout(0.5)

    def part(self, x: Tensor, *, scale: float) -> Tensor:
        return self.drop(self.one(x)) * scale

    def forward(self, x: Tensor) -> Tensor:
        h = checkpoint(self.part, x, use_reentrant=False, scale=2.0)
        return checkpoint(self.two, h, use_reentrant=True)


# --------------------------------------------------------------------------------- einops, shapes


@case(IMAGE)
class Einops(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.split = Rearrange("b (n c) h w -> n b c (h w)", n=2)
        self.pool = Reduce("b c (h 2) (w 2) -> b c h w", "mean")
        self.proj = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        q, k = self.split(x)
        weights = torch.einsum("bci,bcj->bij", q, k).softmax(-1)
        h = einops.einsum(weights, k, "b i j, b c j -> b i c")
        h = einops.rearrange(self.proj(h), "b (h w) c -> b c h w", h=8)
        h = einops.repeat(h, "b c h w -> b (r c) h w", r=2)
        packed, sizes = einops.pack([h, x], "b * h w")
        one, _ = einops.unpack(packed, sizes, "b * h w")
        return self.pool(one) + einops.reduce(x, "b c h w -> b c 1 1", "max")


@case(IMAGE)
class Sizes(nn.Module):
    """Shapes asked for in every way, and Python numbers made from them."""

    def forward(self, x: Tensor) -> Tensor:
        b, c, *rest = x.shape
        assert len(x) == b
        assert x.dim() == x.ndim == len(x.size())
        assert isinstance(x, Tensor)
        assert torch.is_tensor(x)
        assert x.numel() == b * c * math.prod(rest)
        assert x.is_floating_point()
        assert not x.is_complex()
        assert x.dtype == torch.float32
        assert x.device.type == "cpu"
        assert x.stride(1) == rest[0] * rest[1]
        assert x.is_contiguous()
        assert x.element_size() == 4
        return x.reshape(b, c, -1).flatten(1).unflatten(1, (c, *rest)) / np.sqrt(c)


@case(lambda: torch.randn(3, 4))
class Iterates(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        rows = [row * number for number, row in enumerate(x)]
        first, *others = x.unbind(1)
        total = sum(others, first)
        for one, two in zip(x, x.flip(0), strict=True):
            total = total + (one * two).sum()
        return torch.stack(rows).sum(1) + total + sum(x.T)


@case(IMAGE)
class ManyResults(nn.Module):
    def forward(self, x: Tensor) -> list[Any]:
        a, b = x.split([1, 3], dim=1)
        values, places = x.max(dim=1)
        best = torch.topk(x.flatten(1), 3)
        u, s, _ = torch.linalg.svd(x.mean((0, 1)))
        parts = torch.meshgrid(torch.arange(3), torch.arange(2), indexing="ij")
        whole = torch.aminmax(x)
        return [[a, b], values, [places, {"best": best.values}], (u @ u.T) * s, *parts, whole.max]


@case(lambda: (torch.randn(2, 4, 8), torch.tensor([1, 0, 3])))
class Indexes(nn.Module):
    def forward(self, x: Tensor, places: Tensor) -> Tensor:
        h = x[:, places] + x.index_select(1, places)
        h = h + torch.gather(x, 1, places.view(1, 3, 1).expand(2, 3, 8))
        h = h + torch.take_along_dim(x, places.view(1, 3, 1), 1)
        h[:, places[:2]] = 1.0
        h.index_add_(1, torch.arange(3), h * 2)
        count = torch.tensor(2)
        return h[:, :count, None, ..., ::2] + h[..., :4][:, [0, 2], None]


@case(lambda: (torch.randn(2, 4, 8, 8), torch.tensor(7)))
class ScalarTensors(nn.Module):
    """A timestep without dimensions, and numbers as tensors made in forward."""

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        if not torch.is_tensor(t) or t.dim() == 0:
            t = t[None].to(x.device)
        t = t.expand(x.shape[0]).float()
        scale = torch.tensor(0.5) ** torch.tensor(2)
        return x * scale + t.view(-1, 1, 1, 1) * torch.tensor([1.0, 2.0]).mean()


@case(lambda: torch.randn(2, 4))
class KnownNumbers(nn.Module):
    """A number made from Python is known, although the tensor was made without data."""

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(2):
            x = x * torch.tensor(3).item() + int(torch.tensor(2.5))
        return x if torch.tensor(True) else -x


# --------------------------------------------------------------------------------- what goes in


@case(lambda: {"sample": torch.randn(2, 4, 8, 8), "t": torch.tensor([3, 4]), "cond": None})
class KeywordsOnly(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.conv = nn.Embedding(10, 4), conv()

    def forward(self, *, sample: Tensor, t: Tensor, cond: Tensor | None = None) -> Tensor:
        h = self.conv(sample) + self.embed(t)[:, :, None, None]
        return h if cond is None else h + cond


def nested() -> dict[str, Any]:
    feature = torch.randn(2, 4, 8, 8)
    return {
        "input": feature,
        "extra": {"text": torch.randn(2, 3, 4), "sizes": [torch.randn(2), (torch.randn(2), 5)]},
    }


@case(nested)
class NestedInputs(nn.Module):
    def forward(self, input: Tensor, extra: dict[str, Any]) -> Tensor:
        one, (two, number) = extra["sizes"]
        text = extra["text"].mean(1)[:, :, None, None]
        return input * text + (one * two)[:, None, None, None] + number


class Pair(NamedTuple):
    left: Tensor
    right: Tensor


@dataclass
class Conditions:
    text: Tensor
    strength: float = 1.0


@case(lambda: (Pair(torch.randn(2, 3), torch.randn(2, 3)), Conditions(torch.randn(3), 2.0)))
class ObjectsAsInputs(nn.Module):
    def forward(self, pair: Pair, conditions: Conditions) -> Tensor:
        return pair.left * conditions.text - pair.right * conditions.strength


@case(lambda: (torch.randn(2, 4), 3, 0.5, True, "mean", None, torch.float64))
class PlainInputs(nn.Module):
    def forward(
        self, x: Tensor, n: int, f: float, flag: bool, how: str, none: None, dtype: torch.dtype
    ) -> Tensor:
        assert none is None
        x = x.to(dtype).repeat(1, n) * f
        return getattr(x, how)(1) if flag else x


@case(lambda: (torch.randn(2, 4), torch.randn(2, 4), torch.randn(2, 4)))
class AnyArguments(nn.Module):
    def forward(self, first: Tensor, *rest: Tensor, **options: Tensor) -> Tensor:
        return first + sum(rest) * len(rest) + len(options)


@case(lambda: {"mean": torch.randn(4), "add": torch.randn(4), "lambda_": torch.randn(4)})
class NamedLikeOperations(nn.Module):
    """Inputs and buffers that bear the names of the operations that read them."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("std", torch.rand(4) + 1)
        self.register_buffer("mul", torch.rand(4) + 1)
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, mean: Tensor, add: Tensor, lambda_: Tensor) -> Tensor:
        h = (mean - mean.mean()) / mean.std() * self.std
        return torch.add(add, h) * self.mul * self.scale + lambda_


# ------------------------------------------------------------------------------- what comes out


class Two(NamedTuple):
    h: Tensor
    other: tuple[Tensor, Tensor]


@dataclass
class Outcome:
    sample: Tensor
    extra: list[Tensor]
    none: Tensor | None = None
    number: int = 3


@dataclass
class Derived:
    """A result with a field that its constructor does not take."""

    sample: Tensor
    double: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.double = self.sample * 2


@dataclass
class ModelOutput(OrderedDict[str, Any]):
    """A result that is both a dataclass and a dict, as the large model libraries have them."""

    sample: Any = None
    hidden: Any = None

    def __post_init__(self) -> None:
        if isinstance(self.sample, dict) and self.hidden is None:
            for key, item in dict(self.sample).items():
                setattr(self, key, item)
        for key in ("sample", "hidden"):
            if getattr(self, key) is not None:
                super().__setitem__(key, getattr(self, key))

    def __getitem__(self, key: Any) -> Any:
        return dict(self.items())[key] if isinstance(key, str) else tuple(self.values())[key]


class Posterior:
    """A result of a plain class, such as the distribution that an autoencoder returns."""

    def __init__(self, moments: Tensor) -> None:
        self.mean, logvar = moments.chunk(2, dim=1)
        self.std = torch.exp(0.5 * logvar)

    def sample(self) -> Tensor:
        return self.mean + self.std * torch.randn_like(self.mean)


RESULTS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "dict": lambda h, x: {"h": h, "list": [h, x], "n": 3, "none": None},
    "tuple": lambda h, x: (h, (h * 2, [x]), None, "text"),
    "namedtuple": lambda h, x: Two(h, (x, h + 1)),
    "dataclass": lambda h, x: Outcome(h, [x, h * 2]),
    "derived": lambda h, x: Derived(h),
    "ordered": lambda h, x: OrderedDict(h=h, x=x),
    "default": lambda h, x: defaultdict(list, h=[h]),
    "structseq": lambda h, x: h.max(1),
    "object": lambda h, x: (h, Posterior(h)),
}


class Returns(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.inner, self.kind = conv(), kind

    def forward(self, x: Tensor) -> Any:
        return RESULTS[self.kind](self.inner(x), x)


class Receives(nn.Module):
    """A result of this kind, passed from one module to another and out of the model."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.one = Returns(kind)

    def forward(self, x: Tensor) -> Any:
        return self.one(x)


@case(IMAGE)
def returns_dict() -> nn.Module:
    return Receives("dict")


@case(IMAGE)
def returns_tuple() -> nn.Module:
    return Receives("tuple")


@case(IMAGE)
def returns_namedtuple() -> nn.Module:
    return Receives("namedtuple")


@case(IMAGE)
def returns_dataclass() -> nn.Module:
    return Receives("dataclass")


@case(IMAGE)
def returns_dataclass_with_derived_field() -> nn.Module:
    return Receives("derived")


@case(IMAGE)
def returns_ordered_dict() -> nn.Module:
    return Receives("ordered")


@case(IMAGE)
def returns_defaultdict() -> nn.Module:
    return Receives("default")


@case(IMAGE)
def returns_result_of_max() -> nn.Module:
    return Receives("structseq")


@case(IMAGE)
def returns_object_of_a_plain_class() -> nn.Module:
    return Receives("object")


@case(IMAGE)
class ReturnsModelOutput(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()

    def forward(self, x: Tensor, return_dict: bool = True) -> Any:
        h = self.conv(x)
        return ModelOutput(sample=h, hidden=(h * 2, x)) if return_dict else (h,)


@case(IMAGE)
class ReturnsItsState(nn.Module):
    """The results are an input, a parameter, a buffer, a constant, and one tensor twice."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.register_buffer("table", torch.arange(3.0))
        self.plain = torch.arange(4.0)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return x, self.weight, self.table, self.plain, x, x.float(), self.weight


# ----------------------------------------------------------------------- weights that are computed


class Symmetric(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return weight + weight.transpose(0, 1)


@case(IMAGE)
class Parametrized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(), conv(), nn.Linear(8, 8)
        parametrize.register_parametrization(self.one, "weight", Symmetric())
        parametrizations.weight_norm(self.two)
        parametrizations.spectral_norm(self.three)

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.two(self.one(x))) + self.one(x)


@case(IMAGE)
def old_weight_norm() -> nn.Module:
    return nn.Sequential(weight_norm(conv()), conv())


@case(IMAGE)
def old_spectral_norm() -> nn.Module:
    return nn.Sequential(spectral_norm(conv()), conv())


# ------------------------------------------------------------------------------------- attention


def tokens() -> Tensor:
    return torch.randn(2, 6, 8)


@case(tokens, tolerance=1e-5, counted=False)
class MultiHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.cross = nn.MultiheadAttention(8, 2, kdim=4, vdim=4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        h, weights = self.attention(x, x, x)
        other, _ = self.cross(h, x[..., :4], x[..., 4:], need_weights=False)
        return h + other + weights.mean()


@case(tokens, tolerance=1e-5, counted=False)
class TransformerLayers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoderLayer(8, 2, 16, dropout=0.0, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x), x)


@case(tokens, counted=False)
class ScaledDotProduct(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).view(2, 6, 3, 2, 4).permute(2, 0, 3, 1, 4)
        h = F.scaled_dot_product_attention(q, k, v)
        mask = torch.ones(6, 6, dtype=torch.bool).tril()
        h = h + F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        h = h + F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3)
        h = h + F.scaled_dot_product_attention(q, k, v, attn_mask=torch.randn(6, 6))
        return h.transpose(1, 2).flatten(2)


@case(tokens)
class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 4, 2, batch_first=True, bidirectional=True)
        self.gru, self.cell = nn.GRU(8, 8, batch_first=True), nn.LSTMCell(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        h, (last, _) = self.lstm(x)
        h, _ = self.gru(h)
        a, b = self.cell(h[:, 0])
        return h + last.mean() + (a + b)[:, None]


# ------------------------------------------------------------------------------- kinds of numbers


@case(IMAGE)
class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 8, 5, 2))

    def forward(self, x: Tensor) -> Tensor:
        h = torch.fft.rfft2(x, norm="ortho") * torch.view_as_complex(self.weight)
        h = h.conj() * torch.polar(torch.ones(5), torch.arange(5.0))
        low, high = torch.view_as_real(h).unbind(-1)
        h = torch.fft.ifftshift(torch.complex(low, high) + h.real * 1j, dim=(-2,))
        h.imag.mul_(2)
        return torch.fft.irfft2(h, s=(8, 8)) + h.abs().mean() + h.angle().sum()


@case(lambda: torch.randn(2, 64))
class Spectrogram(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        window = torch.hann_window(16)
        h = torch.stft(x, 16, 4, window=window, return_complex=True)
        return torch.istft(h * 2, 16, 4, window=window, length=64)


@case(lambda: torch.randn(2, 4, 8, 8).half())
def half() -> nn.Module:
    return nn.Sequential(conv(), nn.GroupNorm(2, 4), nn.SiLU(), conv()).half()


@case(lambda: torch.randn(2, 4, 8, 8).bfloat16())
class BFloat(nn.Module):
    """The norm is computed in float32, as mixed-precision UNets do."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = conv().bfloat16(), nn.GroupNorm(2, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(self.conv(x).float()).type(x.dtype)
        return self.conv(h).to(torch.float32) + h.double().type_as(x)


@case(IMAGE)
class Autocast(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(), conv()

    def forward(self, x: Tensor) -> Tensor:
        h = self.one(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            h = self.two(self.one(h)) + self.one(h)
            with torch.autocast("cpu", enabled=False):
                h = self.one(h.float())
        return h


@case(IMAGE)
class Casts(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        same = x.float().to(torch.float32).to(x).contiguous().type(torch.float32)
        return same + x.double().float() + x.long() + (x > 0) + x.half().to(x.device, x.dtype)


# ------------------------------------------------------------------------ tensors made in forward


@case(IMAGE)
class Factories(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = torch.zeros(8) + torch.ones(8, device=x.device) + torch.full((8,), 2.0, dtype=x.dtype)
        h = h + torch.arange(8, device="cpu") + torch.linspace(0, 1, 8) + torch.eye(8)[0]
        h = h + x.new_zeros(8) + x.new_tensor([1.0] * 8) + x.new_full((8,), 2.0) + x.new_ones(8)
        h = h + torch.zeros_like(x) + torch.randn_like(x) + torch.rand(8) + torch.randn(2, 4, 8, 8)
        h = h + torch.randint(0, 5, (8,)) + torch.randperm(8) + torch.tensor([0.5] * 8)
        h = h + torch.as_tensor([1, 2, 3, 4, 5, 6, 7, 8]) + torch.scalar_tensor(2.0)
        h = h + torch.empty(8).fill_(1) + torch.tril(torch.ones(8, 8))[3] + torch.logspace(0, 1, 8)
        with torch.device("cpu"):
            return h * torch.hann_window(8) + torch.normal(0.0, 1.0, (8,)) + torch.bernoulli(h * 0)


@case(IMAGE)
class OldFactories(nn.Module):
    """The constructors of old, which no mode sees, and arrays of numpy."""

    def forward(self, x: Tensor) -> Tensor:
        h = x + torch.Tensor([1.0, 2.0] * 4) + torch.FloatTensor([3.0] * 8)
        h = h + torch.from_numpy(np.arange(8, dtype=np.float32))
        h = h + torch.tensor(np.ones(8, dtype=np.float32)) + torch.as_tensor(np.eye(8))[0].float()
        return h + torch.Tensor(8).fill_(1) + x.new(8).zero_()


class Mode(IntEnum):
    ZERO = 0
    ONE = 1
    TWO = 2


@case(IMAGE)
class NumbersOfOtherTypes(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x.sum(Mode.ONE, keepdim=True) * np.float64(0.5) + np.float32(2.0) * Mode.TWO
        h = h.expand(np.int64(2), 4, 8, np.array(8)) if h.dim() == 4 else h
        h = F.pad(h, (np.int64(1), 1, 1, 1)) / np.sqrt(x.shape[1])
        return h.view(2, np.prod([4, 5]), -1) ** np.float32(2)


@case(IMAGE)
class Generators(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(3)
        h = x + torch.randn(8, generator=generator) + torch.rand(8, generator=generator)
        return h + torch.empty(8).normal_(generator=generator)


@case(IMAGE, replays=False)
class Seeds(nn.Module):
    """The model seeds the random numbers of the process."""

    def forward(self, x: Tensor) -> Tensor:
        torch.manual_seed(5)
        return x + torch.randn_like(x)


# ------------------------------------------------------------------------- compilers and autograd


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.other = conv(), conv()

    def forward(self, x: Tensor) -> Tensor:
        return self.other(F.silu(self.conv(x))) + x


class Whole(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.small, self.last = Small(), conv()

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.small(x) * 2)


@case(IMAGE, plain=Whole)
def compiled() -> nn.Module:
    model: nn.Module = torch.compile(Whole())
    return model


@case(IMAGE, plain=Whole)
def compiled_submodule() -> nn.Module:
    model = Whole()
    model.small.compile()
    return model


@case(IMAGE, plain=Whole)
def wrapped_submodule() -> nn.Module:
    model = Whole()
    model.small = torch.compile(model.small)
    return model


class CallsFunction(nn.Module):
    def __init__(self, function: Any) -> None:
        super().__init__()
        self.conv, self.function = conv(), function

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.function(self.conv(x), x)
        return h + 1


def gated(h: Tensor, x: Tensor) -> Tensor:
    return torch.sigmoid(h) * x + h.mean()


@case(IMAGE, plain=lambda: CallsFunction(gated))
def compiled_function() -> nn.Module:
    return CallsFunction(torch.compile(gated))


@case(IMAGE)
def scripted_function() -> nn.Module:
    return CallsFunction(torch.jit.script(gated))


@case(IMAGE)
def scripted_submodule() -> nn.Module:
    model = Whole()
    model.small = torch.jit.script(model.small)
    return model


@case(IMAGE)
def traced_submodule() -> nn.Module:
    model = Whole()
    model.small = torch.jit.trace(model.small, torch.randn(2, 4, 8, 8))
    return model


@case(IMAGE)
def scripted_model() -> nn.Module:
    model: nn.Module = torch.jit.script(Whole())
    return model


@case(IMAGE)
def loaded_script() -> nn.Module:
    """A model that came from a file: there is no class and no source left."""
    file = BytesIO()
    torch.jit.save(torch.jit.script(Whole()), file)
    file.seek(0)
    model: nn.Module = torch.jit.load(file)
    return model


@case(IMAGE)
def graph_module() -> nn.Module:
    return torch.fx.symbolic_trace(Whole())


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return x * 2 + y, x

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        return grads


class Changes(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.mark_dirty(x)
        return x.mul_(3)


@case(IMAGE)
class OwnFunction(nn.Module):
    """A function with its own gradient; one result is an argument, handed back."""

    def forward(self, x: Tensor) -> Tensor:
        h, same = Double.apply(x, x + 1)
        Changes.apply(h)
        return h + same * 2


@case(IMAGE, counted=False)
class Gradient(nn.Module):
    """The result is a gradient: forward differentiates an energy, as score models do."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()

    def forward(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            energy = self.conv(F.silu(self.conv(x))).square().sum()
            return torch.autograd.grad(energy, x)[0]


@case(IMAGE)
class Inference(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = conv(), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        with torch.inference_mode():
            h = self.relu(self.conv(x))
            h += 1
            h[:, 0] = 2
            view = h.view(2, -1)
            F.relu(view, inplace=True)
            torch.add(h, 1, out=h)
            h = torch.cat([h, view.view_as(h)], 1).clone()
        return h * 2


@case(IMAGE)
class GradientsOn(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            h = x * 2
        with torch.no_grad(), torch.set_grad_enabled(True):
            return h + x.detach() + x.requires_grad_().sum().detach()


@case(IMAGE)
class Copies(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()

    def forward(self, x: Tensor) -> Tensor:
        h = copy.deepcopy(x) + x
        return self.conv(h).clone(memory_format=torch.channels_last).mul_(2)


@case(IMAGE)
class Layouts(nn.Module):
    """Strides that change what the next operation returns: a view, a copy, the same tensor."""

    def forward(self, x: Tensor) -> Tensor:
        last = x.contiguous(memory_format=torch.channels_last)
        again = last.contiguous(memory_format=torch.channels_last)
        copy_ = last.contiguous()
        copy_.add_(1)
        flat = last.permute(0, 2, 3, 1).reshape(2, -1)
        flat.mul_(2)
        other = x.clone().permute(0, 2, 3, 1).reshape(2, -1)
        other.mul_(3)
        return again + copy_ + last + flat.view(2, 8, 8, 4).permute(0, 3, 1, 2) + other.sum()


@case(IMAGE)
class Vectorised(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.vmap(lambda one: one * one.sum())(x)


@case(IMAGE)
class Generates(nn.Module):
    """Parts of forward are a generator, a nested function, a lambda and a comprehension."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([conv(), conv()])

    def features(self, x: Tensor) -> Iterator[Tensor]:
        for layer in self.convs:
            x = layer(x)
            yield x

    def forward(self, x: Tensor) -> Tensor:
        def double(h: Tensor) -> Tensor:
            return h * 2

        halve = lambda h: h / 2  # noqa: E731
        return sum([double(halve(h)) for h in self.features(x)], torch.zeros(1))


@case(IMAGE)
class Resamples(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        h = F.interpolate(h, size=(8, 8), mode="nearest-exact") + F.pixel_shuffle(
            F.pixel_unshuffle(x, 2), 2
        )
        grid = F.affine_grid(torch.eye(2, 3).expand(2, 2, 3), [2, 4, 8, 8], align_corners=False)
        h = h + F.grid_sample(x, grid, align_corners=False)
        h = h + F.fold(F.unfold(x, 2, stride=2), (8, 8), 2, stride=2)
        pooled, places = F.max_pool2d(x, 2, return_indices=True)
        h = h + F.max_unpool2d(pooled, places, 2) + F.adaptive_avg_pool2d(x, 1)
        return F.pad(h, (1, 1, 1, 1), mode="reflect").roll(1, -1)[:, :, 1:-1, 1:-1]


# ----------------------------------------------------------------------------- data that decides


@case(IMAGE)
class ChecksItsNumbers(nn.Module):
    """The path depends on numbers: there is no telling it without data."""

    def forward(self, x: Tensor) -> Tensor:
        if torch.isnan(x).any():
            raise ValueError("not a number")
        return x * int(x.abs().max().item() > 0)


@case(lambda: torch.arange(12.0).view(3, 4) - 5.5)
class SelectsByData(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0] * 2 + x.nonzero().sum()


@case(IMAGE)
class NumbersFromNumPy(nn.Module):
    """Numbers go to NumPy, and come back as a tensor that no operation made."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.from_numpy(np.full(x.numpy().shape, 2, dtype=np.float32)) + x


@case(IMAGE)
class AsksWhereItsDataIs(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x * 2
        return h if h.data_ptr() == x.data_ptr() else h + 1


@torch.library.custom_op("unet_trace_tests::doubled", mutates_args=())
def doubled(x: Tensor) -> Tensor:
    return 2 * x


@case(IMAGE)
class OwnOperator(nn.Module):
    """An operator that nobody told PyTorch the shapes of."""

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = doubled(x)
        return h + 1


class Kind(Tensor):
    """A class of tensors of the user's own."""


@case(IMAGE)
class OwnClassOfTensors(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = (x * 2).as_subclass(Kind)
        return h + x


# ------------------------------------------------------------------- the state, from inside forward


@case(IMAGE)
class ConvertsItself(nn.Module):
    """Modules are moved and cast in forward, where most of it is no change at all."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(), conv()

    def forward(self, x: Tensor) -> Tensor:
        h = self.one.to(x.device)(x)
        self.to(x.device, x.dtype)
        h = self.two.double()(h.double())
        self.two.float()
        return self.one.float()(h.float())


@case(IMAGE)
class AsksItsParameters(nn.Module):
    """The path depends on what the parameters say of themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(), conv().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        for layer in (self.one, self.two):
            assert isinstance(layer.weight, nn.Parameter)
            assert layer.weight.is_leaf
            if layer.weight.requires_grad:
                x = layer(x)
        return x


@case(IMAGE)
class ChangesItsParameters(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = conv(), conv(), conv()

    def forward(self, x: Tensor) -> Tensor:
        for mine, other in zip(self.one.parameters(), self.two.parameters(), strict=True):
            mine.mul_(0.9).add_(other, alpha=0.1)
        self.two.weight.data = self.two.weight.data.clamp(-0.1, 0.1)
        self.two.weight.data.mul_(2)
        with torch.no_grad():
            self.three.weight.copy_(self.two.weight)
        self.three.bias = nn.Parameter(self.two.bias * 2)
        self.two.load_state_dict(self.three.state_dict())
        return self.three(self.two(self.one(x)))


@case(IMAGE)
class CallsItself(nn.Module):
    """A model that calls itself, and parts of itself that it puts together anew."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.Sequential(conv(), nn.ReLU(), conv())

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[0] > 1:
            return torch.cat([self(one) for one in x.split(1)])
        return self.parts[1:](self.parts[:1](x)) + copy.deepcopy(self.parts[0])(x)


@case(IMAGE)
class BorrowsParameters(nn.Module):
    """A module runs on other weights than its own."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = conv(), conv()

    def forward(self, x: Tensor) -> Tensor:
        state = {name: value * 2 for name, value in self.two.named_parameters()}
        h: Tensor = torch.func.functional_call(self.one, state, (x,))
        return h + F.conv2d(x, self.one.weight, padding="same")


@case(IMAGE)
class Infinite(nn.Module):
    """Numbers that are no ordinary numbers in a source text."""

    def forward(self, x: Tensor) -> Tensor:
        h = x.masked_fill(x > 0, float("-inf")).softmax(-1)
        h = torch.where(x > 1, h, float("nan")).nan_to_num(nan=0.5)
        return h.clamp(torch.finfo(x.dtype).min, float("inf")) + h[:, range(2)].sum()


@case(IMAGE)
class TensorOfTensors(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.tensor([x.mean(), x.max()]).sum()


@case(IMAGE)
class Distributions(nn.Module):
    """A distribution checks its arguments, and so decides by their values."""

    def forward(self, x: Tensor) -> Tensor:
        scale = F.softplus(x) + 0.1
        return torch.distributions.Normal(x, scale, validate_args=True).rsample()
