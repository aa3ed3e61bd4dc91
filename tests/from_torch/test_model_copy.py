"""tracer/from_torch/model_copy.py: a model copied, however deep its modules are nested."""

from __future__ import annotations

import sys
from copy import deepcopy

import torch
from torch import nn

from tracer.from_torch.capture.model_call import modules_by_path
from tracer.from_torch.model_copy import LEVELS_AT_ONCE, copy_model


def nested(depth: int) -> tuple[nn.Module, nn.Conv2d]:
    """Modules inside each other, the outermost of which also has the innermost."""
    innermost = nn.Conv2d(3, 3, 1)
    model = nn.Sequential(innermost)
    for _ in range(depth):
        model = nn.Sequential(model)
    return nn.Sequential(model, innermost), innermost


def tied(model: nn.Module) -> nn.Conv2d:
    innermost = model.get_submodule("1")
    assert isinstance(innermost, nn.Conv2d)
    return innermost


def test_500_nested_modules_are_copied_at_the_usual_limit() -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    try:
        assert len(modules_by_path(copy_model(nested(500)[0]))) == 503
    finally:
        sys.setrecursionlimit(limit)


def test_the_copy_is_that_of_deepcopy() -> None:
    model, innermost = nested(3 * LEVELS_AT_ONCE)
    weight = innermost.weight
    kept = copy_model(model, {id(weight): weight})
    assert tied(kept).weight is weight
    copied, expected = copy_model(model), deepcopy(model)
    names = [name for name, _ in copied.named_modules(remove_duplicate=False)]
    assert names == [name for name, _ in expected.named_modules(remove_duplicate=False)]
    assert not {id(one) for one in copied.modules()} & {id(one) for one in model.modules()}
    assert list(copied.modules())[-1] is tied(copied)
    assert torch.equal(tied(copied).weight, weight)
    assert tied(copied).weight is not weight
