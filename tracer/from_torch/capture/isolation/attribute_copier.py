"""Copies what the attributes of modules refer to, so that a run changes the copies.

Containers and plain objects are copied. Bound methods, partial functions, closures and weak
references that lead to a copied module get counterparts that lead to the copy. Everything else is
shared with the model: an object of another kind has to stay what it is.
"""

from __future__ import annotations

import sys
import weakref
from argparse import Namespace
from collections import UserDict, UserList, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from operator import is_
from types import (
    BuiltinMethodType,
    CellType,
    FunctionType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from tracer.from_torch.capture.isolation.class_layout import ClassLayout, copy_slots
from tracer.from_torch.capture.isolation.container_contents import (
    container_type_of,
    contents_of,
    is_array,
    is_object_array,
)
from tracer.from_torch.capture.pytree import PLAIN, instance_dict

ATTRIBUTE_DEPTH = 6
"""How many levels of containers and objects inside an attribute are copied."""

IMMUTABLE = PLAIN | {torch.dtype, torch.device, torch.Size, torch.layout, type, range, ModuleType}
"""Types that refer to nothing that a run can change."""

ITERABLE_TYPES = (tuple, list, set, frozenset, deque)

LIBRARIES = sys.stdlib_module_names | {"torch", "numpy"}
"""Packages whose objects are shared, because they may hold more than their attributes show."""

LIBRARY_CLASSES = frozenset((SimpleNamespace, Namespace, UserDict, UserList, RemovableHandle))
"""Their classes whose instances are plain data."""


class AttributeCopier:
    """Copies for one run. Each object is copied once, however many attributes refer to it.

    Args:
        copy_module: Returns the copy of a module.
        replacements: What replaces tensors of the model, by the id of the tensor.
        shared: The ids of objects that the model's source files hold in global names, which code
            reaches without the model.
        add_function: Called with each function that is not copied, but shared with the model.
    """

    def __init__(
        self,
        copy_module: Callable[[nn.Module], nn.Module],
        replacements: Mapping[int, Tensor],
        shared: frozenset[int] | set[int],
        add_function: Callable[[FunctionType], object],
    ) -> None:
        self.copies: dict[int, Any] = {}
        """The copy of each object, by the id of the object."""
        self.originals: list[tuple[Any, Any]] = []
        """The containers that were copied, each with its contents before the run."""
        self._alive: list[Any] = []
        """What has a copy: an id is unique only while its object lives."""
        self._copy_module = copy_module
        self._replacements = replacements
        self._shared = shared
        self._add_function = add_function

    def copy(self, item: Any, depth: int = ATTRIBUTE_DEPTH) -> Any:
        """Return the copy of an object that an attribute holds, or the object itself."""
        kind = type(item)
        if kind in IMMUTABLE:
            return item
        copied = self.copies.get(id(item))
        if copied is not None:
            return copied
        if issubclass(kind, Tensor):
            return self._replacements.get(id(item), item)
        if issubclass(kind, nn.Module):
            return self._copy_module(item)
        return self._copy_new(item, kind, depth - 1) if depth else item

    def _copy_new(self, item: Any, kind: type, depth: int) -> Any:
        copier = _COPIERS.get(kind)
        if copier is None and issubclass(kind, (tuple, frozenset)):
            copier = AttributeCopier._copy_immutable
        if copier is None and id(item) not in self._shared:
            if container_type_of(kind) is not None:
                copier = AttributeCopier._copy_container
            elif is_array(item):
                copier = AttributeCopier._copy_array
            elif not issubclass(kind, type) and is_plain(kind):
                copier = AttributeCopier._copy_object
        return item if copier is None else copier(self, item, depth)

    def add(self, item: Any, copied: Any) -> None:
        """Add the copy of an object."""
        self.copies[id(item)] = copied
        self._alive.append(item)

    def _copy_container(self, item: Any, depth: int) -> Any:
        container_type = container_type_of(type(item))
        try:
            copied = container_type.__new__(type(item))
        except TypeError:
            return item  # a subclass written in C
        self.add(item, copied)
        contents = contents_of(item, container_type)
        self.originals.append((item, contents))
        if isinstance(contents, dict):
            if container_type is defaultdict:
                defaultdict.__init__(copied, self.copy(item.default_factory, depth))
            for key, element in contents.items():
                container_type.__setitem__(copied, self.copy(key, depth), self.copy(element, depth))
        else:
            elements = [self.copy(element, depth) for element in contents]
            arguments = (elements, item.maxlen) if container_type is deque else (elements,)
            container_type.__init__(copied, *arguments)
        self._copy_attributes(item, copied, depth)
        return copied

    def _copy_array(self, item: Any, depth: int) -> Any:
        copied = item.copy()
        self.add(item, copied)
        for number, element in enumerate(item.flat if is_object_array(item) else ()):
            copied.flat[number] = self.copy(element, depth)
        return copied

    def _copy_object(self, item: Any, depth: int) -> Any:
        kind = type(item)
        if any(item is constant for constant in _constants_beside(kind)):
            return item
        is_namespace = issubclass(kind, SimpleNamespace)
        copied = (SimpleNamespace if is_namespace else object).__new__(kind)
        self.add(item, copied)
        copy_slots(item, copied, lambda held: self.copy(held, depth))
        self._copy_attributes(item, copied, depth)
        return copied

    def _copy_attributes(self, item: Any, copied: Any, depth: int) -> None:
        attributes = instance_dict(item)
        if attributes:
            before = dict(attributes)
            self.originals.append((attributes, before))
            new = {name: self.copy(held, depth) for name, held in before.items()}
            own = instance_dict(copied)
            if own is not None:
                own.update(new)

    def _copy_immutable(self, item: Any, depth: int) -> Any:
        """A tuple or frozen set, copied only if one of its elements is."""
        if is_immutable(item):
            return item
        elements = [self.copy(element, depth) for element in item]
        if all(new is old for new, old in zip(elements, item, strict=True)):
            return item
        new: Any = tuple.__new__ if isinstance(item, tuple) else frozenset.__new__
        return new(type(item), elements)

    def _copy_method(self, item: Any, depth: int) -> Any:
        owner = self.copy(item.__self__, depth)
        function = self.copy(item.__func__, depth)
        if owner is item.__self__ and function is item.__func__:
            return item
        return MethodType(function, owner)

    def _copy_builtin_method(self, item: Any, depth: int) -> Any:
        """A method written in C, such as ``append`` of a list."""
        owner = item.__self__
        if owner is None or isinstance(owner, (ModuleType, type)):
            return item
        copied = self.copy(owner, depth)
        return item if copied is owner else getattr(copied, item.__name__)

    def _copy_partial(self, item: Any, depth: int) -> Any:
        parts = (item.func, item.args, item.keywords)
        function = self.copy(item.func, depth)
        arguments = self._copy_immutable(item.args, depth)
        keywords = {name: self.copy(held, depth) for name, held in item.keywords.items()}
        unchanged = all(keywords[name] is held for name, held in item.keywords.items())
        if function is parts[0] and arguments is parts[1] and unchanged:
            return item
        copied = partial(function, *arguments, **keywords)
        vars(copied).update(vars(item))
        return copied

    def _copy_function(self, item: Any, depth: int) -> Any:
        """A function, copied only if it refers to a module: in its closure or its defaults."""
        self.add(item, item)  # a function may refer to itself
        cells, keywords = item.__closure__ or (), item.__kwdefaults__ or {}
        old = (*(item.__defaults__ or ()), *keywords.values(), *cells)
        new = [self._copy_enclosed(part, depth) for part in old[: len(old) - len(cells)]]
        new += [self._copy_cell(cell, depth) for cell in cells]
        if all(map(is_, new, old)):
            self._add_function(item)
            return item
        defaults = tuple(new[: len(item.__defaults__ or ())]) or None
        closure = tuple(
            CellType() if _content(c) is item else c for c in new[len(old) - len(cells) :]
        )
        copied = FunctionType(
            item.__code__, item.__globals__, item.__name__, defaults, closure or None
        )
        for cell, before in zip(closure, cells, strict=True):
            if _content(before) is item:
                cell.cell_contents = copied
        copied.__kwdefaults__ = (
            dict(zip(keywords, new[len(defaults or ()) :], strict=False)) or None
        )
        vars(copied).update(vars(item))
        self.copies[id(item)] = copied
        return copied

    def _copy_cell(self, cell: CellType, depth: int) -> CellType:
        copied: CellType | None = self.copies.get(id(cell))
        if copied is None:
            content = _content(cell)
            new = self._copy_enclosed(content, depth)
            copied = cell if new is content else CellType(new)
            self.add(cell, copied)
        return copied

    def _copy_enclosed(self, item: Any, depth: int) -> Any:
        """What a closure refers to, copied if it is or holds a module.

        Other containers and objects are shared with the functions that were defined beside it.
        """
        if id(item) in self.copies:
            return self.copies[id(item)]
        kind = type(item)
        if issubclass(kind, nn.Module) or kind in _COPIERS:
            return self.copy(item, depth)
        if isinstance(item, dict):
            parts: Iterable[Any] = item.values()
        elif isinstance(item, ITERABLE_TYPES):
            parts = item
        else:
            parts = (instance_dict(item) or {}).values() if is_plain(kind) else ()
        holds_module = any(issubclass(type(part), nn.Module) for part in list(parts))
        return self.copy(item, depth) if holds_module else item

    def _copy_reference(self, item: Any, depth: int) -> Any:
        referent = item()
        copied = self._counterpart(referent)
        return item if copied is referent else weakref.ref(copied)

    def _copy_proxy(self, item: Any, depth: int) -> Any:
        if not isinstance(item, nn.Module):  # a proxy has the class of what it stands for
            return item
        referent: Any = item._call_impl
        return weakref.proxy(self.copy(referent.__self__))

    def _counterpart(self, referent: Any) -> Any:
        if issubclass(type(referent), nn.Module):
            return self.copy(referent)
        return self.copies.get(id(referent), referent)


_COPIERS: dict[type, Callable[[AttributeCopier, Any, int], Any]] = {
    MethodType: AttributeCopier._copy_method,
    BuiltinMethodType: AttributeCopier._copy_builtin_method,
    partial: AttributeCopier._copy_partial,
    FunctionType: AttributeCopier._copy_function,
    weakref.ReferenceType: AttributeCopier._copy_reference,
    weakref.ProxyType: AttributeCopier._copy_proxy,
    weakref.CallableProxyType: AttributeCopier._copy_proxy,
}
"""How an object is copied that leads to others, by its type."""


def is_immutable(items: Iterable[Any]) -> bool:
    """Whether nothing in a tuple or frozen set can change."""
    return IMMUTABLE.issuperset(map(type, items))


def is_plain(cls: type) -> bool:
    """Whether the instances of a class are just their attributes, so that they can be copied."""
    if cls in LIBRARY_CLASSES:
        return True
    if cls.__module__.partition(".")[0] in LIBRARIES or issubclass(cls, (Enum, Tensor)):
        return False
    if hasattr(cls, "__copy__") or hasattr(cls, "__deepcopy__"):
        return False
    return ClassLayout.of(cls).reason is None


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is not assigned yet
        return None


def _constants_beside(cls: type) -> list[Any]:
    """What the module and the class hold in names, such as the one instance of a sentinel class."""
    module = sys.modules.get(cls.__module__)
    return [*vars(cls).values(), *(list(vars(module).values()) if module else ())]
