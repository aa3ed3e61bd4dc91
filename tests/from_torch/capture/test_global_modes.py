"""Regions without gradients, in inference mode or in autocast stay what they are in a graph."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, fx, nn
from torch.utils.checkpoint import checkpoint

import tracer
from tests.conftest import examples

Outcome = tuple[list[float], bool, float | None]


class Weighted(nn.Module):
    """Runs a function of its weight and its input."""

    def __init__(self, run: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.w, self.run = nn.Parameter(torch.tensor([2.0])), run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self.w, x)


def outcome(module: nn.Module, weight: nn.Parameter, *, gradients: bool) -> Outcome:
    """What a module gives, whether it has a gradient, and that of the weight."""
    weight.grad = None
    with torch.set_grad_enabled(gradients):
        result = module(torch.tensor([1.5]))
        assert torch.is_grad_enabled() is gradients
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")
    if result.requires_grad:
        result.sum().backward()
    return (
        result.tolist(),
        result.requires_grad,
        None if weight.grad is None else float(weight.grad),
    )


def assert_same(run: Callable[[Tensor, Tensor], Tensor], *ambient: bool) -> fx.GraphModule:
    model = Weighted(run)
    graph = tracer.graph(model, torch.tensor([1.5]))
    for gradients in ambient:
        own = outcome(model, model.w, gradients=gradients)
        assert outcome(graph, model.w, gradients=gradients) == own
    return graph


def no_grad(w: Tensor, x: Tensor) -> Tensor:
    with torch.no_grad():
        scale = w * 3
    return x * scale + w


def decorated(w: Tensor, x: Tensor) -> Tensor:
    @torch.no_grad()
    def scale() -> Tensor:
        return w * 5

    return x * scale() * w


def enable_inside(w: Tensor, x: Tensor) -> Tensor:
    with torch.no_grad():
        scale = w * 3
        with torch.enable_grad():
            scale = scale + w * 2
        scale = scale * w
    return x * scale + w


def inference(w: Tensor, x: Tensor) -> Tensor:
    with torch.inference_mode():
        scale = w * 3
    return x + scale.clone() + w * 2


def no_inference(w: Tensor, x: Tensor) -> Tensor:
    with torch.no_grad(), torch.inference_mode(mode=False):
        scale = w * 3
    return x * scale + w


def set_by_function(w: Tensor, x: Tensor) -> Tensor:
    torch.set_grad_enabled(False)
    scale = w * 3
    torch.set_grad_enabled(True)
    return x * scale + w


def guided(w: Tensor, x: Tensor) -> Tensor:
    with torch.enable_grad():
        z = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad((z * z * w).sum(), z)
    return gradient * w


class Scaled(torch.autograd.Function):
    """Computes without gradients, and has its own."""

    @staticmethod
    def forward(ctx: Any, w: Tensor) -> Tensor:
        with torch.no_grad():
            return w * 3

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return gradient * 3


def checkpointed(reentrant: bool) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda w, x: checkpoint(lambda w: w * w * w, w, use_reentrant=reentrant) + x


def restored_by_hand(w: Tensor, x: Tensor) -> Tensor:
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    scale = w * 3
    torch.set_grad_enabled(before)
    return x * scale + w


@pytest.mark.parametrize(
    "run",
    [
        *(no_grad, decorated, enable_inside, inference, no_inference, guided),
        *(lambda w, x: Scaled.apply(w) * x, checkpointed(True), checkpointed(False)),
    ],
)
def test_a_graph_has_the_gradients_of_its_model_in_either_mode(
    run: Callable[[Tensor, Tensor], Tensor],
) -> None:
    assert_same(run, True, False)


def test_a_mode_that_is_set_back_by_hand_has_the_right_gradients() -> None:
    assert_same(restored_by_hand, True)


def test_gradients_that_a_model_turns_on_for_good_are_turned_back_by_its_graph() -> None:
    model = Weighted(set_by_function)
    graph = tracer.graph(model, torch.tensor([1.5]))
    with torch.no_grad():
        assert graph(torch.tensor([1.5])).requires_grad
        assert not torch.is_grad_enabled()
    assert outcome(graph, model.w, gradients=True) == ([11.0], True, 1.0)


def test_a_model_without_regions_has_no_nodes_for_modes() -> None:
    graph = assert_same(lambda w, x: x * w, True, False)
    assert [node.op for node in graph.graph.nodes].count("call_function") == 1


def test_a_model_that_changes_a_parameter_has_a_graph_without_gradients() -> None:
    class Changes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.ones(1))

        def forward(self, x: Tensor) -> Tensor:
            self.w.mul_(1.0)
            return x * self.w

    with torch.no_grad():
        assert float(tracer.graph(Changes(), torch.ones(1))(torch.ones(1))) == 1.0


# --------------------------------------------------------------------------------------- autocast


def test_autocast_that_is_turned_off_stays_off_in_a_graph() -> None:
    class Precise(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.outer = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            with torch.autocast("cpu", enabled=False):
                x = self.inner(x.float())
            return self.outer(x)

    model, x = Precise().eval(), torch.randn(2, 4)
    graph = tracer.graph(model, x)
    assert torch.equal(graph(x), model(x))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert graph(x).dtype is model(x).dtype is torch.bfloat16
        assert torch.equal(graph(x), model(x))


def test_a_graph_that_raises_leaves_all_modes_as_they_were() -> None:
    class Fails(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                return self.linear(x)

    graph = tracer.graph(Fails(), torch.ones(1, 3))
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        graph(torch.ones(1, 4))
    assert torch.is_grad_enabled()
    assert not torch.is_autocast_enabled("cpu")
    assert graph(torch.ones(1, 3)).dtype is torch.bfloat16


# --------------------------------------------------------------------------------- nested at random

REGIONS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "none": nullcontext,
    "no_grad": torch.no_grad,
    "enable_grad": torch.enable_grad,
    "off": lambda: torch.set_grad_enabled(False),
    "on": lambda: torch.set_grad_enabled(True),
    "inference": torch.inference_mode,
    "bfloat16": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "float32": lambda: torch.autocast("cpu", enabled=False),
}
Nesting = list[Any]
NESTED: st.SearchStrategy[Nesting] = st.recursive(
    st.just("use"),
    lambda inner: st.tuples(st.sampled_from(sorted(REGIONS)), st.lists(inner, max_size=3)),
    max_leaves=6,
)


class Nested(nn.Module):
    """Uses its weights in regions inside each other."""

    def __init__(self, parts: Nesting) -> None:
        super().__init__()
        self.parts, self.w = parts, nn.Parameter(torch.eye(2) * 0.5)
        self.bias = nn.Parameter(torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(self.run(self.parts, x), self.w)

    def run(self, parts: Nesting, x: Tensor) -> Tensor:
        for part in parts:
            if part == "use":
                x = F.linear(x, self.w).float() + self.bias
            else:
                region, inner = part
                with REGIONS[region]():
                    y = self.run(inner, x * 1)
                # A tensor of inference mode may not be saved for a gradient, but its copy may.
                x = x + (
                    y.clone() if y.is_inference() and not torch.is_inference_mode_enabled() else y
                )
        return x


def gradients_of(model: Nested, module: nn.Module, *, gradients: bool) -> tuple[Any, ...]:
    for parameter in model.parameters():
        parameter.grad = None
    with torch.set_grad_enabled(gradients):
        result = module(torch.tensor([[1.0, 2.0]]))
        modes = torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")
    if result.requires_grad:
        result.float().sum().backward()
    found = [None if one.grad is None else one.grad.tolist() for one in model.parameters()]
    return result.tolist(), result.dtype, result.requires_grad, found, modes


@pytest.mark.slow
@examples(60)
@given(st.lists(NESTED, min_size=1, max_size=3), st.booleans())
def test_regions_in_any_nesting_have_the_models_gradients(parts: Nesting, gradients: bool) -> None:
    model = Nested(parts)
    try:
        expected = gradients_of(model, model, gradients=gradients)
    except RuntimeError:  # a tensor of inference mode where a gradient needs another one
        return
    graph = tracer.graph(model, torch.zeros(1, 2))
    assert gradients_of(model, graph, gradients=gradients) == expected
