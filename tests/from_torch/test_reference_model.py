"""The reference model: three ways to its shapes agree, and its ledger is whole."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

import tracer
from reference_model import PRESETS, build, example_inputs
from tests.from_torch.zoo import source_line
from tracer.analysis.skip_stack import ledger
from tracer.analysis.skips import skips
from tracer.analysis.stack_events import stack
from tracer.record import Trace

each_preset = pytest.mark.parametrize("name", PRESETS)
MODEL = "reference_model/model.py"


@cache
def on_meta(name: str) -> tuple[nn.Module, dict[str, Any]]:
    with torch.device("meta"):
        model = build(name)
    inputs = example_inputs(model.config)
    return model, {name: given.to("meta") for name, given in inputs.items()}


@cache
def traced(name: str) -> Trace:
    return tracer.trace(*on_meta(name))


class Shapes(ShapeProp):
    """ShapeProp that keeps what every called module put out."""

    def __init__(self, graph: fx.GraphModule) -> None:
        super().__init__(graph)
        self.found: list[tuple[str, tuple[int, ...]]] = []

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        result: Tensor = super().call_module(target, args, kwargs)
        self.found.append((str(target), tuple(result.shape)))
        return result


@pytest.mark.slow
@each_preset
def test_plain_symbolic_trace_and_shape_prop_give_the_same_shapes(name: str) -> None:
    model, inputs = on_meta(name)
    given = fx.symbolic_trace(model, dict.fromkeys(skipped(model, inputs)))
    shapes = Shapes(given)
    shapes.propagate(*inputs.values())
    leaves = [block for block in traced(name).root.walk() if not block.children]
    assert [(block.path, block.outputs[0].shape) for block in leaves] == shapes.found


def skipped(model: nn.Module, inputs: dict[str, Any]) -> list[str]:
    """The arguments of forward that are not given: fx must not make placeholders of them."""
    parameters = fx.symbolic_trace.__module__ and model.forward.__code__
    names = parameters.co_varnames[1 : parameters.co_argcount]
    return [name for name in names if name not in inputs]


def test_hooks_see_all_the_blocks() -> None:
    model, inputs = on_meta("tiny")
    seen: list[tuple[str, str, tuple[int, ...]]] = []
    handles = [
        module.register_forward_hook(
            lambda module, args, result, path=path: seen.append(
                (path, type(module).__name__, tuple(result.shape))
            )
        )
        for path, module in model.named_modules()
    ]
    with torch.no_grad():
        model(**inputs)
    for handle in handles:
        handle.remove()
    blocks = traced("tiny").root.walk()
    found = [(block.path, block.kind, block.outputs[0].shape) for block in blocks]
    assert sorted(found) == sorted(seen)


@each_preset
def test_every_skip_of_a_preset_is_pushed_and_popped_with_both_witnesses(name: str) -> None:
    model, _ = on_meta(name)
    levels, blocks = len(model.config.ch_mult), model.config.num_res_blocks
    expected = levels * (blocks + 1)
    found = ledger(traced(name))
    assert len(found.entries) == len(skips(traced(name))) == expected
    assert found.last_in_first_out
    assert (found.leftovers, found.unjoined, found.unobserved) == ((), (), ())
    assert all(len(entry.joins) == 1 for entry in found.entries)


def test_the_ledger_of_the_largest_preset_has_eighteen_pairs_each_on_its_line() -> None:
    events = [event for event in stack(traced("ddpm-celebahq-256")) if event.name == "hs"]
    kinds = [event.kind for event in events]
    assert kinds == ["push"] * 18 + ["pop"] * 18
    assert [event.depth for event in events] == [*range(1, 19), *range(17, -1, -1)]
    pushes, pops = events[:18], events[:17:-1]
    assert [event.value for event in pushes] == [event.value for event in pops]
    texts = [source_line(event.file, event.line) for event in events]
    assert texts[0].startswith("hs = [self.conv_in(x)]")
    assert all(text.startswith("hs.append(") for text in texts[1:18])
    assert all("hs.pop()" in text for text in texts[18:])
    assert {event.file for event in events} == {MODEL}


def test_what_is_popped_is_what_is_joined() -> None:
    trace = traced("ddpm-celebahq-256")
    links = skips(trace)
    pops = [event for event in stack(trace) if event.kind == "pop"]
    assert [link.value for link in links] == [event.value for event in pops]
    assert all(link.join == "cat" and link.via == () for link in links)
    channels = [
        (int(link.joined.shape[1]), int(link.value.shape[1]), int(link.result.shape[1]))
        for link in links
    ]
    assert all(h + skip == both for h, skip, both in channels)
    assert all(one.popped < other.popped for one, other in pairwise(links))


def test_parameters_are_the_published_numbers() -> None:
    assert traced("ddpm-cifar10").root.parameters == 35_746_307
    assert traced("ddpm-celebahq-256").root.parameters == 113_673_219


def test_the_graph_of_the_smallest_preset_computes_its_bits() -> None:
    model = build("tiny").eval()
    inputs = example_inputs(model.config)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)
        x = torch.randn(inputs["x"].shape, generator=generator)
        graph = tracer.graph(model, inputs)
        found, expected = graph(**{**inputs, "x": x}), model(**{**inputs, "x": x})
    assert torch.equal(found, expected)
    assert expected.std() > 0
