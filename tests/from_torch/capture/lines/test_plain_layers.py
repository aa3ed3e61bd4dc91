"""What is passed over to save time changes no trace: idle lines, and what PyTorch's layers do."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

import tracer
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import Case, each_case, quiet, traced
from tracer.from_torch.capture.lines import plain_layers
from tracer.from_torch.capture.lines.frame_state import FrameState
from tracer.record import Trace

pytestmark = quiet


@pytest.fixture
def nothing_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameState, "is_idle", lambda *_: False)
    monkeypatch.setattr(plain_layers, "is_plain_layer", lambda _: False)


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_passed_over")
@each_case
def test_a_trace_is_the_same_if_nothing_is_passed_over(one: Case) -> None:
    expected = tracer.trace(built(one.build), filled(one))
    assert traced(one.name) == expected


def statements(trace: Trace) -> list[str]:
    """The source of each line that ran an operation or changed a container."""
    source = inspect.getsource(inspect.getmodule(statements)).splitlines()  # type: ignore[arg-type]
    return [
        source[one.line - 1].strip() for one in trace.lines if one.changes or one.last > one.first
    ]


class Branches(nn.Module):
    """A model whose branches push onto a list, in ways that only a call shows."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.how = how
        self.hs: list[Tensor] = []
        self.held = Tensor()

    @property
    def is_ready(self) -> bool:
        """Not only a question."""
        self.hs.append(self.held)
        return True

    def __eq__(self, other: object) -> bool:
        return self.is_ready

    __hash__ = nn.Module.__hash__

    def __getattr__(self, name: str) -> Any:
        return self.is_ready if name == "missing" else super().__getattr__(name)

    def forward(self, x: Tensor) -> Tensor:
        self.hs = []
        self.held = x = self.conv(x)
        if self.how == "a property":
            if self.is_ready:
                pass
        elif self.how == "a comparison":
            if self == x:
                pass
        elif self.how == "an attribute that is computed" and self.missing:
            pass
        return x + self.hs[0]


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("a property", "if self.is_ready:"),
        ("a comparison", "if self == x:"),
        (
            "an attribute that is computed",
            'elif self.how == "an attribute that is computed" and self.missing:',
        ),
    ],
)
def test_a_branch_that_changes_something_is_seen(how: str, line: str) -> None:
    found = tracer.trace(Branches(how), torch.ones(1, 3, 4, 4))
    source = inspect.getsource(inspect.getmodule(Branches)).splitlines()  # type: ignore[arg-type]
    pushes = [one.line for one in found.lines for change in one.changes if change.kind == "push"]
    assert line in [source[number - 1].strip() for number in pushes]


class Layer(nn.Module):
    """A model with one layer of PyTorch, that may run code of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        with self.around():
            return self.linear(x)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Nothing is around it."""
        yield


class Doubled(nn.Linear):
    """A layer that is not PyTorch's own."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 2.0


class Doubling(TorchFunctionMode):
    """A mode in the file of the model."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        return result * 2.0 if func is nn.functional.linear else result


class InMode(Layer):
    """A model that runs its layer in a mode."""

    @contextmanager
    def around(self) -> Iterator[None]:
        with Doubling():
            yield


def with_hook() -> Layer:
    model = Layer()

    def double(module: nn.Module, args: Any, result: Tensor) -> Tensor:
        return result * 2.0

    model.linear.register_forward_hook(double)
    return model


def with_hook_before() -> Layer:
    model = Layer()

    def double(module: nn.Module, args: Any) -> Any:
        return args[0] * 2.0

    model.linear.register_forward_pre_hook(double)
    return model


def with_layer_of_its_own() -> Layer:
    model = Layer()
    model.linear = Doubled(2, 2)
    return model


def with_forward_of_its_own() -> Layer:
    model = Layer()
    forward = model.linear.forward

    def double(x: Tensor) -> Tensor:
        return forward(x) * 2.0

    model.linear.forward = double  # type: ignore[method-assign]
    return model


@pytest.mark.parametrize(
    "make",
    [with_hook, with_hook_before, with_layer_of_its_own, with_forward_of_its_own, InMode],
    ids=lambda make: make.__name__,
)
def test_code_of_the_model_inside_a_layer_has_its_lines(make: Any) -> None:
    found = tracer.trace(make(), torch.ones(1, 2))
    assert any("* 2.0" in line for line in statements(found))
