"""What a model holds at one moment, to be compared with what it holds later."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn


class Photograph:
    """What a model holds, down to the last list, by where it is; kept alive by itself."""

    def __init__(self, model: nn.Module) -> None:
        self.parts: dict[str, Any] = {}
        self._alive: dict[int, Any] = {}
        self._take("model", model)

    def _take(self, where: str, item: Any) -> None:
        if type(item).__name__ == "ScriptMethod":  # PyTorch keeps it from the first call on
            return
        known = id(item) in self._alive
        self._alive[id(item)] = item
        self.parts[where] = described(item)
        if not known:
            for name, part in inside(item):
                self._take(f"{where}.{name}", part)


def described(item: Any) -> Any:
    """A number or text as it is; of a tensor its numbers, too; of anything else which one it is."""
    if isinstance(item, (bool, int, float, str, bytes, type(None))):
        return item
    if type(item) in (Tensor, nn.Parameter):
        numbers = hash(item.detach().flatten().view(torch.uint8).numpy().tobytes())
        return (id(item), item._version, item.requires_grad, numbers)
    return (id(item), type(item).__name__)


def inside(item: Any) -> list[tuple[Any, Any]]:
    if isinstance(item, Mapping):
        return list(item.items())
    if isinstance(item, (list, tuple, deque)):
        return list(enumerate(item))
    if isinstance(item, set):
        return [(str(element), element) for element in item]
    return list(vars(item).items()) if isinstance(item, (nn.Module, SimpleNamespace)) else []
