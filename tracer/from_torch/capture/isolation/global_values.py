"""What global names hold before a run, so that what the run left in one of them can be undone.

The global names of the model's source files are noted, and those of all modules that these import,
directly or through others. In the source files and in what they import directly, containers,
objects, classes and closures are noted as well.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.isolation.attribute_copier import LIBRARIES
from tracer.from_torch.capture.isolation.class_layout import ClassLayout
from tracer.from_torch.capture.isolation.container_contents import (
    Contents,
    container_type_of,
    contents_of,
    is_object_array,
)
from tracer.from_torch.capture.pytree import PLAIN, instance_dict

GLOBAL_DEPTH = 3
"""How many levels of containers and objects inside a global name are noted."""

IGNORED = LIBRARIES | {"tracer", "unet_trace"}

LRU_CACHE: Any = type(lru_cache(len))

OF_PYTHON = frozenset(("__builtins__", "__loader__", "__spec__"))
"""The global names that Python sets in every module."""

NO_CONTENTS = PLAIN | {
    *(ModuleType, BuiltinFunctionType, GetSetDescriptorType, property),
    *(torch.dtype, torch.device),
}
"""Types without contents that a run changes, of most of what names hold."""

METHOD_TYPES = (staticmethod, classmethod)

NOT_NOTED = (Tensor, nn.Module, ModuleType, MethodType, torch.dtype, torch.device, LRU_CACHE)

Namespace = dict[str, Any]


class GlobalValues:
    """What global names, and the containers and objects in them, held before a run."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.sources = source_namespaces(modules)
        """The global names of the source files that define the classes of the model."""
        self.caches: list[Any] = []
        """The functions with an `lru_cache`."""
        self._before: dict[int, tuple[Any, Contents]] = {}
        self._names: dict[int, tuple[str, str]] = {}
        direct, others = _imports(self.sources)
        for namespace in (*direct, *others):
            self._before[id(namespace)] = (namespace, namespace.copy())
        for namespace in direct:
            self._add_namespace(namespace)

    def __contains__(self, container: Any) -> bool:
        return id(container) in self._before

    def __iter__(self) -> Iterator[tuple[Any, Contents]]:
        """Everything that was noted, with its contents before the run."""
        return iter(self._before.values())

    def before(self, container: Any) -> Contents | None:
        """Return what `container` held before the run, or None if that is not known."""
        noted = self._before.get(id(container))
        return None if noted is None else noted[1]

    def _add_namespace(self, namespace: Namespace) -> None:
        module = namespace.get("__name__")
        for name, item in namespace.copy().items():
            if name in OF_PYTHON:
                continue
            if isinstance(item, type):
                if item.__module__ == module:
                    self._add_class(item)
            elif type(item) not in NO_CONTENTS:
                self._add(item, GLOBAL_DEPTH)

    def _add_class(self, cls: type) -> None:
        attributes = dict(vars(cls))
        self._before[id(cls)] = (cls, attributes)
        for item in attributes.values():
            if type(item) in METHOD_TYPES:
                item = item.__func__
            kind = type(item)
            if kind is FunctionType:
                self.add_function(item)
            elif kind not in NO_CONTENTS:
                self._add(item, GLOBAL_DEPTH - 1)

    def _add(self, item: Any, depth: int) -> None:
        kind = type(item)
        if kind in NO_CONTENTS or id(item) in self._before or not depth:
            return
        if kind is FunctionType:
            self.add_function(item)
        elif kind is LRU_CACHE:
            self.caches.append(item)
        elif kind is ContextVar:
            self._add(item.get(None), depth - 1)
        elif issubclass(kind, (tuple, frozenset)):
            for element in item:
                self._add(element, depth - 1)
        elif not issubclass(kind, (type, *NOT_NOTED)):
            self._add_contents(item, container_type_of(kind), depth)

    def _add_contents(self, item: Any, container_type: Any, depth: int) -> None:
        container = item if container_type is not None else _attributes_of(item)
        if container is not None:
            contents = contents_of(container, container_type or dict)
            self._before[id(container)] = (container, contents)
        elif ClassLayout.of(type(item)).slots or is_object_array(item):
            contents = contents_now(item)
            self._before[id(item)] = (item, contents)
        else:
            return
        for element in contents.values() if isinstance(contents, dict) else contents:
            if type(element) not in NO_CONTENTS:
                self._add(element, depth - 1)

    def add_function(self, function: Any) -> None:
        """Add a function, with the variables of its closure and its defaults."""
        attributes, keywords = function.__dict__, function.__kwdefaults__
        self._before[id(function)] = (function, attributes.copy() if attributes else {})
        for item in (*(function.__defaults__ or ()), *(keywords.values() if keywords else ())):
            if type(item) not in NO_CONTENTS:
                self._add(item, 1)
        for cell in function.__closure__ or ():
            if id(cell) not in self._before:
                contents = contents_now(cell)
                self._before[id(cell)] = (cell, contents)
                for item in contents:
                    if type(item) not in NO_CONTENTS:
                        self._add(item, 1)


def contents_now(item: Any) -> Contents:
    """Return what a container holds, or a class, an object or a closure's variable.

    A variable that is not assigned gives an empty list.
    """
    container_type = container_type_of(type(item))
    if container_type is not None:
        return contents_of(item, container_type)
    if isinstance(item, CellType):
        try:
            return [item.cell_contents]
        except ValueError:
            return []
    if is_object_array(item):
        return item.reshape(-1).tolist()  # type: ignore[no-any-return]
    slots = ClassLayout.of(type(item)).slots
    held = {
        slot.__name__: getattr(item, slot.__name__)
        for slot in slots
        if hasattr(item, slot.__name__)
    }
    return {**(dict(vars(item)) if isinstance(item, type) else instance_dict(item) or {}), **held}


def _attributes_of(item: Any) -> dict[str, Any] | None:
    """The attributes of an object; those that this thread sees of a `threading.local`."""
    return vars(item) if isinstance(item, threading.local) else instance_dict(item)


def source_namespaces(modules: Iterable[nn.Module]) -> list[Namespace]:
    """Return the global names of the source files that define the classes of a model."""
    names = {cls.__module__ for cls in set(map(type, modules))}
    own = sorted(name for name in names if name.partition(".")[0] not in IGNORED)
    return [vars(sys.modules[name]) for name in own if name in sys.modules]


def _imports(sources: list[Namespace]) -> tuple[list[Namespace], list[Namespace]]:
    """The sources with what they import directly, and what is imported through others.

    They are found again when the sources are others, or Python has imported more.
    """
    key = (tuple(map(id, sources)), len(sys.modules))
    if key not in _IMPORTS:
        direct = {id(one): one for one in sources}
        direct |= {key: one for source in sources for key, one in _imported_by(source).items()}
        found, waiting = dict(direct), list(direct.values())
        for namespace in waiting:  # which grows meanwhile
            new = {key: one for key, one in _imported_by(namespace).items() if key not in found}
            found |= new
            waiting += new.values()
        _IMPORTS.clear()
        _IMPORTS[key] = list(direct.values()), waiting[len(direct) :]
    return _IMPORTS[key]


_IMPORTS: dict[tuple[tuple[int, ...], int], tuple[list[Namespace], list[Namespace]]] = {}


def _imported_by(namespace: Namespace) -> dict[int, Namespace]:
    """The namespaces of the modules that a module imports, or imports names from, by their ids."""
    every = {id(one): one for one in map(_namespace_of, namespace.copy().values()) if one}
    return {key: one for key, one in every.items() if _root(one) not in IGNORED}


def _namespace_of(item: Any) -> Namespace | None:
    if isinstance(item, ModuleType):
        return instance_dict(item)
    if isinstance(item, (type, FunctionType, LRU_CACHE)):
        return instance_dict(sys.modules.get(item.__module__))
    return None


def _root(namespace: Mapping[str, Any]) -> str:
    return str(namespace.get("__name__", "")).partition(".")[0]
