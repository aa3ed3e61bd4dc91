"""Copies of modules without hooks share one dictionary for them, which no model can notice."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.from_torch.capture.isolation.photograph import Photograph
from tests.from_torch.zoo import quiet
from tracer.from_torch.capture.isolation.module_shadow import HOOKS, ModuleShadow
from tracer.from_torch.capture.isolation.shared_hooks import OwnHooksNeeded, SharedHooks
from tracer.from_torch.capture.model_call import modules_by_path
from tracer.from_torch.capture.state_swap import StateSwap
from tracer.from_torch.capture.tensor_source import FakeTensors

pytestmark = quiet

X = torch.randn(1, 2, 4, 4)
Add = Callable[[nn.Module, Any], object]


def relu(module: nn.Module, args: Any, result: Tensor) -> Tensor:
    return result.relu()


def sigmoid_before(module: nn.Module, args: Any) -> Any:
    return args[0].sigmoid()


class AddsHooks(nn.Module):
    """Adds a hook to the second of three layers while it runs, and removes it afterwards."""

    def __init__(self, add: Add) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(2, 2, 1) for _ in range(3))
        self.add = add

    def forward(self, x: Tensor) -> Tensor:
        handle: Any = self.add(self.layers[1], relu)
        for layer in self.layers:
            x = layer(x)
        if handle is not None:
            handle.remove()
        layer = self.layers[1]
        for hooks in (layer._forward_hooks, layer._forward_pre_hooks):
            hooks.clear()
        return x


def register(module: nn.Module, hook: Any) -> object:
    return module.register_forward_hook(hook)


def register_first(module: nn.Module, hook: Any) -> object:
    return module.register_forward_hook(hook, prepend=True)


def register_always(module: nn.Module, hook: Any) -> object:
    return module.register_forward_hook(hook, always_call=True)


def register_caught(module: nn.Module, hook: Any) -> object:
    try:
        return module.register_forward_hook(hook)
    except BaseException:
        return None


def set_item(module: nn.Module, hook: Any) -> object:
    module._forward_hooks[-1] = hook
    return None


def update(module: nn.Module, hook: Any) -> object:
    module._forward_hooks.update({-1: hook})
    return None


def set_default(module: nn.Module, hook: Any) -> object:
    module._forward_hooks.setdefault(-1, hook)
    return None


def replace(module: nn.Module, hook: Any) -> object:
    module._forward_hooks = type(module._forward_hooks)()
    module._forward_hooks[-1] = hook
    return None


def merge(module: nn.Module, hook: Any) -> object:
    module._forward_hooks |= {-1: hook}
    return None


WAYS = [
    *(register, register_first, register_always, register_caught),
    *(set_item, update, set_default, replace, merge),
]


@pytest.mark.parametrize("add", WAYS)
def test_a_hook_that_forward_adds_runs_for_its_own_module_alone(add: Add) -> None:
    model = AddsHooks(add).eval()
    before = Photograph(model)
    trace = tracer.trace(model, X)
    assert [step.op for step in trace.steps] == ["conv2d", "conv2d", "relu", "conv2d"]
    blocks = [step.block for step in trace.steps]
    assert blocks == ["layers.0", "layers.1", "layers.1", "layers.2"]
    assert trace.notes == ()
    assert Photograph(model).parts == before.parts
    with torch.no_grad():
        assert torch.equal(tracer.graph(model, X)(X), model(X))


class AddsHooksBefore(AddsHooks):
    def forward(self, x: Tensor) -> Tensor:
        with self.layers[2].register_forward_pre_hook(sigmoid_before):
            for layer in self.layers:
                x = layer(x)
        return x


def test_a_hook_before_a_module_runs_as_well() -> None:
    trace = tracer.trace(AddsHooksBefore(register).eval(), X)
    assert [step.op for step in trace.steps] == ["conv2d", "conv2d", "sigmoid", "conv2d"]


class CopiesLayer(nn.Module):
    """Adds a hook to a copy of a layer, which has dictionaries of its own."""

    def __init__(self, copied: Callable[[nn.Module], nn.Module]) -> None:
        super().__init__()
        self.layer = nn.Conv2d(2, 2, 1)
        self.copied = copied

    def forward(self, x: Tensor) -> Tensor:
        layer = self.copied(self.layer)
        layer.register_forward_hook(relu)
        result: Tensor = layer(self.layer(x))
        return result


def pickled(module: nn.Module) -> nn.Module:
    copied: nn.Module = pickle.loads(pickle.dumps(module))
    return copied


OPERATIONS = {
    copy.deepcopy: ["conv2d", "conv2d", "relu"],
    copy.copy: ["conv2d", "relu"] * 2,  # which shares its hooks with the module
}


@pytest.mark.parametrize("copied", OPERATIONS)
def test_a_copy_that_forward_makes_has_the_hooks_that_it_would_have(copied: Any) -> None:
    trace = tracer.trace(CopiesLayer(copied).eval(), X)
    assert [step.op for step in trace.steps if step.op in {"conv2d", "relu"}] == OPERATIONS[copied]


class Counts(nn.Module):
    """Has every kind of module state, and counts the times that it really runs."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.ReLU())
        self.layers[0].register_forward_hook(relu)

    def forward(self, x: Tensor) -> Tensor:
        RUNS.append(1)
        result: Tensor = self.layers(x)
        return result


RUNS: list[int] = []


@pytest.mark.parametrize("lines", [True, False])
def test_a_model_that_needs_no_more_runs_once(lines: bool) -> None:
    RUNS.clear()
    tracer.trace(Counts(), X, lines=lines)
    assert len(RUNS) == 1


COPIES: list[nn.Module] = []


class KeepsCopies(nn.Module):
    """Copies a module without parameters, which may stay after a run."""

    def __init__(self, copied: Callable[[nn.Module], nn.Module]) -> None:
        super().__init__()
        self.acts = nn.ModuleList([nn.ReLU(), nn.Tanh()])
        self.copied = copied

    def forward(self, x: Tensor) -> Tensor:
        COPIES.extend(map(self.copied, self.acts))
        return self.acts[1](self.acts[0](x))  # type: ignore[no-any-return]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_that_stays_after_the_run_has_hooks_of_its_own(copied: Any) -> None:
    COPIES.clear()
    trace = tracer.trace(KeepsCopies(copied).eval(), X)
    assert [step.op for step in trace.steps] == ["relu", "tanh"]
    first, second = COPIES[-2:]
    first.register_forward_hook(relu)
    assert [len(one._forward_hooks) for one in (first, second)] == [1, 0]
    assert len(first._forward_hooks_with_kwargs) == 0


def dictionaries(module: nn.Module) -> list[Any]:
    """Those for the hooks of a module and all in it."""
    found = [vars(part)[name] for part in module.modules() for name in HOOKS]
    return [one for one in found if isinstance(one, OrderedDict)]


def test_modules_without_hooks_share_one_dictionary_and_others_have_copies_of_theirs() -> None:
    model = nn.Sequential(nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1))
    model[1].register_forward_hook(relu)
    shared = SharedHooks.create()
    modules, swap = modules_by_path(model), StateSwap(FakeTensors())
    before = shared.references
    shadow = ModuleShadow(modules, swap, hooks=shared)
    with shadow.active() as copied:
        own = [one for one in dictionaries(copied) if one is not shared]
        assert own == [model[1]._forward_hooks]
        assert own[0] is not model[1]._forward_hooks
        assert shared.references > before
    shadow.release()
    del copied, own, shadow
    assert shared.references == before
    assert all(type(one) is OrderedDict for one in dictionaries(model))


@pytest.mark.parametrize("add", WAYS)
def test_the_dictionary_stays_empty_and_knows_that_more_was_needed(add: Add) -> None:
    shared = SharedHooks.create()
    layer = nn.Conv2d(2, 2, 1)
    for name in HOOKS:
        if isinstance(vars(layer)[name], OrderedDict):
            vars(layer)[name] = shared
    with suppress(OwnHooksNeeded):
        add(layer, relu)
    assert not shared
    assert shared.is_asked == (add is not replace)


def test_what_asks_for_the_class_of_the_dictionary_gets_an_ordinary_one() -> None:
    shared = SharedHooks.create()
    for made in (type(shared)(), shared.copy(), copy.copy(shared), type(shared)([(1, relu)])):
        assert type(made) is OrderedDict
