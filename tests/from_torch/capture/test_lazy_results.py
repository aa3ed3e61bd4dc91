"""A ``forward`` that returns a generator, an iterator or a coroutine runs to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from tests.conftest import examples
from tracer.from_torch.capture.lazy_results import ITEM_LIMIT
from tracer.from_torch.verify.verdict import verify_replay
from tracer.record import Trace

IMAGE = torch.zeros(1, 3, 8, 8)


class Conv(nn.Conv2d):
    def __init__(self, stride: int = 1) -> None:
        super().__init__(3, 3, 3, stride, 1)


class Yields(nn.Module):
    """Yields the feature map of each level."""

    def __init__(self, levels: int = 3) -> None:
        super().__init__()
        self.levels = nn.ModuleList(Conv(2) for _ in range(levels))

    def forward(self, x: Tensor) -> Iterator[Tensor]:
        for level in self.levels:
            x = level(x)
            yield x


class Maps(nn.Module):
    """Returns a lazy iterator inside a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.head = Conv()

    def forward(self, x: Tensor) -> dict[str, object]:
        return {"maps": map(self.head, [x, x + 1]), "scale": 1.5}


class Awaits(nn.Module):
    """A coroutine of which two parts run at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = AsyncConv(), AsyncConv()

    async def forward(self, x: Tensor) -> Tensor:
        left, right = await asyncio.gather(self.one(x), self.two(x))
        return left + right


class AsyncConv(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = Conv()

    async def forward(self, x: Tensor) -> Tensor:
        await asyncio.sleep(0)
        return self.conv(x)


class YieldsAsync(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = AsyncConv()

    async def forward(self, x: Tensor) -> AsyncIterator[Tensor]:
        for _ in range(2):
            x = await self.part(x)
            yield x


class Pyramid(nn.Module):
    """Goes on with each feature map before the encoder makes the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.head = Yields(), Conv()

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.head(level) for level in self.encoder(x)]


def ops(trace: Trace) -> list[str]:
    return [step.op for step in trace.steps]


@pytest.mark.parametrize(
    ("model", "expected", "outputs"),
    [
        (Yields(), ["conv2d"] * 3, 3),
        (Maps(), ["add"] + ["conv2d"] * 2, 2),
        (Awaits(), ["conv2d", "conv2d", "add"], 1),
        (YieldsAsync(), ["conv2d"] * 2, 2),
        (Pyramid(), ["conv2d"] * 6, 3),
    ],
    ids=lambda item: type(item).__name__ if isinstance(item, nn.Module) else "",
)
def test_what_is_returned_before_it_has_run_is_run(
    model: nn.Module, expected: list[str], outputs: int
) -> None:
    trace = tracer.trace(model, IMAGE)
    assert ops(trace) == expected
    assert len(trace.outputs) == outputs
    assert trace.notes == ()
    assert (trace.root.first, trace.root.last) == (0, len(expected))
    assert verify_replay(model, IMAGE).proven


def test_each_part_of_a_generator_belongs_to_its_block() -> None:
    trace = tracer.trace(Pyramid(), IMAGE)
    assert [(block.call, block.first, block.last) for block in trace.root.walk()][1:] == [
        ("encoder", 0, 1),
        ("encoder.levels.0", 0, 1),
        ("head", 1, 2),
        ("encoder@1", 2, 3),
        ("encoder.levels.1", 2, 3),
        ("head@1", 3, 4),
        ("encoder@2", 4, 5),
        ("encoder.levels.2", 4, 5),
        ("head@2", 5, 6),
    ]
    assert [len(trace.blocks[call].outputs) for call in ("encoder", "encoder@2")] == [1, 1]


def test_a_generator_that_is_read_at_once_is_one_call() -> None:
    class Reads(Pyramid):
        def forward(self, x: Tensor) -> list[Tensor]:
            return list(self.encoder(x))

    encoder = tracer.trace(Reads(), IMAGE).blocks["encoder"]
    assert (encoder.first, encoder.last, len(encoder.outputs)) == (0, 3, 3)


def test_the_caller_may_send_to_a_generator_and_close_it() -> None:
    class Asks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.closed = Conv(), False

        def forward(self, x: Tensor) -> Iterator[Tensor]:
            try:
                while True:
                    x = self.conv(x) if (yield x) == "conv" else x + 1
            finally:
                self.closed = True

    class Directs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.part = Asks()

        def forward(self, x: Tensor) -> Tensor:
            steps = self.part(x)
            next(steps)
            steps.send("add")
            result = steps.send("conv")
            steps.close()
            assert self.part.closed
            return result

    assert ops(tracer.trace(Directs(), IMAGE)) == ["add", "conv2d"]


def test_lines_of_a_generator_are_recorded() -> None:
    trace = tracer.trace(Yields(), IMAGE)
    assert len([line for line in trace.lines if line.last > line.first]) == 3


def test_an_iterator_without_end_is_cut_off_and_that_is_noted() -> None:
    class Endless(nn.Module):
        def forward(self, x: Tensor) -> Iterator[Tensor]:
            for number in count():
                yield x[..., number % 8]

    trace = tracer.trace(Endless(), IMAGE, lines=False)
    assert len(trace.outputs) == ITEM_LIMIT
    assert trace.notes == (
        "The model returned an iterator with more than 1,000 items; the others were not read.",
    )


def test_an_exception_of_a_generator_is_the_users_own() -> None:
    error = ValueError("no more")

    class Breaks(Yields):
        def forward(self, x: Tensor) -> Iterator[Tensor]:
            yield self.levels[0](x)
            raise error

    with pytest.raises(ValueError, match="no more") as caught:
        tracer.trace(Breaks(), IMAGE)
    assert caught.value is error
    assert "after 1 operation" in error.__notes__[0]


def test_a_model_that_runs_nothing_is_noted() -> None:
    def nothing(x: Tensor) -> str:
        return "later"

    class Later(nn.Module):
        def forward(self, x: Tensor) -> object:
            return nothing

    said = "No operation ran. The model returned an object of type {}."
    assert tracer.trace(Later(), IMAGE).notes == (said.format("function"),)
    assert tracer.trace(nn.Identity(), IMAGE).notes == (said.format("Tensor"),)


def test_a_coroutine_runs_where_an_event_loop_is_running() -> None:
    async def in_a_notebook() -> Trace:
        return tracer.trace(Awaits(), IMAGE)

    assert len(asyncio.run(in_a_notebook()).steps) == 3


# ------------------------------------------------------------------------------ models at random


class Stage(nn.Module):
    """A stage that gives its result at once, as a generator or as a coroutine."""

    def __init__(self, kind: str, stride: int) -> None:
        super().__init__()
        self.kind, self.conv = kind, Conv(stride)

    def forward(self, x: Tensor) -> object:
        return getattr(self, self.kind)(x)

    def plain(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x))

    def generator(self, x: Tensor) -> Iterator[Tensor]:
        x = self.conv(x)
        yield torch.relu(x)

    def iterator(self, x: Tensor) -> Iterator[Tensor]:
        return map(torch.relu, map(self.conv, [x]))


class Stages(nn.Module):
    """Runs stages one after the other, as a generator or not."""

    def __init__(self, kinds: list[tuple[str, int]], *, lazy: bool) -> None:
        super().__init__()
        self.stages, self.lazy = nn.ModuleList(Stage(*kind) for kind in kinds), lazy

    def forward(self, x: Tensor) -> object:
        return self.results(x) if self.lazy else list(self.results(x))

    def results(self, x: Tensor) -> Iterator[Tensor]:
        for stage in self.stages:
            result = stage(x)
            x = result if isinstance(result, Tensor) else next(iter(result))
            yield x + 1


@examples(25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["plain", "generator", "iterator"]), st.integers(1, 2)),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
def test_a_lazy_model_is_recorded_as_one_that_computes_at_once(
    kinds: list[tuple[str, int]], lazy: bool
) -> None:
    trace = tracer.trace(Stages(kinds, lazy=lazy), IMAGE)
    size, sizes = 8, []
    for _, stride in kinds:
        size = -(-size // stride)
        sizes.append((1, 3, size, size))
    assert ops(trace) == ["conv2d", "relu", "add"] * len(kinds)
    assert [value.shape for value in trace.outputs] == sizes
    for block in trace.root.walk():  # ranges of blocks are nested
        assert all(block.first <= one.first <= one.last <= block.last for one in block.children)
    stages = [block.call for block in trace.root.children]
    owners = {step.block for step in trace.steps if step.op == "relu"}
    assert {owner.partition("@")[0] for owner in owners} <= {"", *stages}
