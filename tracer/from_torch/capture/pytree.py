"""The tensors inside the arguments and results of a call, in any nesting of containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import fields, is_dataclass
from types import FunctionType, MethodType, ModuleType
from typing import Any, TypeAlias

from torch import Tensor, nn

PyTree: TypeAlias = Any
"""A tensor, a plain value, or a container or object that holds them, nested to any depth."""

PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None), type(...)))
OPAQUE = (type, ModuleType, FunctionType, MethodType, nn.Module)
"""Types that have attributes but are not searched for tensors."""


def tensors_in(item: PyTree, *, objects: bool = True) -> Iterator[Tensor]:
    """Yield every tensor in `item`, depth first, in the order of the containers.

    Containers and dataclasses are searched to any depth. The attributes of other objects are
    searched one object deep, because objects may refer to each other in circles.

    Args:
        item: Any nesting of containers and objects.
        objects: Whether to search the attributes of objects that are no dataclasses.

    >>> import torch
    >>> inputs = {"x": torch.ones(2), "skips": [torch.ones(3), torch.ones(4)]}
    >>> [tuple(tensor.shape) for tensor in tensors_in(inputs)]
    [(2,), (3,), (4,)]
    """
    if isinstance(item, Tensor):
        yield item
    elif type(item) not in PLAIN:
        deeper = objects and not is_object(item)
        for _, element in parts_of(item) if objects or not is_object(item) else ():
            yield from tensors_in(element, objects=deeper)


def operands(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Tensor]:
    """Return the tensors in the arguments of a call, faster than `tensors_in` does."""
    tensors: list[Tensor] = []
    for item in (*args, *kwargs.values()) if kwargs else args:
        if isinstance(item, Tensor):
            tensors.append(item)
        elif type(item) not in PLAIN:
            tensors.extend(tensors_in(item))
    return tensors


def is_object(item: PyTree) -> bool:
    """Whether `item` holds its parts as attributes: neither a container nor a dataclass."""
    return not isinstance(item, (tuple, list, set, frozenset, Mapping, slice)) and (
        isinstance(item, type) or not is_dataclass(item)
    )


def parts_of(item: PyTree) -> list[tuple[Any, Any]]:
    """Return the direct parts of `item`, each with its index, key or attribute name."""
    if isinstance(item, (tuple, list, set, frozenset)):
        return list(enumerate(item))
    if isinstance(item, Mapping):
        return list(item.items())
    if isinstance(item, slice):
        return [(name, getattr(item, name)) for name in ("start", "stop", "step")]
    if isinstance(item, OPAQUE):
        return []
    if is_dataclass(item):
        return [(field.name, getattr(item, field.name, None)) for field in fields(item)]
    return list((instance_dict(item) or {}).items())


def instance_dict(item: Any) -> dict[str, Any] | None:
    """Return the ``__dict__`` of an object, or None, without running any code of its class."""
    try:
        attributes = object.__getattribute__(item, "__dict__")
    except AttributeError:
        return None
    return attributes if isinstance(attributes, dict) else None


def with_parts(item: PyTree, parts: dict[Any, Any]) -> Any:
    """Return a copy of `item`, of the same type, with other parts.

    Args:
        item: A container or object.
        parts: All of its parts, by the keys that `parts_of` gives.
    """
    if isinstance(item, slice):
        return slice(parts["start"], parts["stop"], parts["step"])
    if isinstance(item, (tuple, list, set, frozenset)):
        is_named_tuple = hasattr(item, "_fields")
        return type(item)(*parts.values()) if is_named_tuple else type(item)(parts.values())
    result = copy(item)
    if isinstance(item, Mapping):
        for key, part in parts.items():
            result[key] = part  # `update` raises in some model outputs
    else:
        for name, part in parts.items():
            object.__setattr__(result, name, part)
    return result


def map_tensors(item: PyTree, change: Callable[[Tensor], Any]) -> Any:
    """Return `item` with `change` applied to every tensor in it.

    Parts without tensors are not copied.

    >>> import torch
    >>> map_tensors({"x": torch.ones(2, 3), "scale": 7.5}, lambda tensor: tuple(tensor.shape))
    {'x': (2, 3), 'scale': 7.5}
    """
    if isinstance(item, Tensor):
        return change(item)
    if type(item) in PLAIN or next(tensors_in(item), None) is None:
        return item
    return with_parts(item, {key: map_tensors(part, change) for key, part in parts_of(item)})
