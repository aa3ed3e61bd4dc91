"""tracer/from_torch/capture/recursion_limit.py: room for nested modules, where the stack has it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

import tracer
from tracer.from_torch.capture.model_call import forward_of
from tracer.from_torch.capture.recording import record
from tracer.from_torch.capture.recursion_limit import (
    BYTES_PER_FRAME,
    room_for_nesting,
    smallest_stack,
)

USUAL_LIMIT = 1_000
DEEP = 500
MIB = 1 << 20
IMAGE = (torch.zeros(1, 3, 8, 8),)

needs_room = pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info[:2] == (3, 12),
    reason="only Linux says how large a stack is; Python 3.12 has a limit that cannot be raised",
)
needs_stack_size = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux says how large a stack is"
)


@pytest.fixture(autouse=True)
def _usual_limit() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(USUAL_LIMIT)
    yield
    assert sys.getrecursionlimit() == USUAL_LIMIT
    sys.setrecursionlimit(limit)


class Level(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.inner(x)
        return y


class Endless(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self(x)
        return y


class Failing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(7)


def nested(depth: int, innermost: nn.Module) -> nn.Module:
    for _ in range(depth):
        innermost = Level(innermost)
    return innermost.eval()


def in_thread(stack: int, function: Callable[[], object]) -> list[object]:
    """What a function gave or raised in a thread with a stack of so many bytes."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(function())
        except RecursionError as error:
            found.append(type(error))

    before = threading.stack_size(stack)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return found


@needs_room
def test_500_nested_modules_are_traced_and_verified() -> None:
    model = nested(DEEP, nn.Conv2d(3, 3, 1))
    trace = tracer.trace(model, IMAGE)
    assert [step.block for step in trace.steps] == [".".join(["inner"] * DEEP)]
    assert len(trace.blocks) == DEEP + 1
    assert tracer.verify(model, IMAGE).same


@needs_room
def test_500_nested_modules_are_traced_in_a_thread_with_the_usual_stack() -> None:
    model = nested(DEEP, nn.Conv2d(3, 3, 1))
    assert in_thread(8 * MIB, lambda: len(tracer.trace(model, IMAGE).steps)) == [1]


def test_on_a_small_stack_the_limit_stays_as_it_is() -> None:
    model = nested(DEEP, nn.Conv2d(3, 3, 1))
    assert in_thread(MIB, lambda: tracer.trace(model, IMAGE)) == [RecursionError]


@pytest.mark.parametrize("depth", [0, DEEP])
def test_a_recursion_without_end_is_an_error(depth: int) -> None:
    failure = record(nested(depth, Endless()), IMAGE).failure
    assert failure is not None
    assert isinstance(failure.error, RecursionError)
    assert str(failure.error).startswith("maximum recursion depth exceeded")


def test_the_limit_is_restored_after_an_error() -> None:
    failure = record(nested(DEEP, Failing()), IMAGE).failure
    assert failure is not None
    assert sys.getrecursionlimit() == USUAL_LIMIT


@needs_stack_size
def test_a_limit_that_a_model_sets_is_left() -> None:
    with room_for_nesting(DEEP):
        sys.setrecursionlimit(5_000)
    assert sys.getrecursionlimit() == 5_000
    sys.setrecursionlimit(USUAL_LIMIT)


@needs_stack_size
def test_the_end_of_one_run_leaves_another_its_room() -> None:
    first, second = room_for_nesting(DEEP), room_for_nesting(DEEP // 2)
    first.__enter__()
    most = sys.getrecursionlimit()
    second.__enter__()
    assert sys.getrecursionlimit() == most
    first.__exit__(None, None, None)
    assert USUAL_LIMIT < sys.getrecursionlimit() < most
    second.__exit__(None, None, None)


@needs_stack_size
def test_the_limit_is_never_more_than_the_stack_can_hold() -> None:
    with room_for_nesting(1_000_000):
        assert sys.getrecursionlimit() <= smallest_stack() // BYTES_PER_FRAME
    assert in_thread(2 * MIB, smallest_stack) == [2 * MIB]


def test_a_model_of_ordinary_depth_leaves_the_limit_alone() -> None:
    with room_for_nesting(100):
        assert sys.getrecursionlimit() == USUAL_LIMIT


@pytest.mark.parametrize("kind", ["forward", "forward_pre", "full_backward", "full_backward_pre"])
def test_a_module_with_hooks_is_run_by_pytorch(kind: str) -> None:
    layer = nn.Conv2d(3, 3, 1)
    assert forward_of(layer) == layer.forward
    getattr(layer, f"register_{kind}_hook")(lambda *_: None)
    assert forward_of(layer) == layer._call_impl


def test_a_module_with_its_own_way_to_forward_keeps_it() -> None:
    class Own(nn.Conv2d):
        def _call_impl(self, *args: Tensor) -> Tensor:
            return torch.relu(super()._call_impl(*args))  # type: ignore[no-untyped-call]

    trace = tracer.trace(Own(3, 3, 1), IMAGE)
    assert [step.op for step in trace.steps] == ["conv2d", "relu"]
