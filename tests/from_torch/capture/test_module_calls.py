"""Every call of a module is a block, with the shapes that forward hooks see in a real run."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

import tracer
from tests.from_torch.registry import built, filled, run, tensors
from tests.from_torch.zoo import Case, each_case, quiet, traced
from tracer.record import Value

pytestmark = quiet

Shapes = list[tuple[tuple[int, ...], str]]


@dataclass
class SeenCall:
    """A call of a module as hooks see it: class, positional tensors, results."""

    kind: str
    inputs: Shapes
    outputs: Shapes = field(default_factory=list)


def shapes(item: Any) -> Shapes:
    return [(tuple(one.shape), str(one.dtype).removeprefix("torch.")) for one in tensors(item)]


def recorded(values: tuple[Value, ...]) -> Any:
    return [(value.shape, value.dtype) for value in values]


def seen_by_hooks(one: Case) -> list[SeenCall]:
    """All module calls of a real run, in the order in which they began."""
    model, inputs = built(one.plain), filled(one)
    calls: list[SeenCall] = []
    running: list[SeenCall] = []

    def begins(module: nn.Module, args: Any) -> None:
        calls.append(SeenCall(type(module).__name__, shapes(args)))
        running.append(calls[-1])

    def ends(module: nn.Module, args: Any, result: Any) -> None:
        running.pop().outputs = shapes(result)

    handles = [register_module_forward_pre_hook(begins), register_module_forward_hook(ends)]
    try:
        run(model, inputs)
    finally:
        for handle in handles:
            handle.remove()
    return calls


@each_case
def test_the_blocks_are_the_calls_that_hooks_see(one: Case) -> None:
    expected = seen_by_hooks(one)
    blocks = list(traced(one.name).root.walk())
    assert [block.kind for block in blocks] == [call.kind for call in expected]
    assert [recorded(block.outputs) for block in blocks] == [call.outputs for call in expected]
    inputs = [recorded(block.inputs) for block in blocks]
    # hooks do not see the keywords, which come last
    assert [found[: len(call.inputs)] for found, call in zip(inputs, expected, strict=True)] == [
        call.inputs for call in expected
    ]


@each_case
def test_every_registered_module_is_called_by_its_path(one: Case) -> None:
    paths = {path for path, _ in built(one.plain).named_modules()}
    made = {"<Sequential>", "<Conv2d>"}  # and numbered from the second on
    kept_elsewhere = {"first.0", "first.1", "named.last", "scale", "<AvgPool2d>"}
    found = {block.path.partition("#")[0] for block in traced(one.name).root.walk()}
    assert found <= paths | kept_elsewhere | made


def test_a_module_called_twice_is_two_blocks() -> None:
    calls = [(block.call, block.path) for block in traced("CalledTwice").root.children]
    assert calls == [("conv", "conv"), ("conv@1", "conv"), ("conv@2", "conv")]


def test_modules_in_plain_lists_are_called_by_where_they_are_kept() -> None:
    calls = [block.call for block in traced("ModulesInPlainLists").root.children]
    assert calls == ["first.0", "first.1", "named.last"]


def test_a_compiled_module_is_called_by_the_path_of_its_wrapper() -> None:
    assert [block.call for block in traced("wrapped_submodule").root.children] == ["small", "last"]


def test_a_scripted_module_is_a_block_without_blocks_in_it() -> None:
    small = traced("scripted_submodule").blocks["small"]
    assert small.children == ()
    assert small.last - small.first == 4


def test_parametrizations_are_blocks_of_the_module_that_they_belong_to() -> None:
    calls = [block.call for block in traced("Parametrized").blocks["one"].children]
    assert calls == ["one.parametrizations.weight"]


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("Checkpointed", ["one", "drop", "two"]),
        ("Generates", ["convs.0", "convs.1"]),
        ("MadeInForward", ["scale", "<AvgPool2d>"]),
        ("PassedAsArgument", ["one", "middle", "tail"]),
        ("ReturnedByAHelper", ["encoder.one", "encoder.two", "encoder.last"]),
    ],
)
def test_what_helpers_call_belongs_to_the_module_whose_forward_runs(
    name: str, calls: list[str]
) -> None:
    found = [block.call for block in traced(name).root.children]
    assert found[: len(calls)] == calls


class Doubles(nn.Module):
    """Its class says itself how it is called, and then has `nn.Module` do it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)

    def __call__(self, x: Tensor) -> Tensor:
        found: Tensor = super().__call__(2 * x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class DoublesTwice(Doubles):
    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x) * 2


class Holder(nn.Module):
    """It hands every call on to the module that it holds, as an average of weights does."""

    def __init__(self, held: nn.Module) -> None:
        super().__init__()
        self.held = held

    def __call__(self, *args: Tensor) -> Any:
        return self.held(*args)


def test_a_module_whose_class_says_how_it_is_called_is_one_block() -> None:
    before = [vars(kind)["__call__"] for kind in (Doubles, DoublesTwice, Holder, nn.Module)]
    trace = tracer.trace(Holder(nn.Sequential(Doubles(), DoublesTwice())), torch.rand(1, 4, 8, 8))
    assert [block.call for block in trace.root.walk()] == [
        *("", "held", "held.0", "held.0.conv", "held.1", "held.1.conv")
    ]
    steps = trace.blocks["held.1"]
    assert [step.op for step in trace.steps[steps.first : steps.last]] == ["mul", "conv2d", "mul"]
    assert [vars(kind)["__call__"] for kind in (Doubles, DoublesTwice, Holder, nn.Module)] == before


def test_a_second_thread_waits_for_its_turn() -> None:
    """Both would replace `nn.Module.__call__`, and the last to end would not give it back."""
    before = nn.Module.__call__
    began, ended = threading.Event(), threading.Event()

    class Second(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            began.set()
            ended.wait(5)
            return x + 1

    thread = threading.Thread(target=lambda: tracer.trace(Second(), torch.ones(1)))

    class First(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            thread.start()
            began.wait(0.2)
            return x * 2

    trace = tracer.trace(First(), torch.ones(1))
    ended.set()
    thread.join()
    assert [step.op for step in trace.steps] == ["mul"]
    assert began.is_set()
    assert nn.Module.__call__ is before
