"""Copies a model, however deep its modules are nested."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from torch import nn

from tracer.from_torch.capture.model_call import modules_by_path

LEVELS_AT_ONCE = 50
"""How many levels of modules are copied in one call: `deepcopy` takes six frames for each."""


def copy_model(model: nn.Module, memo: dict[int, Any] | None = None) -> nn.Module:
    """Return `deepcopy(model, memo)`, made from the innermost modules outward.

    Args:
        model: The model.
        memo: What is not copied, by id, each with what takes its place.

    >>> copy_model(nn.Linear(2, 3))
    Linear(in_features=2, out_features=3, bias=True)
    """
    known = {} if memo is None else memo
    for path, module in reversed(modules_by_path(model).items()):
        if path and path.count(".") % LEVELS_AT_ONCE == LEVELS_AT_ONCE - 1:
            deepcopy(module, known)  # the copy is in `known`, where the next one finds it
    return deepcopy(model, known)
