"""The graph is an ordinary `torch.fx` graph, with the notes that PyTorch's own tracers leave."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

import tracer
from tests.from_torch.registry import built, filled
from tests.from_torch.zoo import CASES, Case, each_case, graphed, quiet

pytestmark = quiet


def graph_of(name: str) -> fx.GraphModule:
    return tracer.graph(built(CASES[name].build), filled(CASES[name]))


@pytest.mark.slow
@each_case
def test_the_graph_is_well_formed(one: Case) -> None:
    found = graphed(one.name)
    with warnings.catch_warnings():  # an older torch wonders about a generator as an attribute
        warnings.filterwarnings("ignore", "Node _constant", UserWarning)
        found.graph.lint()
    operations = [node for node in found.graph.nodes if "operation" in node.meta]
    assert all(node.op.startswith("call_") for node in operations)
    assert all("val" in node.meta and "nn_module_stack" in node.meta for node in operations)
    assert "call_module" not in {node.op for node in found.graph.nodes}


def test_what_a_node_gives_has_the_shape_that_is_noted() -> None:
    class Checks(fx.Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            found = super().run_node(n)
            noted = n.meta.get("val")
            if isinstance(found, Tensor):
                assert (found.shape, found.dtype) == (noted.shape, noted.dtype)
            return found

    with torch.no_grad():
        Checks(graph_of("ListUNet")).run(*filled(CASES["ListUNet"]))


def test_the_arguments_are_called_as_the_models_are() -> None:
    nodes = graph_of("KeywordsOnly").graph.nodes
    assert [node.target for node in nodes if node.op == "placeholder"] == ["sample", "t", "cond"]


def test_the_modules_around_an_operation_are_noted_outermost_first() -> None:
    nodes = {node.name: node for node in graph_of("Nested").graph.nodes}
    stack = nodes["relu_"].meta["nn_module_stack"] if "relu_" in nodes else None
    stack = stack or next(n.meta["nn_module_stack"] for n in nodes.values() if "relu" in n.name)
    assert [path for path, _ in stack.values()] == [
        "",
        "model",
        "model.1",
        "model.1.submodule",
        "model.1.submodule.1",
        "model.1.submodule.1.submodule",
        "model.1.submodule.1.submodule.1",
    ]
    assert [kind for _, kind in stack.values()][-1] is nn.ReLU


def test_parameters_bear_the_paths_that_they_have_in_the_model() -> None:
    found = graph_of("ListUNet")
    names = {node.target for node in found.graph.nodes if node.op == "get_attr"}
    assert names == {name for name, _ in built(CASES["ListUNet"].build).named_parameters()}


def test_a_parameter_that_is_read_twice_is_one_node() -> None:
    nodes = graph_of("CalledTwice").graph.nodes
    assert [node.target for node in nodes if node.op == "get_attr"] == ["conv.weight", "conv.bias"]


def test_the_source_of_a_graph_can_be_read() -> None:
    code = graph_of("AddedTo").code
    assert "def forward(self, x):" in code
    assert "torch.conv2d(x, conv_weight, conv_bias" in code


def test_passes_of_torch_fx_work_on_a_graph() -> None:
    from torch.fx.passes.shape_prop import ShapeProp

    found = graph_of("ListUNet")
    with torch.no_grad():
        ShapeProp(found).propagate(*filled(CASES["ListUNet"]))
    noted = [node.meta["tensor_meta"].shape for node in found.graph.nodes if node.name == "conv2d"]
    assert noted == [(2, 4, 16, 16)]


@pytest.mark.parametrize("name", ["ListUNet", "NestedInputs", "returns_dict"])
def test_a_graph_can_be_copied(name: str) -> None:
    found = graph_of(name)
    again = fx.GraphModule(found, found.graph)
    assert again.code == found.code
