"""All that a module and the arguments of a call hold, so that two calls can be compared.

Two calls have equal states if what they hold is the same but for its identity: the same classes,
numbers and texts, tensors with the same metadata, and the same sharing of all of these.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import FunctionType, MethodType
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.isolation.attribute_copier import is_plain
from tracer.from_torch.capture.isolation.class_layout import ClassLayout
from tracer.from_torch.capture.isolation.container_contents import container_type_of, contents_of
from tracer.from_torch.capture.isolation.module_shadow import HOOKS, MODULE_ATTRIBUTES
from tracer.from_torch.capture.memo.known_code import has_own_equality, is_safe_builtin
from tracer.from_torch.capture.pytree import instance_dict
from tracer.from_torch.capture.recorded_op import Arguments, Keywords
from tracer.from_torch.capture.results.cached_result import UncacheableError, metadata_of
from tracer.from_torch.capture.tensor_source import FakeTensors
from tracer.from_torch.capture.value_table import storage_of
from tracer.from_torch.private_torch import DisableTorchFunction, FakeTensor

COMPARED_TYPES = frozenset(
    (
        *(bool, int, str, bytes, type(None), type(...), range),
        *(torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size),
    )
)
"""Types that are compared by value, and refer to nothing that can change."""

WRITTEN_TYPES = frozenset((float, complex))
"""Those that are compared by how they are written: 0.0 equals -0.0."""

PLAIN_CONTAINERS = frozenset((list, dict, set, OrderedDict))
"""Containers that hold their elements and nothing else."""

MOST_PER_MODULE = 200
"""So many tokens describe a module at most: with more, it runs as fast as it is compared."""

FREE = 1000
"""So many more a call may have, whatever the number of its modules."""


class UnknownStateError(Exception):
    """Something that a call refers to may have a state that cannot be seen, or too large a one."""


@dataclass(slots=True)
class BlockState:
    """The state of a call, and what the module consists of, in the order of `key`."""

    key: Hashable
    inputs: list[Tensor]
    """The tensors among the arguments, each once."""
    modules: list[nn.Module]
    """The module and all modules that it leads to."""
    weights: list[Tensor]
    functions: list[FunctionType]
    """The functions that attributes refer to."""
    classes: list[type]
    """The classes of the objects, and those that attributes refer to."""
    identities: tuple[int, ...]
    """The id of each object that has a state, in the order of `key`."""

    def is_same_as(self, other: BlockState) -> bool:
        """Whether this is the same state of the same objects, not only of equal ones."""
        return self.identities == other.identities and self.key == other.key


def state_of(module: nn.Module, args: Arguments, kwargs: Keywords) -> BlockState:
    """Return the state of a call.

    Raises:
        UnknownStateError: The module or an argument refers to more than can be compared.
    """
    with DisableTorchFunction():
        walk = _Walk()
        walk.tokens.append(len(args))
        try:
            for item in (*args, *kwargs.items()):
                walk.argument(item)
            inputs, walk.tensors = walk.tensors, []
            storages = [storage_of(one) for one in inputs] if len(inputs) > 1 else []
            walk.tokens += map(storages.index, storages)
            walk.module(module)
        except RecursionError:  # a chain of objects; the model itself may call less deeply
            raise UnknownStateError from None
    classes = [*dict.fromkeys(walk.classes)]
    return BlockState(
        tuple(walk.tokens),
        inputs,
        walk.modules,
        walk.tensors,
        walk.functions,
        classes,
        tuple(walk.seen),
    )


@cache
def tensor_attributes() -> frozenset[str]:
    """Return the attributes of a fake tensor that code of the model did not set.

    They differ between versions of PyTorch. The first call has to be outside the modes of a run.
    """
    return frozenset(
        (*FakeTensors().replacement(torch.empty(0, device="meta")).__dict__, "_is_param")
    )


class _Walk:
    """Goes through what a call refers to, and describes it by a flat list of tokens."""

    def __init__(self) -> None:
        self.tokens: list[Any] = []
        self.modules: list[nn.Module] = []
        self.tensors: list[Tensor] = []
        self.functions: list[FunctionType] = []
        self.classes: list[type] = []
        self.seen: dict[int, int] = {}
        """The number of each object that has a state, by its id, in the order of the walk."""

    def _is_new(self, item: Any) -> bool:
        """Whether an object is met for the first time; otherwise, say which one it is."""
        number = self.seen.get(id(item))
        if number is None:
            self.seen[id(item)] = len(self.seen)
            return True
        self.tokens += ("same", number)
        return False

    def argument(self, item: Any) -> None:
        """Describe an argument of the call: nothing that the caller could see changed."""
        kind = type(item)
        if kind is tuple:
            self.tokens += (tuple, len(item))
            for part in item:
                self.argument(part)
        elif kind is FakeTensor:
            self._tensor(item)
        elif kind in COMPARED_TYPES or kind in WRITTEN_TYPES:
            self.visit(item)
        else:
            raise UnknownStateError

    def module(self, module: nn.Module) -> None:
        """Describe a module and all that it refers to."""
        if not self._is_new(module):
            return
        self.modules.append(module)
        attributes: dict[str, Any] = object.__getattribute__(module, "__dict__")
        cls, tokens = type(module), self.tokens
        layout = ClassLayout.of(cls)
        if layout.reason is not None or layout.slots:
            raise UnknownStateError
        self._class(cls)
        tokens.append(len(attributes))
        for name, item in attributes.items():
            kind = type(item)
            if kind in COMPARED_TYPES:
                tokens += (name, kind, item)
            elif name in MODULE_ATTRIBUTES:
                if item:
                    self._module_attribute(name, item)
            else:
                tokens.append(name)
                self.visit(item)

    def _module_attribute(self, name: str, item: dict[str, Any]) -> None:
        """What every module has: its parameters, buffers and submodules, and its hooks."""
        if name in HOOKS:
            raise UnknownStateError
        tokens = self.tokens
        tokens += (name, len(item))
        if name == "_non_persistent_buffers_set":
            tokens.append(frozenset(item))
            return
        visit = self.module if name == "_modules" else self._tensor
        for key, part in item.items():
            tokens.append(key)
            if part is None:
                tokens.append(None)
            else:
                visit(part)

    def _tensor(self, tensor: Tensor) -> None:
        if not self._is_new(tensor):
            return
        attributes = tensor.__dict__
        try:
            metadata = metadata_of(tensor)
        except UncacheableError:
            raise UnknownStateError from None
        if not tensor_attributes().issuperset(attributes):
            raise UnknownStateError
        self.tensors.append(tensor)
        self.tokens += (metadata, "_is_param" in attributes, tensor.requires_grad)

    def visit(self, item: Any) -> None:
        """Describe an object of any kind."""
        kind = type(item)
        if kind in COMPARED_TYPES:
            self.tokens += (kind, item)
        elif kind in WRITTEN_TYPES:
            self.tokens += (kind, repr(item))
        elif kind is tuple or kind is frozenset:
            self._require_room(len(item))
            self.tokens += (kind, len(item))
            for part in item:  # sets in the order in which code sees them
                self.visit(part)
        elif issubclass(kind, nn.Module):  # unlike a weak proxy, which claims to be one
            self._unregistered(item)
        elif kind is FakeTensor and "_is_param" in item.__dict__:
            self._tensor(item)
        elif not self._is_identical(item, kind):
            self._object(item, kind)

    def _require_room(self, size: int) -> None:
        """Refuse a container of many elements: its elements are compared at each call."""
        if len(self.tokens) + size > FREE + MOST_PER_MODULE * len(self.modules):
            raise UnknownStateError

    def _unregistered(self, module: nn.Module) -> None:
        """Describe a module in an attribute; one with others in it may be the whole model."""
        attributes = object.__getattribute__(module, "__dict__")
        if attributes.get("_modules") and id(module) not in self.seen:
            raise UnknownStateError
        self.module(module)

    def _is_identical(self, item: Any, kind: type) -> bool:
        """Describe an object by its identity, if nothing can change it; a method by its parts."""
        if issubclass(kind, type):
            self._class(item)
            return True
        if issubclass(kind, Enum):
            self.visit(item._value_)
            item = kind, item._name_
        elif kind is FunctionType and item.__closure__ is None:
            self.functions.append(item)
        elif kind is MethodType:
            self.visit(item.__func__)
            self.visit(item.__self__)
            item = MethodType
        elif not is_safe_builtin(item):
            return False
        self.tokens.append(item)
        return True

    def _object(self, item: Any, kind: type) -> None:
        """A container, or an object of a class written in Python, which is its attributes."""
        if not self._is_new(item):
            return
        container = container_type_of(kind)
        if container not in PLAIN_CONTAINERS and not is_plain(kind):
            raise UnknownStateError
        self._class(kind)
        if container is not None:
            self._require_room(container.__len__(item))
            contents = contents_of(item, container)
            self.tokens.append(len(contents))
            for part in contents.items() if isinstance(contents, dict) else contents:
                self.visit(part)
        if kind is not container:
            self._attributes(item, kind)

    def _class(self, cls: type) -> None:
        """Describe a class by its identity, unless it has its own idea of what it equals."""
        if has_own_equality(cls):
            raise UnknownStateError
        self.classes.append(cls)
        self.tokens.append(cls)

    def _attributes(self, item: Any, kind: type) -> None:
        if ClassLayout.of(kind).slots:
            raise UnknownStateError
        attributes = instance_dict(item) or {}
        self._require_room(len(attributes))
        self.tokens.append(len(attributes))
        for part in attributes.items():
            self.visit(part)
