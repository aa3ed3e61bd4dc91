"""Whether the code of a model reaches its own modules through a global name."""

from __future__ import annotations

import dis
from collections.abc import Container, Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

from torch import nn

from tracer.from_torch.capture.isolation.attribute_copier import IMMUTABLE
from tracer.from_torch.capture.isolation.container_contents import container_type_of, contents_of
from tracer.from_torch.capture.pytree import instance_dict


def name_that_leads_to(
    modules: Iterable[nn.Module], namespaces: Iterable[Mapping[str, Any]]
) -> str | None:
    """Return a global name that leads to one of the modules, and that their code uses, or None.

    Args:
        modules: The modules of a model.
        namespaces: The global names of the source files that define their classes.
    """
    classes = set(map(type, modules))
    ids = set(map(id, modules))
    for namespace in namespaces:
        names = {name for name, item in list(namespace.items()) if _leads_to(item, ids)}
        if names:
            used = names & _names_used(classes, namespace)
            if used:
                return min(used)
    return None


def _leads_to(item: Any, ids: Container[int]) -> bool:
    kind = type(item)
    if kind in IMMUTABLE or kind is FunctionType or isinstance(item, type):
        return False
    if issubclass(kind, nn.Module):
        return id(item) in ids
    container_type = container_type_of(kind)
    contents = instance_dict(item) if container_type is None else contents_of(item, container_type)
    parts = contents.values() if isinstance(contents, dict) else contents or ()
    return any(id(part) in ids for part in list(parts) if issubclass(type(part), nn.Module))


def _names_used(classes: Iterable[type], namespace: Mapping[str, Any]) -> set[str]:
    """The global names that the methods of the classes use, and the functions that they call."""
    pending = [function for cls in classes for function in _methods(cls)]
    used: set[str] = set()
    while pending:
        function = pending.pop()
        if function.__globals__ is not namespace:
            continue
        new = set(_global_names(function.__code__)) - used
        used |= new
        for item in map(namespace.get, new):
            if isinstance(item, FunctionType):
                pending.append(item)
            elif isinstance(item, type):
                pending += _methods(item)
    return used


def _methods(cls: type) -> Iterator[FunctionType]:
    for item in vars(cls).values():
        for part in (item, *(getattr(item, name, None) for name in ("__func__", "fget", "fset"))):
            if isinstance(part, FunctionType):
                yield part


def _global_names(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname.endswith("_GLOBAL"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)
