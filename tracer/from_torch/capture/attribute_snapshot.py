"""What a model keeps in plain attributes, put back as it was after a run.

A ``forward`` may append to a list of its module, fill a dictionary, or set an attribute of an
object that it shares with others. The run has to see all of that, as the model does; nobody else
has to, so the same lists, dictionaries and objects get their contents back.
"""

from __future__ import annotations

import gc
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

from tracer.from_torch.capture.pytree import own_attributes

DEPTH = 4
"""How far inside what a module holds it is looked; what lies deeper is seldom written to."""

NOT_KEPT = (
    *(type(None), bool, int, float, complex, str, bytes, tuple, type),
    *(ModuleType, FunctionType, MethodType, BuiltinFunctionType),
    *(Tensor, nn.Module, torch.dtype, torch.device, torch.Generator),
)

KINDS = (OrderedDict, dict, list, deque, set)

CACHED = type(lru_cache(len))
"""The type of functions that remember their results."""


class AttributeSnapshot:
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
        kind = next((kind for kind in KINDS if isinstance(item, kind)), None)
        holder = own_attributes(item) if kind is None else item
        if holder is not None:
            held = _held(holder, kind or dict)
            self._restore[id(item)] = _refill(holder, kind or dict, held)
            self.note(held.values() if isinstance(held, dict) else held, depth - 1)

    def give_back(self) -> None:
        """Everything holds again what it held."""
        for restore in self._restore.values():
            restore()


def _held(holder: Any, kind: Any) -> dict[Any, Any] | list[Any]:
    """What is held. The class of the holder is not asked: it might answer anything."""
    if type(holder) is dict:
        return dict(holder)
    if not issubclass(kind, dict):
        return list(kind.__iter__(holder))
    return {key: dict.__getitem__(holder, key) for key in kind.__iter__(holder)}


def _refill(holder: Any, kind: Any, before: Any) -> Callable[[], None]:
    def restore() -> None:
        if not _same(_held(holder, kind), before):
            kind.clear(holder)
            _fill(holder, kind, before)

    return restore


def _fill(holder: Any, kind: Any, contents: Any) -> None:
    if isinstance(contents, dict):
        for key, item in contents.items():
            kind.__setitem__(holder, key, item)
    elif kind is set:
        kind.update(holder, contents)
    else:
        kind.extend(holder, contents)


def _same(now: Any, before: Any) -> bool:
    """Whether the same objects are held as before; equal ones would not do, and tensors refuse."""
    if len(now) != len(before):
        return False
    if isinstance(now, dict):
        return all(before.get(key, before) is item for key, item in now.items())
    return all(one is other for one, other in zip(now, before, strict=True))


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
