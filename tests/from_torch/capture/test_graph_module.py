"""The proof of the engine: every graph computes what its model computes, bit for bit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, fx

import tracer
from tests.from_torch.registry import Inputs, built, filled, run, tensors
from tests.from_torch.zoo import CASES, Case, graphed, quiet

pytestmark = quiet


def spread(found: list[Tensor]) -> float:
    """How far the numbers of a result lie apart; 0 would compare nothing with nothing."""
    numbers = [torch.view_as_real(one) if one.is_complex() else one for one in found]
    return max(one.double().std(correction=0).item() for one in numbers if one.numel())


REPLAYED = [one for one in CASES.values() if one.replays]
MODE_MATTERS = [
    *("InPlaceReLU", "InPlaceFunctions", "BuffersChanged", "DropsOut", "NormalisesBatches"),
    *("Checkpointed", "Parametrized", "old_spectral_norm", "MultiHead", "TransformerLayers"),
    *("Recurrent", "scripted_submodule", "Autocast", "ListUNet"),
]


def compare(one: Case, graph: fx.GraphModule, *, training: bool) -> None:
    expected = run(built(one.plain, training=training), filled(one))
    found = run(graph, filled(one))
    assert type(found) is type(expected)
    pairs = list(zip(tensors(found), tensors(expected), strict=True))
    for ours, theirs in pairs:
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0 if training else one.tolerance)
    assert spread([theirs for _, theirs in pairs]) > 0


@pytest.mark.slow
@pytest.mark.parametrize("one", REPLAYED, ids=lambda one: one.name)
def test_the_graph_computes_what_the_model_computes_bit_for_bit(one: Case) -> None:
    compare(one, graphed(one.name), training=True)


@pytest.mark.parametrize("name", MODE_MATTERS)
def test_the_graph_computes_what_the_model_computes_when_it_is_used(name: str) -> None:
    one = CASES[name]
    graph = tracer.graph(built(one.build, training=False), filled(one))
    compare(one, graph, training=False)


@pytest.mark.parametrize("name", ["ListUNet", "NestedInputs", "CachedTable"])
def test_the_graph_runs_again_on_other_numbers(name: str) -> None:
    one = CASES[name]
    graph = tracer.graph(built(one.build), filled(one))
    for seed in (1, 4):
        expected = next(tensors(run(built(one.build), filled(one, seed))))
        assert torch.equal(next(tensors(run(graph, filled(one, seed)))), expected)


def test_the_graph_shares_the_weights_of_the_model() -> None:
    model = built(CASES["ListUNet"].build)
    graph = tracer.graph(model, filled(CASES["ListUNet"]))
    ours = {id(parameter) for parameter in graph.parameters()}
    assert ours == {id(parameter) for parameter in model.parameters()}


def test_inputs_without_data_give_the_same_graph() -> None:
    one = CASES["ListUNet"]
    inputs = filled(one)
    assert isinstance(inputs, tuple)
    bare: Inputs = tuple(item.to("meta") for item in inputs)
    graph = tracer.graph(built(one.build), bare)
    assert torch.equal(run(graph, filled(one)), run(built(one.build), filled(one)))


def test_a_result_keeps_its_structure() -> None:
    one = CASES["returns_dict"]
    found = run(tracer.graph(built(one.build), filled(one)), filled(one))
    assert list(found) == ["h", "list", "n", "none"]
    assert isinstance(found["list"], list)
    assert (found["n"], found["none"]) == (3, None)
    assert found["list"][0] is found["h"]
