"""Models that hold their own modules in other ways than as submodules, each with one of them."""

from __future__ import annotations

import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial, update_wrapper
from types import MethodType, SimpleNamespace
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations, weight_norm

MODELS: dict[str, Callable[[], nn.Module]] = {}
"""Each model by its name. All take one input of shape 2×4×8×8."""


def model(build: Any) -> Any:
    """Add a class or function to `MODELS`."""
    MODELS[build.__name__] = build
    return build


def conv(ins: int = 4, outs: int = 4) -> nn.Conv2d:
    return nn.Conv2d(ins, outs, 3, padding=1)


class Block(nn.Module):
    """One convolution that remembers its last result."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()
        self.last: Tensor | None = None
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.last = self.conv(x)
        return self.last


@model
class BoundMethod(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.act = self.gate
        self.first = self.block.forward
        self.call = self.block.conv.__call__

    def gate(self, x: Tensor) -> Tensor:
        self.gated = x.sigmoid()
        return x * self.gated

    def forward(self, x: Tensor) -> Tensor:
        return self.call(self.act(self.first(x))) + self.gated + self.block.last


@model
class PartialOfMethod(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.scaled = partial(self.scale, self.block, by=2)
        self.shifted = partial(F.conv2d, weight=self.block.conv.weight, padding=1)

    def scale(self, block: Block, x: Tensor, by: int) -> Tensor:
        self.by = by
        return block(x) * by

    def forward(self, x: Tensor) -> Tensor:
        return self.shifted(self.scaled(x)) * self.by + self.block.last


@model
class MethodOfAList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])
        self.skips: list[Tensor] = []
        self.push, self.pop = self.skips.append, self.skips.pop

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
            self.push(x)
        return torch.cat([self.pop(), self.pop(), *self.skips], 1)


@model
class ReplacedForward(nn.Module):
    """As wrappers do it that move the inputs of a module to its device."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        block, old = self.block, self.block.forward
        block._old_forward = old

        def forward(module: Block, x: Tensor) -> Tensor:
            module.seen = x
            return module._old_forward(x) + block.seen

        block.forward = update_wrapper(partial(forward, block), old)

    def forward(self, x: Tensor) -> Tensor:
        return self.block(x) + self.block.seen


@model
class HookWithClosure(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block, self.other = Block(), Block()
        self.features: dict[str, Tensor] = {}

        def keep(module: nn.Module, args: Any, result: Tensor) -> Tensor:
            self.features["block"] = result
            self.other.last = result
            return result * 2

        self.handle = self.block.register_forward_hook(keep)
        self.other.register_forward_pre_hook(lambda _, args, owner=self: (args[0] + 1, owner)[:1])

    def forward(self, x: Tensor) -> Tensor:
        h = self.block(x) + self.features["block"] + self.other.last
        self.handle.remove()
        return self.other(self.block(h))


@model
class RecursiveClosure(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        block = self.block = Block()

        def again(x: Tensor, times: int) -> Tensor:
            return again(block(x), times - 1) + block.last if times else x

        self.again = again

    def forward(self, x: Tensor) -> Tensor:
        return self.again(x, 2)


@model
class WeakReferences(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.block.parent = weakref.ref(self)
        self.block.proxies = [weakref.proxy(self)]
        self.scale = 2

    def forward(self, x: Tensor) -> Tensor:
        h = self.block(x)
        self.kept = h * 3
        parent = self.block.parent()
        return h * parent.scale + self.block.proxies[0].kept + parent.kept


@model
class SharedByTwo(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        block = Block()
        self.one, self.two = nn.Sequential(block, nn.ReLU()), nn.ModuleDict({"a": block})

    def forward(self, x: Tensor) -> Tensor:
        return self.two["a"](self.one(x)) + self.one[0].last


@model
class Circle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.block.parents = [self]
        self.me = {"self": self}

    def forward(self, x: Tensor) -> Tensor:
        self.h = self.block(x)
        return self.block.parents[0].h + self.me["self"].block.parents[0].me["self"].block.last


@dataclass
class Stage:
    block: nn.Module
    skips: list[Tensor] = field(default_factory=list)


class Pair(NamedTuple):
    down: Block
    up: Block


class Slotted:
    __slots__ = ("block", "last")

    def __init__(self, block: Block) -> None:
        self.block = block
        self.last: Any = None

    def __call__(self, x: Tensor) -> Tensor:
        self.last = self.block(x)
        return self.last


@model
class PlainHolders(nn.Module):
    """Modules in objects, tuples, deques and dictionaries, some of them not registered."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(6)])
        self.stage = Stage(self.blocks[0])
        self.pair = Pair(*self.blocks[1:3])
        self.slotted = Slotted(self.blocks[3])
        self.queue = deque([self.blocks[4]], maxlen=3)
        self.names = {self.blocks[5]: "last"}
        self.grouped = defaultdict(list, a=[self.blocks[0]])
        self.ordered = OrderedDict(b=(self.blocks[1], Block()))
        self.space = SimpleNamespace(block=self.blocks[2], box=SimpleNamespace(last=None))

    def forward(self, x: Tensor) -> Tensor:
        self.stage.skips.append(self.stage.block(x))
        h = self.pair.up(self.pair.down(self.stage.skips.pop()))
        h = self.slotted(h) + self.blocks[3].last + self.slotted.last
        self.queue.append(self.queue[0])
        h = self.queue.pop()(h) + self.blocks[4].last
        for block in self.names:
            h = block(h) + self.blocks[5].last
        self.space.box.last = self.space.block(h)
        h = h + self.grouped["a"][0].last + self.blocks[2].last + self.space.box.last
        return self.ordered["b"][1](self.ordered["b"][0](h))


@model
class Properties(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(), Block()])

    @property
    def first(self) -> nn.Module:
        return self.blocks[0]

    @cached_property
    def table(self) -> Tensor:
        return torch.arange(8.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) + self.table + self.table * self.blocks[0].last


@model
class Wrapper(nn.Module):
    """Passes on every attribute that it does not have, as wrappers for data parallelism do."""

    def __init__(self) -> None:
        super().__init__()
        self.module = BoundMethod()

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("module"), name)

    def forward(self, x: Tensor) -> Tensor:
        return self.module(x) + self.block(x) + self.gated


class GuardedAttributes(nn.Module):
    """Attributes are frozen after construction, and one is not registered on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.__dict__["hidden"] = Block()
        object.__setattr__(self, "frozen", True)

    def __setattr__(self, name: str, value: Any) -> None:
        if getattr(self, "frozen", False) and name != "training":
            raise AttributeError(f"{name} is frozen")
        super().__setattr__(name, value)

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.hidden(self.block(x)) + self.hidden.last
        return h


model(GuardedAttributes)


@model
class Parametrizations(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = parametrizations.weight_norm(conv())
        self.two = parametrizations.spectral_norm(conv())
        self.three = weight_norm(conv())

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.two(self.one(x)))


@model
def data_parallel() -> nn.Module:
    return nn.DataParallel(SharedByTwo())


@model
def compiled_inside() -> nn.Module:
    net = SharedByTwo()
    net.two["a"].compile()
    return nn.Sequential(torch.compile(Block()), net)


@model
def graph_module() -> nn.Module:
    return torch.fx.symbolic_trace(nn.Sequential(conv(), nn.ReLU(), conv()))


@model
class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 8, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x.flatten(1, 2))[0]


@model
class InstanceForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()

        def forward(self: Any, x: Tensor) -> Tensor:
            self.seen = x
            h: Tensor = self.block(x) + self.seen
            return h

        self.forward = MethodType(forward, self)  # type: ignore[method-assign]


class Mode:
    """A class of constants that are compared by identity."""

    def __init__(self, name: str) -> None:
        self.name = name


FAST, SLOW = Mode("fast"), Mode("slow")


@model
class Sentinels(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block, self.mode = Block(), SLOW

    def forward(self, x: Tensor) -> Tensor:
        if self.mode is SLOW:
            return self.block(x)
        raise ValueError("another mode")


@model
class SetsHooks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()

    def forward(self, x: Tensor) -> Tensor:
        handle = self.block.register_forward_hook(lambda module, args, result: result + module.last)
        h = self.block(x)
        handle.remove()
        self.training = not self.training
        self.register_buffer("seen", h.mean())
        self.extra = nn.Conv2d(4, 4, 1)
        return h * self.seen
