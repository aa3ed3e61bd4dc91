"""The attributes and hooks of a model's modules, and the globals of its source files, restored.

A ``forward`` may append to a list of its module, fill a dictionary, register a hook, or set an
attribute of an object that it shares with others. Those changes have to last during the run, and
must not outlast it. The same lists, dictionaries and objects get their contents back, because
other objects may refer to them: the handle of a hook knows the dictionary that its hook is in.
"""

from __future__ import annotations

import gc
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.pytree import instance_dict
from tracer.from_torch.private_torch import FakeTensor

ATTRIBUTE_DEPTH = 4
"""How many levels of containers and objects inside an attribute are restored."""
GLOBAL_DEPTH = 2
"""The same for the global names of a source file."""

IMMUTABLE = (
    *(type(None), bool, int, float, complex, str, bytes, tuple, type),
    *(ModuleType, FunctionType, MethodType, BuiltinFunctionType),
    *(Tensor, nn.Module, torch.dtype, torch.device, torch.Generator),
)
"""Types that are not restored here: they cannot change, or `StateSwap` restores them."""

CONTAINERS = (OrderedDict, dict, list, deque, set)

LRU_CACHE = type(lru_cache(len))

MODULE_ATTRIBUTES = frozenset(vars(nn.Module())) - {"training"}
"""The attributes that every module has."""

HOOKS = tuple(name for name in vars(nn.Module()) if name.endswith("hooks"))
"""The attributes of every module that hold its hooks."""


class AttributeSnapshot:
    """The contents of every list, dictionary, set and object that the modules of a model reach."""

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self._restore: dict[int, Callable[[], None]] = {}
        self._hooks: list[tuple[dict[Any, Any], list[Any]]] = []
        self._empty_hooks: list[dict[Any, Any]] = []
        self._namespaces = _namespaces(modules)
        for namespace in self._namespaces:
            self._add_all(namespace.values(), GLOBAL_DEPTH)
        for module in modules:
            attributes = module.__dict__
            self._add_hooks(attributes)
            own = [item for name, item in attributes.items() if name not in MODULE_ATTRIBUTES]
            self._add_all(own, ATTRIBUTE_DEPTH)

    def restore(self) -> None:
        """Gives everything the contents that it had when the snapshot was taken."""
        for hooks in filter(None, self._empty_hooks):
            hooks.clear()
        for hooks, before in self._hooks:
            if list(hooks.items()) != before:
                hooks.clear()
                hooks.update(before)
        for restore in self._restore.values():
            restore()
        for namespace in self._namespaces:
            _clear_caches(namespace.values())

    def _add_hooks(self, attributes: dict[str, Any]) -> None:
        for name in HOOKS:
            hooks = attributes.get(name)
            if hooks:
                self._hooks.append((hooks, list(hooks.items())))
            elif hooks is not None:
                self._empty_hooks.append(hooks)

    def _add_all(self, items: Iterable[Any], depth: int) -> None:
        for item in items:
            if isinstance(item, tuple) and depth:
                self._add_all(item, depth - 1)
            elif not isinstance(item, IMMUTABLE) and id(item) not in self._restore and depth:
                self._add(item, depth)

    def _add(self, item: Any, depth: int) -> None:
        container_type = next((kind for kind in CONTAINERS if isinstance(item, kind)), None)
        container = instance_dict(item) if container_type is None else item
        if container is not None:
            contents = _contents(container, container_type or dict)
            self._restore[id(item)] = _restorer(container, container_type or dict, contents)
            elements = contents.values() if isinstance(contents, dict) else contents
            self._add_all(elements, depth - 1)


def _namespaces(modules: Iterable[nn.Module]) -> list[dict[str, Any]]:
    """The global names of the source files that define the classes of a model."""
    names = {type(module).__module__ for module in modules}
    own = [name for name in names if not name.startswith("torch.") and name in sys.modules]
    return [vars(sys.modules[name]) for name in sorted(own)]


def _contents(container: Any, container_type: Any) -> dict[Any, Any] | list[Any]:
    """A copy of the contents, read without the methods that a subclass may override."""
    if type(container) is dict:
        return dict(container)
    if not issubclass(container_type, dict):
        return list(container_type.__iter__(container))
    keys = container_type.__iter__(container)
    return {key: dict.__getitem__(container, key) for key in keys}


def _restorer(container: Any, container_type: Any, before: Any) -> Callable[[], None]:
    def restore() -> None:
        if not _is_same(_contents(container, container_type), before):
            container_type.clear(container)
            _fill(container, container_type, before)

    return restore


def _fill(container: Any, container_type: Any, contents: Any) -> None:
    if isinstance(contents, dict):
        for key, element in contents.items():
            container_type.__setitem__(container, key, element)
    elif container_type is set:
        container_type.update(container, contents)
    else:
        container_type.extend(container, contents)


def _is_same(now: Any, before: Any) -> bool:
    """Whether both hold the same objects: equal ones do not count, and tensors refuse ``==``."""
    if len(now) != len(before):
        return False
    if isinstance(now, dict):
        return all(before.get(key, before) is element for key, element in now.items())
    return all(one is other for one, other in zip(now, before, strict=True))


def _clear_caches(items: Iterable[Any]) -> None:
    """Clears each `lru_cache` that holds a fake tensor of the run."""
    for item in items:
        # Checked by type: reading an attribute of an unknown object may run any code.
        if isinstance(item, LRU_CACHE) and _refers_to_fake(item):
            item.cache_clear()


def _refers_to_fake(item: Any, depth: int = 3) -> bool:
    if isinstance(item, FakeTensor):
        return True
    return depth > 0 and any(_refers_to_fake(other, depth - 1) for other in gc.get_referents(item))
