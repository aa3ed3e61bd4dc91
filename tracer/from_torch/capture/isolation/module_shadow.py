"""A copy of a model's module tree that a run may change, while the model itself stays untouched.

The copy has the same classes and the same code. Its parameters and buffers are the replacements of
a `StateSwap`, and what its attributes refer to is copied. So other threads can call the model
during a run, and what ``forward`` sets is gone after it.

A module that cannot be copied is run itself. During the run it has the attributes that its copy
would have, and after the run it has its own again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple
from weakref import ReferenceType

import torch
from torch import nn

from tracer.from_torch.capture.isolation.attribute_copier import (
    IMMUTABLE,
    AttributeCopier,
    is_immutable,
)
from tracer.from_torch.capture.isolation.class_layout import ClassLayout, copy_slots
from tracer.from_torch.capture.isolation.container_contents import restore_contents
from tracer.from_torch.capture.isolation.shared_hooks import SharedHooks
from tracer.from_torch.capture.state_swap import StateSwap

NOT_COPIED = (
    "{} cannot be copied: {}. The run used it directly, so while it is traced, no other thread "
    "should call it."
)

MODULE_ATTRIBUTES = frozenset(vars(nn.Module()))
"""The attributes that every module has."""

HOOKS = frozenset(name for name in MODULE_ATTRIBUTES if "hooks" in name)
"""Those that hold its hooks."""

AttributeDict = dict[str, Any]


class ModuleState(NamedTuple):
    """The attributes of one module.

    `own` is the ``__dict__`` of the module, `before` what that holds before the run, `attributes`
    what its copy has during the run.
    """

    module: nn.Module
    own: AttributeDict
    before: AttributeDict
    attributes: AttributeDict


class ModuleShadow:
    """The copies of the modules of one model, for one run.

    Args:
        modules: The modules by path; the model itself has the path ``""``.
        swap: What replaces the parameters and buffers.
        shared: The ids of objects that are not copied.
        reason: Why no module can be copied; empty if that is to be found out for each.
        add_function: Called with each function in an attribute that is not copied.
        hooks: What takes the place of each empty dictionary of hooks; a new one if None.
    """

    def __init__(  # noqa: PLR0913 - what a run shares with the model, by keyword
        self,
        modules: Mapping[str, nn.Module],
        swap: StateSwap,
        *,
        shared: frozenset[int] | set[int] = frozenset(),
        reason: str = "",
        add_function: Callable[[FunctionType], object] = lambda _: None,
        hooks: SharedHooks | None = None,
    ) -> None:
        self._hooks = hooks
        self.notes = [NOT_COPIED.format("The model", reason)] if reason else []
        self._in_place = bool(reason)
        self._swap = swap
        self._copier = AttributeCopier(
            self._copy_unregistered, swap.replacements, shared, add_function
        )
        self._states: list[ModuleState] = []
        self._copies: list[nn.Module] = []
        """The copy of each module, in the order of the states, or the module itself."""
        self._containers: list[tuple[Any, Any]] = []
        """The containers in attributes that were copied, each with its contents, after the run."""
        self._originals: dict[int, nn.Module] = {}
        """The module of the model, by the id of its copy."""
        for path, module in modules.items():
            self._add_registered(path, module)
        self._fill()
        self._model = modules[""]

    def of(self, module: nn.Module) -> nn.Module:
        """Return the copy of a module, or the module itself if it has none."""
        return self._copier.copies.get(id(module), module)  # type: ignore[no-any-return]

    def original(self, module: nn.Module) -> nn.Module:
        """Return the module of the model that `module` is a copy of, or `module` itself."""
        return self._originals.get(id(module), module)

    def __contains__(self, module: nn.Module) -> bool:
        """Whether `module` is a copy, or runs in place of one."""
        return id(module) in self._originals

    @property
    def copies(self) -> list[nn.Module]:
        """The copies, without the modules that are run themselves."""
        return [one for one in self._copies if self._originals[id(one)] is not one]

    @contextmanager
    def active(self) -> Iterator[nn.Module]:
        """Give the copy of the model inside the `with` block.

        After it each copy has the attributes of its module: what still refers to one, such as the
        traceback of an error, sees the parameters of the model.
        """
        try:
            for copied, state in zip(self._copies, self._states, strict=True):
                object.__setattr__(copied, "__dict__", state.attributes)
            yield self.of(self._model)
        finally:
            for copied, state in zip(self._copies, self._states, strict=True):
                object.__setattr__(copied, "__dict__", state.own)

    def release(self) -> None:
        """Drop the copies after the run. None can be looked up from then on."""
        for state in self._states:
            state.attributes.clear()
        self._hooks = None
        self._copies.clear()
        self._containers = self._copier.originals
        self._copier.copies.clear()
        del self._copier  # which refers to this object in turn

    def is_bypassed(self, changed: Iterable[Any], error: BaseException | None) -> bool:
        """Whether the run reached the model past its copy, so that it may have seen both.

        Args:
            changed: What existed before the run and held something that the run made.
            error: The exception that ended the run.
        """
        if self._in_place:
            return False
        parts = {id(part) for state in self._states for part in (state.module, state.own)}
        parts |= {id(container) for container, _ in self._containers}
        return any(id(one) in parts for one in changed) or self._is_missing(error)

    def _is_missing(self, error: BaseException | None) -> bool:
        """Whether a dictionary that knows a module was asked for its copy, or for the copy's id."""
        if not isinstance(error, KeyError) or not error.args:
            return False
        key = error.args[0]
        key = key() if isinstance(key, ReferenceType) else key
        return key in self._originals if isinstance(key, int) else id(key) in self._originals

    def restore_model(self) -> None:
        """Give the modules, and the containers in their attributes, what they held before."""
        for state in self._states:
            restore_contents(state.own, state.before)
        for container, contents in self._containers:
            restore_contents(container, contents)

    def _add_registered(self, path: str, module: nn.Module) -> None:
        prefix = f"{path}." if path else ""
        if isinstance(module, torch.jit.ScriptModule):
            # It keeps its state in C. The replacements are used when its tensors are met.
            self._swap.replace_state(prefix, dict(module.named_parameters(recurse=False)))
            self._swap.replace_state(prefix, dict(module.named_buffers(recurse=False)))
            return
        attributes = self._add(module, path or "The model")
        for name in ("_parameters", "_buffers"):
            state = attributes[name]
            if state:
                attributes[name] = self._swap.replace_state(prefix, state)
                self._copier.add(state, attributes[name])

    def _copy_unregistered(self, module: nn.Module) -> nn.Module:
        """The copy of a module that is held in an attribute or a closure, not as a submodule."""
        if not isinstance(module, torch.jit.ScriptModule):
            self._add(module, f"A {type(module).__name__}")
        return self.of(module)

    def _add(self, module: nn.Module, name: str) -> AttributeDict:
        copied, reason = module, ClassLayout.of(type(module)).reason
        if reason is None and not self._in_place:
            copied = object.__new__(type(module))
            copy_slots(module, copied, self._copier.copy)
        elif not self._in_place:
            self.notes.append(NOT_COPIED.format(f"{name} ({type(module).__name__})", reason))
        own = object.__getattribute__(module, "__dict__")
        state = ModuleState(module, own, own.copy(), own.copy())
        self._states.append(state)
        self._copies.append(copied)
        self._originals[id(copied)] = module
        self._copier.add(module, copied)
        return state.attributes

    def _fill(self) -> None:
        """Copy what the attributes refer to, hooks first: their handles refer to them."""
        number, copy, hooks = 0, self._copier.copy, self._hooks
        pending: list[tuple[AttributeDict, str, Any]] = []
        while number < len(self._states) or pending:
            for state in self._states[number:]:
                number += 1
                attributes = state.attributes
                for name, item in state.before.items():
                    kind = type(item)
                    if kind in IMMUTABLE or (kind is tuple and is_immutable(item)):
                        continue
                    if name in MODULE_ATTRIBUTES and not item:
                        is_shared = hooks is not None and kind is OrderedDict and name in HOOKS
                        attributes[name] = hooks if is_shared else kind()
                    elif name in HOOKS:
                        attributes[name] = copy(item)
                    else:
                        pending.append((attributes, name, item))
            for attributes, name, item in pending:  # copying these may add modules
                attributes[name] = copy(item)
            pending.clear()
