"""A run sees a copy of the module tree; the model itself is never written to."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from tests.conftest import examples
from tests.from_torch.capture.isolation.photograph import Photograph
from tests.from_torch.capture.isolation.shadowed_models import MODELS, Block, Slotted, conv
from tests.from_torch.zoo import quiet
from tracer.from_torch.capture.isolation.module_shadow import ModuleShadow
from tracer.from_torch.capture.model_call import modules_by_path
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.tensor_source import FakeTensors

pytestmark = quiet

X = torch.randn(2, 4, 8, 8)
each_model = pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)


def shadow_of(model: nn.Module) -> ModuleShadow:
    return ModuleShadow(modules_by_path(model), StateSwap(FakeTensors()))


def built(build: Callable[[], nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    return build().eval()


@each_model
def test_a_copy_runs_as_the_model_does_and_the_model_stays(build: Callable[[], nn.Module]) -> None:
    model = built(build)
    before = Photograph(model)
    trace = tracer.trace(model, X)
    graph = tracer.graph(model, X)
    assert Photograph(model).parts == before.parts
    assert trace.notes == ()
    torch.compiler.set_stance("force_eager")
    try:
        with torch.no_grad():
            assert torch.equal(graph(X), built(build)(X))
    finally:
        torch.compiler.set_stance("default")


@each_model
def test_each_module_of_the_model_has_one_copy(build: Callable[[], nn.Module]) -> None:
    model = built(build)
    shadow = shadow_of(model)
    modules = list(model.modules())
    copies = [shadow.of(module) for module in modules]
    assert len(set(map(id, copies)) | set(map(id, modules))) == 2 * len(modules)
    assert [type(copied) for copied in copies] == [type(module) for module in modules]
    assert [shadow.original(copied) for copied in copies] == modules
    with shadow.active() as copied:
        assert set(map(id, copied.modules())) == set(map(id, copies))
        assert list(copied.state_dict()) == list(model.state_dict())


@contextmanager
def used_by_a_thread(use: Callable[[], Any]) -> Iterator[list[BaseException]]:
    """Another thread calls `use` again and again; what it raised is in the list."""
    stop, errors = threading.Event(), list[BaseException]()

    def run() -> None:
        while not stop.is_set():
            try:
                use()
            except BaseException as error:
                errors.append(error)
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield errors
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("name", ["BoundMethod", "SharedByTwo", "PlainHolders", "data_parallel"])
def test_another_thread_uses_the_model_undisturbed(name: str) -> None:
    model = built(MODELS[name])
    with torch.no_grad():
        expected = model(X)

    def use() -> None:
        with torch.no_grad():
            assert torch.equal(model(X), expected)
        assert all(type(one) is nn.Parameter for one in model.parameters())

    with used_by_a_thread(use) as errors:
        for _ in range(4):
            tracer.trace(model, X)
    assert errors == []


def test_another_thread_converts_and_changes_its_modules_undisturbed() -> None:
    model = built(MODELS["SharedByTwo"])

    def use() -> None:
        other = nn.Sequential(conv(), nn.BatchNorm2d(4)).double().train()
        assert type(other[0].weight) is nn.Parameter
        handle = other[0].register_forward_hook(lambda module, args, result: result * 2)
        other(X.double()).sum().backward()
        handle.remove()
        assert other[0].weight.grad is not None

    with used_by_a_thread(use) as errors:
        for _ in range(4):
            tracer.trace(model, X)
    assert errors == []


class Closes(nn.Module):
    """Gives up what it has opened when it is no longer used."""

    closed = 0

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()

    def __del__(self) -> None:
        Closes.closed += 1

    def forward(self, x: Tensor) -> Tensor:
        self.last = self.conv(x)
        return self.last


def test_a_module_that_cannot_be_copied_is_run_itself_and_a_note_says_so() -> None:
    model = nn.Sequential(conv(), Closes())
    before = Photograph(model)
    trace = tracer.trace(model, X)
    assert trace.notes == (
        "1 (Closes) cannot be copied: its class defines __del__, which would run for a copy, too. "
        "The run used it directly, so while it is traced, no other thread should call it.",
    )
    assert [step.block for step in trace.steps] == ["0", "1.conv"]
    assert Photograph(model).parts == before.parts
    assert Closes.closed == 0


class Noise(nn.Module, random.Random):
    """A module that is a generator of the standard library as well."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        random.Random.__init__(self, 3)
        self.conv = conv()

    def forward(self, x: Tensor) -> Tensor:
        self.last = self.conv(x) * self.random()
        return self.last


def test_a_module_with_state_in_c_is_run_itself() -> None:
    model = Noise()
    trace = tracer.trace(model, X)
    assert "its class keeps state in C" in trace.notes[0]
    assert type(model.conv.weight) is nn.Parameter
    assert "last" not in vars(model)


class Numbered(nn.Module):
    __slots__ = ("last", "number")

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()
        object.__setattr__(self, "number", [3])

    def forward(self, x: Tensor) -> Tensor:
        self.number.append(4)
        return self.conv(x) * sum(self.number)


def test_slots_are_copied() -> None:
    model = Numbered()
    trace = tracer.trace(model, X)
    assert trace.notes == ()
    assert model.number == [3]


# ------------------------------------------------------------- a model reached past its copy

NET: Any = None
STATES: dict[Any, int] = {}


class Reports(nn.Module):
    """Tells the model, by a global name, what it computed."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv()

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv(x)
        NET.features.append(h)
        NET.calls += 1
        return h


class Reported(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList([Reports(), Reports()])
        self.features: list[Tensor] = []
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        for part in self.parts:
            x = part(x)
        return torch.cat([self.features.pop(), self.features.pop()], 1) * self.calls


def test_a_model_that_its_code_reaches_by_a_global_name_is_run_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = Reported()
    monkeypatch.setitem(globals(), "NET", model)
    before = Photograph(model)
    trace = tracer.trace(model, X)
    assert [step.op for step in trace.steps] == ["conv2d", "conv2d", "cat", "mul"]
    (note,) = trace.notes
    assert note.startswith(
        "The model cannot be copied: its code reaches it by the global name NET."
    )
    assert Photograph(model).parts == before.parts


def test_a_global_name_that_the_code_of_the_model_does_not_use_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = built(MODELS["BoundMethod"])
    monkeypatch.setitem(globals(), "NET", model)
    monkeypatch.setattr(f"{Block.__module__}.FAST", model)
    assert tracer.trace(model, X).notes == ()


def test_a_model_that_is_reached_through_another_module_is_run_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Far(nn.Module):
        def __init__(self, holder: Callable[[], Any]) -> None:
            super().__init__()
            self.conv, self.holder, self.kept = conv(), holder, dict[str, Tensor]()

        def forward(self, x: Tensor) -> Tensor:
            self.holder().kept["x"] = self.conv(x)
            return self.kept["x"] * 2

    models: list[nn.Module] = []
    model = Far(lambda: models[0])
    models.append(model)
    before = Photograph(model)
    trace = tracer.trace(model, X)
    assert [step.op for step in trace.steps] == ["conv2d", "mul"]
    assert Photograph(model).parts == before.parts


def test_a_model_that_is_a_key_of_a_global_dictionary_is_run_itself() -> None:
    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = conv()
            STATES[self] = STATES[id(self)] = 2

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(x) * STATES[self] * STATES[id(self)]

    try:
        trace = tracer.trace(Looks(), X)
    finally:
        STATES.clear()
    assert [step.op for step in trace.steps] == ["conv2d", "mul", "mul"]
    assert "cannot be copied" in trace.notes[0]


def test_a_module_of_the_model_that_a_global_name_calls_is_recorded_as_its_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Calls(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = Block()
            self.slotted = Slotted(Block())
            self.find = lambda: found[0]

        def forward(self, x: Tensor) -> Tensor:
            return self.find()(x) + self.slotted(x)

    found: list[nn.Module] = []
    model = Calls()
    found.append(model.block)
    trace = tracer.trace(model, X)
    assert [step.block for step in trace.steps] == ["block.conv", "<Block>.conv", ""]
    assert model.block.last is None
    assert model.block.calls == 0


# --------------------------------------------------------------------------- models drawn at random


@st.composite
def held(draw: st.DrawFn, modules: list[nn.Module], depth: int = 3) -> Any:
    """Any nesting of containers and objects around some of the modules."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(modules))
    kind = draw(st.sampled_from([list, tuple, deque, dict, Slotted]))
    items = [draw(held(modules, depth - 1)) for _ in range(draw(st.integers(1, 2)))]
    if kind is dict:
        return dict(enumerate(items))
    return Slotted(items[0]) if kind is Slotted else kind(items)


def leaves(item: Any) -> list[nn.Module]:
    if isinstance(item, nn.Module):
        return [item]
    if isinstance(item, Slotted):
        return leaves(item.block)
    parts = item.values() if isinstance(item, dict) else item
    return [leaf for part in parts for leaf in leaves(part)]


class Holds(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(count)])
        self.held: Any = None

    def forward(self, x: Tensor) -> Tensor:
        for block in leaves(self.held):
            x = block(x) + block.last
        return x


@given(st.data(), st.integers(1, 4))
@examples(25)
def test_modules_held_in_any_nesting_are_those_of_the_copy(data: st.DataObject, count: int) -> None:
    model = Holds(count)
    model.held = data.draw(held([*model.blocks]))
    paths = {id(block): f"blocks.{number}.conv" for number, block in enumerate(model.blocks)}
    expected = [paths[id(block)] for block in leaves(model.held)]
    before = Photograph(model)
    trace = tracer.trace(model, X)
    assert [step.block.partition("@")[0] for step in trace.steps if step.op == "conv2d"] == expected
    assert Photograph(model).parts == before.parts
