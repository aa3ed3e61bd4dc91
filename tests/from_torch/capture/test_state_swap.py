"""A traced model, and PyTorch itself, are afterwards as they were, also when `forward` raised."""

from __future__ import annotations

import gc
import random
import sys
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

import tracer
from tests.from_torch.capture.isolation.photograph import Photograph
from tests.from_torch.registry import built, filled, run, tensors
from tests.from_torch.trap_models import HooksThatKeep, SetsAttributes
from tests.from_torch.zoo import Case, each_case, quiet
from tracer.errors import TraceError

pytestmark = quiet


def switches() -> dict[str, Any]:
    """What PyTorch and Python hold that a trace could leave changed."""
    dynamo = sys.modules.get("torch._dynamo")
    return {
        "call": nn.Module.__call__,
        "line trace": sys.gettrace(),
        "dtype": torch.get_default_dtype(),
        "gradients": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "function modes": torch._C._len_torch_function_stack(),
        "dispatch modes": torch._C._len_torch_dispatch_stack(),
        "random numbers": torch.get_rng_state().tolist(),
        "numpy's": hash(str(np.random.get_state())),
        "Python's": hash(random.getstate()),
        "compiler": type(dynamo).__name__ if dynamo else "module",
        "threads": torch.get_num_threads(),
        "collector": gc.isenabled(),
    }


class Broken(nn.Module):
    """Runs a model, and then raises."""

    def __init__(self, model: nn.Module, error: BaseException) -> None:
        super().__init__()
        self.model, self.error = model, error

    def forward(self, *args: Any, **keywords: Any) -> None:
        self.model(*args, **keywords)
        raise self.error


@pytest.mark.slow
@each_case
def test_the_model_is_as_it_was_and_computes_what_it_computed(one: Case) -> None:
    model, inputs = built(one.build), filled(one)
    before, around = Photograph(model), switches()
    tracer.trace(model, inputs)
    assert Photograph(model).parts == before.parts
    assert switches() == around
    if one.plain is not one.build:
        return  # to run it would take a compiler
    found, expected = run(model, filled(one)), run(built(one.plain), filled(one))
    for ours, theirs in zip(tensors(found), tensors(expected), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=one.tolerance)


@pytest.mark.slow
@each_case
def test_the_model_is_as_it_was_after_an_error(one: Case) -> None:
    model, inputs = built(one.build), filled(one)
    before, around = Photograph(model), switches()
    with pytest.raises(LookupError, match="on purpose"):
        tracer.trace(Broken(model, LookupError("on purpose")), inputs)
    assert Photograph(model).parts == before.parts
    assert switches() == around


def test_the_inputs_are_not_changed() -> None:
    x = torch.ones(2, 4)

    class Clears(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.zero_()

    tracer.trace(Clears(), x)
    assert torch.equal(x, torch.ones(2, 4))
    assert x._version == 0


def test_the_model_is_as_it_was_after_an_interrupt() -> None:
    model, inputs = SetsAttributes(), torch.randn(2, 4, 8, 8)
    before, around = Photograph(model), switches()
    with pytest.raises(KeyboardInterrupt):
        tracer.trace(Broken(model, KeyboardInterrupt()), inputs)
    assert Photograph(model).parts == before.parts
    assert switches() == around


class Makes(OrderedDict[str, Any]):
    """A registry that makes a new object whenever it is asked for one."""

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)()


class Ordered(nn.Module):
    """Changes collections of its own, of classes that answer in their own way."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = Makes(relu=nn.ReLU, silu=nn.SiLU)
        self.order = OrderedDict(a=1, b=2)

    def forward(self, x: Tensor) -> Tensor:
        self.order["c"] = self.order.pop("a")
        return self.registry["silu"](x)


class Grows(Ordered):
    def forward(self, x: Tensor) -> Tensor:
        self.registry["tanh"] = nn.Tanh
        return super().forward(x)


@pytest.mark.parametrize("kind", [Ordered, Grows])
def test_collections_that_answer_in_their_own_way_hold_what_they_held(kind: type[Ordered]) -> None:
    model = kind()
    tracer.trace(model, torch.ones(2))
    assert {name: OrderedDict.get(model.registry, name) for name in model.registry} == {
        "relu": nn.ReLU,
        "silu": nn.SiLU,
    }
    assert list(model.order.items()) == [("a", 1), ("b", 2)]


def test_random_numbers_are_drawn_for_nobody_else() -> None:
    class Draws(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            torch.manual_seed(random.randrange(9))
            np.random.seed(3)
            return x * random.random() + np.random.rand() + torch.rand(())

    around = switches()
    tracer.trace(Draws(), torch.ones(2))
    tracer.graph(Draws(), torch.ones(2))
    assert switches() == around


def test_a_layer_that_has_no_sizes_yet_is_refused_in_clear_words() -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 3), nn.LazyConv2d(4, 3))
    with pytest.raises(TraceError, match=r"^1\.weight has no shape yet: .* Run the model once"):
        tracer.trace(model, torch.randn(2, 4, 8, 8))
    assert type(model[1]) is nn.LazyConv2d


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_of_every_part_stays(training: bool) -> None:
    model = nn.Sequential(nn.BatchNorm2d(4), nn.Dropout().train(not training)).train(training)
    model[1].train(not training)
    tracer.trace(model, torch.randn(2, 4, 8, 8))
    assert (model.training, model[0].training, model[1].training) == (
        training,
        training,
        not training,
    )


def test_hooks_run_and_stay() -> None:
    model = HooksThatKeep()
    found = tracer.trace(model, torch.randn(2, 4, 8, 8))
    assert [step.op for step in found.steps] == ["conv2d", "add", "conv2d", "mul", "add"]
    assert (len(model.one._forward_hooks), len(model.two._forward_pre_hooks)) == (1, 1)


def test_hooks_that_a_model_registers_as_it_runs_are_gone() -> None:
    class Collects(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(4, 4, 3), nn.ReLU()
            self.last = self.two.register_forward_hook(lambda *_: None)

        def forward(self, x: Tensor) -> Tensor:
            self.one.register_forward_hook(lambda module, args, result: result * 2)
            self.last.remove()
            return self.two(self.one(x))

    model = Collects()
    kept = dict(model.two._forward_hooks)
    for _ in range(2):
        trace = tracer.trace(model, torch.randn(2, 4, 8, 8))
        assert [step.op for step in trace.steps] == ["conv2d", "mul", "relu"]
    assert (dict(model.one._forward_hooks), dict(model.two._forward_hooks)) == ({}, kept)


def test_a_model_without_data_needs_none() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4))
    tracer.trace(model, torch.empty(2, 4, 8, 8, device="meta"))
    assert all(value.is_meta for value in model.state_dict().values())


def test_a_model_that_was_made_under_another_default_device_is_traced() -> None:
    with torch.device("meta"):
        meta = tracer.trace(nn.Linear(4, 4), torch.empty(2, 4))
    cpu = tracer.trace(nn.Linear(4, 4), torch.empty(2, 4))
    assert meta == cpu


@pytest.mark.parametrize("collects", [True, False])
def test_the_garbage_collector_is_left_as_it_was(collects: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        tracer.trace(nn.Linear(4, 4), torch.empty(2, 4))
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize(
    "around",
    [
        torch.no_grad,
        torch.inference_mode,
        lambda: torch.device("meta"),
        lambda: FlopCounterMode(display=False),
        FakeTensorMode,
    ],
    ids=["no_grad", "inference_mode", "device", "FlopCounterMode", "FakeTensorMode"],
)
def test_what_it_is_traced_under_makes_no_difference(around: Any) -> None:
    model, x = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU(inplace=True)), torch.randn(2, 4, 8, 8)
    expected = tracer.trace(model, x)
    with around():
        assert tracer.trace(model, x) == expected


@pytest.mark.slow
def test_no_tensor_without_data_outlives_a_trace() -> None:
    def alive() -> int:
        gc.collect()
        return sum(type(item) is FakeTensor for item in gc.get_objects())

    before = alive()
    trace = tracer.trace(nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU()), torch.randn(2, 4, 8, 8))
    assert len(trace.steps) == 2
    assert alive() == before
