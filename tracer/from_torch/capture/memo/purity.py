"""Whether a call of a block followed from its state alone, and does so again.

The functions that ran are known: they were observed. The call is pure if none of them changes, or
reads, anything but what it has made itself, what its arguments lead to, and what nothing changes:
functions, classes, numbers and texts in global names. A guard remembers each of these that was
read. While all guards hold, an equal state leads to the same functions, and to the same results.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Hashable, Iterable, Mapping
from enum import Enum
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, NamedTuple

from torch import nn

from tracer.from_torch.capture.memo.block_state import COMPARED_TYPES, WRITTEN_TYPES, BlockState
from tracer.from_torch.capture.memo.code_facts import LOOK_UPS, GlobalUse, facts_of
from tracer.from_torch.capture.memo.guards import (
    NO_ITEM,
    ClassGuard,
    ContentsGuard,
    FunctionGuard,
    Guard,
    NameGuard,
)
from tracer.from_torch.capture.memo.known_code import (
    has_own_equality,
    is_library_class,
    is_safe_builtin,
    is_safe_class,
    is_trusted_code,
)
from tracer.from_torch.capture.memo.watched import (
    CACHED_FUNCTION,
    MOST_ELEMENTS,
    WATCHED_CONTAINERS,
    WatchedObject,
    appearance,
    elements,
)
from tracer.from_torch.capture.pytree import instance_dict

BUILT_IN_FUNCTIONS = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)

DESCRIPTORS = (FunctionType, GetSetDescriptorType)
"""What a class holds for its instances, and that holds nothing itself."""


REPLACED_METHODS = ("__call__", "_apply")
"""The methods of modules that each run replaces."""


class ImpureError(Exception):
    """A function may do more than follow from the state of a call."""


class UnseenError(Exception):
    """What has to be looked at before a call was not, because nobody knew of it."""

    def __init__(self, items: Iterable[WatchedObject]) -> None:
        self.items = tuple(items)


class RanFunction(NamedTuple):
    """A function that ran, by its code, and its global names."""

    code: CodeType
    names: dict[str, Any]


def guards_of(
    ran: Iterable[RanFunction], state: BlockState, before: Mapping[int, Hashable]
) -> tuple[Guard, ...]:
    """Return what has to hold for a call to do the same again.

    Args:
        ran: The functions that ran, but for those that are trusted.
        state: The state of the call.
        before: How what is watched looked before the call, by its id.

    Raises:
        ImpureError: A function may do more than follow from the state.
        UnseenError: `before` lacks something.
    """
    check = _Check(ran, state, before)
    guards = tuple(check.guards())
    if check.unseen:
        raise UnseenError(check.unseen)
    return guards


class _Check:
    """Looks at the functions that ran in one call, and collects what has to hold."""

    def __init__(
        self, ran: Iterable[RanFunction], state: BlockState, before: Mapping[int, Hashable]
    ) -> None:
        self._before = before
        self.unseen: list[WatchedObject] = []
        self._ran = {id(one.code): one for one in ran}  # equal code may be of other functions
        facts = [facts_of(one.code) for one in self._ran.values()]
        self._names = frozenset().union(*[one.names for one in facts])
        self._looks_up = any(one.looks_up for one in facts)
        self._classes = dict.fromkeys(state.classes)
        self._functions: dict[int, list[FunctionType]] = {}
        self._guards: dict[Hashable, Guard] = {}
        for function in state.functions:
            self._add_function(function)

    def guards(self) -> Iterable[Guard]:
        """Look at all functions, and return what has to hold."""
        for code, names in self._ran.values():
            if not _is_of_module(names):
                raise ImpureError(f"{code.co_qualname}: names that nothing else may keep")
            facts = facts_of(code)
            if facts.refusal:
                raise ImpureError(f"{code.co_qualname}: {facts.refusal}")
            for use in facts.globals:
                self._check_global(use, names)
        self._check_classes()
        nested = {
            id(item): code
            for code, _ in self._ran.values()
            for item in code.co_consts
            if isinstance(item, CodeType)
        }
        for code, names in self._ran.values():
            outer = nested.get(id(code))
            if outer is None or id(code) in self._functions:
                self._check_function(code, names)
            elif facts_of(code).shared & set(outer.co_freevars):
                raise ImpureError(f"{code.co_qualname}: nonlocal")
        return self._guards.values()

    def _check_global(self, use: GlobalUse, names: dict[str, Any]) -> None:
        item = self._named(names, use.name)
        if item is NO_ITEM:
            item = self._named(vars(builtins), use.name)
        if item is NO_ITEM or _is_look_up(use.name, item):
            return  # an error, wherever it is read; or what it reads is among the names
        attributes = list(use.attributes)
        while isinstance(item, ModuleType) and attributes:
            item = self._named(vars(item), attributes.pop(0))
        if isinstance(item, FunctionType) and attributes and attributes[0] in vars(item):
            raise ImpureError(f"{use.name}.{attributes[0]}")
        if type(item) is CACHED_FUNCTION:
            self._check_unchanged(item, use.name)
        elif not self._is_constant(item):
            is_method = use.is_method and len(attributes) == 1
            if not is_method or self._may_have_run(item, attributes[0]):
                raise ImpureError(".".join((use.name, *use.attributes)))

    def _check_unchanged(self, item: WatchedObject, name: str) -> None:
        """Refuse a cached function that was called, or a container that was changed."""
        if id(item) not in self._before:
            self.unseen.append(item)
        elif appearance(item) != self._before[id(item)]:
            raise ImpureError(name)

    def _named(self, names: Mapping[str, Any], name: str) -> Any:
        item = names.get(name, NO_ITEM)
        self._guards[id(names), name] = NameGuard(names, name, item)
        return item

    def _may_have_run(self, item: Any, method: str) -> bool:
        """Whether a method may have run: it did, or it is not written in Python."""
        for cls in type(item).__mro__:
            found = vars(cls).get(method)
            if found is not None:
                if not isinstance(found, FunctionType) or is_trusted_code(found.__code__):
                    return True
                return id(found.__code__) in self._ran
        return True

    def _is_constant(self, item: Any) -> bool:
        """Whether nothing can change an object, but for a class or a function, which is guarded."""
        kind = type(item)
        if kind in COMPARED_TYPES or kind in WRITTEN_TYPES:
            return True
        if kind is tuple or kind is frozenset:
            return all(map(self._is_constant, item))
        if issubclass(kind, Enum):
            return all(map(self._is_constant, vars(item).values()))
        if issubclass(kind, type):
            return self._add_class(item)
        if kind is FunctionType:
            self._add_function(item)
            return True
        return kind in BUILT_IN_FUNCTIONS and is_safe_builtin(item)

    def _add_class(self, cls: type) -> bool:
        """Look at a class, too, and return whether it is known or written in Python."""
        if has_own_equality(cls):
            return False
        self._classes[cls] = None
        return is_safe_class(cls)

    def _add_function(self, function: Any) -> None:
        while isinstance(function, FunctionType):
            self._functions.setdefault(id(function.__code__), []).append(function)
            attributes = vars(function).keys() - {"__wrapped__"}  # that one is looked at, too
            if attributes and (self._looks_up or not self._names.isdisjoint(attributes)):
                raise ImpureError(f"{function.__qualname__}: an attribute")
            function = vars(function).get("__wrapped__")

    def _check_classes(self) -> None:
        """Look at what the classes hold, and at the classes that they hold."""
        seen: set[type] = set()
        while len(seen) < len(self._classes):
            for cls in [one for one in self._classes if one not in seen]:
                seen.add(cls)
                for base in (*cls.__mro__, type(cls)):
                    self._check_class(base)

    def _check_class(self, cls: type) -> None:
        names = vars(cls)
        if (cls, "") in self._guards:
            return
        if is_library_class(cls):
            self._guard_library_class(cls, names)
            return
        self._guards[cls, ""] = ClassGuard(names, len(names))
        looks_up = self._looks_up or _extends_layer(cls)
        for name, item in names.items():
            for function in _functions_in(item):
                self._add_function(function)
            is_read = name in self._names or (looks_up and not name.startswith("__"))
            if is_read or isinstance(item, FunctionType):
                self._guards[cls, name] = NameGuard(names, name, item)
            if is_read and not _is_descriptor(item):
                self._check_attribute(item, f"{cls.__qualname__}.{name}")

    def _guard_library_class(self, cls: type, names: Mapping[str, Any]) -> None:
        """Guard what another package may replace in a class of PyTorch."""
        if issubclass(cls, nn.Module):
            for name, item in names.items():
                is_read = isinstance(item, FunctionType) or name in self._names
                if is_read and name not in REPLACED_METHODS:
                    self._guards[cls, name] = NameGuard(names, name, item)

    def _check_attribute(self, item: Any, name: str) -> None:
        if _is_small(item) and all(map(self._is_constant, elements(item))):
            self._check_unchanged(item, name)
            self._guards[id(item)] = ContentsGuard(item, appearance(item))
        elif not self._is_constant(item):
            raise ImpureError(name)

    def _check_function(self, code: CodeType, names: Mapping[str, Any]) -> None:
        """Look at what a function holds besides its code."""
        if id(code) not in self._functions:
            self._add_function(_global_function(code, names))
        if set(code.co_freevars) - {"__class__"} or id(code) not in self._functions:
            raise ImpureError(f"{code.co_qualname}: a closure")
        for function in self._functions[id(code)]:
            defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
            if not all(map(self._is_constant, defaults)):
                raise ImpureError(f"{code.co_qualname}: a default")
            self._guards[function] = FunctionGuard.of(function)


def _is_look_up(name: str, item: Any) -> bool:
    """Whether this is `getattr` or `hasattr`, by its own name."""
    return name in LOOK_UPS and item is vars(builtins)[name]


def _is_of_module(names: Mapping[str, Any]) -> bool:
    """Whether global names are those of an imported module, which stay anyway."""
    module = sys.modules.get(str(names.get("__name__")))
    return instance_dict(module) is names


def _extends_layer(cls: type) -> bool:
    """Whether code of PyTorch, which is not looked at, reads the attributes of a class."""
    bases = [base for base in cls.__mro__ if base not in (nn.Module, object)]
    return issubclass(cls, nn.Module) and any(map(is_library_class, bases))


def _is_small(item: Any) -> bool:
    """Whether an object is a container that can be watched."""
    return type(item) in WATCHED_CONTAINERS and len(item) <= MOST_ELEMENTS


def _is_descriptor(item: Any) -> bool:
    """Whether an attribute of a class holds functions, and nothing that a call may change."""
    return all(one is None or type(one) in DESCRIPTORS for one in _parts_of(item))


def _functions_in(item: Any) -> list[FunctionType]:
    """The functions that an attribute of a class runs."""
    return [one for one in _parts_of(item) if isinstance(one, FunctionType)]


def _parts_of(item: Any) -> tuple[Any, ...]:
    """What a property or a static method consists of; anything else is one part."""
    if type(item) is property:
        return item.fget, item.fset, item.fdel
    return (item.__func__ if type(item) in (staticmethod, classmethod) else item,)


def _global_function(code: CodeType, names: Mapping[str, Any]) -> Any:
    """The function that a module has by the name that is written in its code, or None."""
    first, *following = code.co_qualname.split(".")
    item = names.get(first)
    for name in following:
        item = vars(item).get(name) if isinstance(item, type) else None
    functions = [one for one in _functions_in(item) if one.__code__ is code]
    return functions[0] if functions else None
