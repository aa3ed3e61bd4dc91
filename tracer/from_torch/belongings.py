"""What a model keeps in plain attributes, put back as it was after a run.

A ``forward`` may append to a list of its module, fill a dictionary, or set an attribute of an
object that it shares with others. The run has to see all of that, as the model does; nobody else
has to, so the same lists, dictionaries and objects get their contents back.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

from tracer.from_torch.arguments import own_attributes

DEPTH = 4
"""How far inside what a module holds it is looked; what lies deeper is seldom written to."""

NOT_KEPT = (
    *(type(None), bool, int, float, complex, str, bytes, tuple, type),
    *(ModuleType, FunctionType, MethodType, BuiltinFunctionType),
    *(Tensor, nn.Module, torch.dtype, torch.device, torch.Generator),
)


CACHED = type(lru_cache(len))
"""The type of functions that remember their results."""


class Belongings:
    """The contents of every list, dictionary, set and object that was met."""

    def __init__(self) -> None:
        self._restore: dict[int, Callable[[], None]] = {}

    def note(self, items: Iterable[Any], depth: int = DEPTH) -> None:
        """Remember what these hold, and what that holds."""
        for item in items:
            if isinstance(item, tuple) and depth:
                self.note(item, depth - 1)
            elif not isinstance(item, NOT_KEPT) and id(item) not in self._restore and depth:
                self._note(item, depth)

    def _note(self, item: Any, depth: int) -> None:
        if isinstance(item, (list, deque)):
            self._restore[id(item)] = _refill(item, list(item), item.extend)
            self.note(list(item), depth - 1)
        elif isinstance(item, (dict, set)):
            self._restore[id(item)] = _refill(item, item.copy(), item.update)
            self.note(list(item.values() if isinstance(item, dict) else item), depth - 1)
        elif (attributes := own_attributes(item)) is not None:
            self._restore[id(item)] = _refill(attributes, attributes.copy(), attributes.update)
            self.note(list(attributes.values()), depth - 1)

    def give_back(self) -> None:
        """Everything holds again what it held."""
        for restore in self._restore.values():
            restore()


def _refill(holder: Any, contents: Any, fill: Callable[[Any], None]) -> Callable[[], None]:
    def restore() -> None:
        if _differ(holder, contents):
            holder.clear()
            fill(contents)

    return restore


def _differ(holder: Any, contents: Any) -> bool:
    """Whether other objects are held than before; equal ones would not do, and tensors refuse."""
    if len(holder) != len(contents):
        return True
    if isinstance(holder, dict):
        return any(contents.get(key, contents) is not item for key, item in holder.items())
    if isinstance(holder, set):
        return bool(holder != contents)
    return any(one is not other for one, other in zip(holder, contents, strict=True))


def clear_caches(items: Iterable[Any]) -> None:
    """Empty those caches of functions that kept a tensor of the run."""
    for item in items:
        # By its type: to ask a stranger for an attribute may import a package, or raise anything.
        if isinstance(item, CACHED) and _holds_fake(item):
            item.cache_clear()


def _holds_fake(item: Any, depth: int = 3) -> bool:
    if isinstance(item, FakeTensor):
        return True
    return depth > 0 and any(_holds_fake(one, depth - 1) for one in gc.get_referents(item))
