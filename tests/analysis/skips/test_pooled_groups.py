"""Means over groups of positions, copies back, joins along the batch, lists handed to blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from tests.conftest import examples
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import skips


class TokenBlock(nn.Module):
    def __init__(self, residual: bool) -> None:
        super().__init__()
        self.norm, self.linear, self.residual = nn.LayerNorm(8), nn.Linear(8, 8), residual

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear(self.norm(x))
        return y + x if self.residual else y


def copied(h: Tensor, how: str, group: int) -> Tensor:
    if how == "repeat_interleave":
        return h.repeat_interleave(group, 1)
    if how == "stack":
        return torch.stack([h] * group, 2).flatten(1, 2)
    if how == "repeat":
        return h.unsqueeze(2).repeat(1, 1, group, 1).flatten(1, 2)
    return h.unsqueeze(2).expand(-1, -1, group, -1).reshape(h.shape[0], -1, h.shape[2])


class Tokens(nn.Module):
    """Pools groups of tokens by their mean, and adds what it pooled to their copies."""

    def __init__(self, residuals: tuple[bool, ...], how: str, group: int) -> None:
        super().__init__()
        self.pre, self.mid, self.post = map(TokenBlock, residuals)
        self.how, self.group = how, group

    def forward(self, x: Tensor) -> Tensor:
        kept = self.pre(x)
        h = self.mid(kept.unflatten(1, (-1, self.group)).mean(2))
        return self.post(copied(h, self.how, self.group) + kept)


WAYS = ("repeat_interleave", "stack", "repeat", "expand")


@examples(20)
@given(st.tuples(*[st.booleans()] * 3), st.sampled_from(WAYS), st.sampled_from([2, 4, 8]))
def test_tokens_pooled_in_groups_are_a_lower_resolution(
    residuals: tuple[bool, ...], how: str, group: int
) -> None:
    found = skips(tracer.trace(Tokens(residuals, how, group), torch.randn(1, 32, 8)))
    assert [(link.source, link.target, link.join) for link in found] == [("pre", "post", "add")]


class Pixels(nn.Module):
    """The same with squares of pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.pre, self.mid, self.post = (nn.Conv2d(4, 4, 3, 1, 1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        kept = self.pre(x)
        h = self.mid(kept.view(1, 4, 8, 2, 8, 2).mean((3, 5)))
        h = h[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2).reshape(kept.shape)
        return self.post(h + kept)


def test_squares_of_pixels_are_a_lower_resolution() -> None:
    (found,) = skips(tracer.trace(Pixels(), torch.randn(1, 4, 16, 16)))
    assert (found.source, found.target) == ("pre", "post")


class Statistic(nn.Module):
    """Adds a mean over all positions, or over groups of channels, to every position."""

    def __init__(self, read: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.pre, self.mid, self.post = (nn.Linear(8, 8) for _ in range(3))
        self.read = read

    def forward(self, x: Tensor) -> Tensor:
        kept = self.pre(x)
        return self.post(kept + self.mid(self.read(kept)).expand(kept.shape))


@pytest.mark.parametrize(
    "read",
    [
        lambda h: h.mean(1, keepdim=True),
        lambda h: h.unflatten(1, (4, 4)).mean((1, 2)).unsqueeze(1),
        lambda h: h.unflatten(2, (2, 4)).mean((1, 2), keepdim=True).flatten(2).repeat(1, 1, 2),
    ],
)
def test_a_mean_over_all_of_an_axis_is_a_statistic(read: Callable[[Tensor], Tensor]) -> None:
    assert skips(tracer.trace(Statistic(read), torch.randn(1, 16, 8))) == ()


class BatchJoin(nn.Module):
    """Concatenates the skip along the batch, as more samples for the next block."""

    def __init__(self) -> None:
        super().__init__()
        self.pre, self.down = nn.Conv2d(3, 4, 3, 1, 1), nn.Conv2d(4, 4, 3, 2, 1)
        self.up, self.post = nn.ConvTranspose2d(4, 4, 2, 2), nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = self.pre(x)
        h, skip = self.post(torch.cat([self.up(self.down(kept)), kept], 0)).chunk(2, 0)
        return h + skip


def test_a_concatenation_along_the_batch_is_a_join() -> None:
    found, *_ = skips(tracer.trace(BatchJoin(), torch.randn(2, 3, 16, 16)))
    assert (found.source, found.target, found.join) == ("pre", "post", "cat")


class Level(nn.Module):
    """Adds a skip of its level and one of the level above, each with weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.own, self.above = (nn.Conv2d(4, 4, 3, 1, 1) for _ in range(3))

    def forward(self, x: Tensor, own: Tensor, above: Tensor) -> Tensor:
        h = self.up(nn.functional.interpolate(x, scale_factor=2.0))
        h = h + self.own(own)
        return h + self.above(nn.functional.max_pool2d(above, 2))


class SeveralMaps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3, 1, 1), nn.Conv2d(4, 4, 3, 2, 1)
        self.c, self.level, self.leave = nn.Conv2d(4, 4, 3, 2, 1), Level(), nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)
        b = self.b(a)
        return self.leave(self.level(self.c(b), b, a))


def test_each_of_several_maps_that_one_level_adds_is_a_skip() -> None:
    found = skips(tracer.trace(SeveralMaps(), torch.randn(1, 3, 16, 16)))
    assert [(link.source, link.target) for link in found] == [("b", "leave"), ("a", "leave")]


class Pair(NamedTuple):
    one: Tensor
    two: Tensor


class AddedInBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        y: Tensor = self.conv(x + skip)
        return y


class Flat(nn.Module):
    """Two skips at one resolution, which only a container shows."""

    def __init__(self, how: str, in_block: bool) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Conv2d(n, 4, 3, 1, 1) for n in (3, 4, 4))
        self.d = AddedInBlock() if in_block else nn.Conv2d(4, 4, 1)
        self.e = AddedInBlock() if in_block else nn.Conv2d(4, 4, 1)
        self.how, self.in_block = how, in_block

    def joined(self, block: nn.Module, h: Tensor, skip: Tensor) -> Tensor:
        y: Tensor = block(h, skip) if self.in_block else block(h + skip)
        return y

    def forward(self, x: Tensor) -> Tensor:
        lists = defaultdict(list)
        a = self.a(x)
        lists["skips"].append(a)
        b = self.b(a)
        lists["skips"].append(b)
        pair = Pair(a, b)
        h = self.c(b)
        if self.how == "named tuple":
            h = self.joined(self.d, h, pair.two)
            return self.joined(self.e, h, pair.one)
        if self.how == "dict of lists":
            h = self.joined(self.d, h, lists["skips"].pop())
            return self.joined(self.e, h, lists["skips"].pop())
        for block, skip in zip((self.d, self.e), reversed(lists["skips"]), strict=True):
            h = self.joined(block, h, skip)
        return h


@pytest.mark.parametrize(
    ("how", "in_block"), list(product(["named tuple", "dict of lists", "loop"], [False, True]))
)
def test_a_skip_is_found_in_whatever_holds_it(how: str, in_block: bool) -> None:
    trace = tracer.trace(Flat(how, in_block), torch.randn(1, 3, 8, 8))
    targets = ["d.conv", "e.conv"] if in_block else ["d", "e"]
    found = [(link.source, link.target) for link in skips(trace)]
    assert found == list(zip("ba", targets, strict=True))
    assert ledger(trace).observed


class Modulated(nn.Module):
    """Pairs as outputs, gates of a timestep and tables in a list, as in an image transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.first, self.second = (nn.Linear(8, 8) for _ in range(3))

    def attend(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.first(x), self.second(x)

    def forward(self, x: Tensor, timestep: Tensor) -> Tensor:
        tables = []
        for size in range(3):
            tables.append(torch.arange(16.0) * size)
        gate = self.embed(timestep[:, None] * torch.arange(8.0)).unsqueeze(1)
        for table in reversed(tables):
            pair = self.attend(x + table[:, None])
            image, _ = pair
            x = x + gate.expand(x.shape) * image
        return x


def test_gates_and_tables_are_no_skips() -> None:
    trace = tracer.trace(Modulated(), (torch.randn(2, 16, 8), torch.rand(2)))
    assert skips(trace) == ()
    assert {entry.stack for entry in ledger(trace).entries} <= {"pair", "return"}
    assert "tables" not in {other.name for other in ledger(trace).others}
