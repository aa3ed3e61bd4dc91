"""The tensors inside what is passed to a call or returned from one, whatever it is kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import fields, is_dataclass
from types import FunctionType, MethodType, ModuleType
from typing import Any

from torch import Tensor, nn

PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None), type(...)))
OPAQUE = (type, ModuleType, FunctionType, MethodType, nn.Module)
"""What has attributes, but is nobody's container of tensors."""


def tensors_in(item: Any, *, objects: bool = True) -> Iterator[Tensor]:
    """Every tensor in `item`, depth first, in the order in which it is written.

    Containers and dataclasses are followed all the way, other objects one deep, for they may lead
    in circles.
    """
    if isinstance(item, Tensor):
        yield item
    elif type(item) not in PLAIN:
        deeper = objects and not is_object(item)
        for _, element in parts_of(item) if objects or not is_object(item) else ():
            yield from tensors_in(element, objects=deeper)


def operands(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Tensor]:
    """The tensors in the arguments of a torch call, which takes few kinds of containers."""
    found: list[Tensor] = []
    for item in (*args, *kwargs.values()) if kwargs else args:
        if isinstance(item, Tensor):
            found.append(item)
        elif type(item) not in PLAIN:
            found.extend(tensors_in(item))
    return found


def is_object(item: Any) -> bool:
    """Whether `item` is known only by its attributes: neither a container nor a dataclass."""
    return not isinstance(item, (tuple, list, set, frozenset, Mapping, slice)) and (
        isinstance(item, type) or not is_dataclass(item)
    )


def parts_of(item: Any) -> list[tuple[Any, Any]]:
    """What `item` holds, each part by its index, key or name."""
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
    return list((own_attributes(item) or {}).items())


def own_attributes(item: Any) -> dict[str, Any] | None:
    """The attributes that an object has of its own. It is not asked: it might answer anything."""
    try:
        found = object.__getattribute__(item, "__dict__")
    except AttributeError:
        return None
    return found if isinstance(found, dict) else None


def with_parts(item: Any, parts: dict[Any, Any]) -> Any:
    """A copy of `item`, of the same type, that holds other parts."""
    if isinstance(item, slice):
        return slice(parts["start"], parts["stop"], parts["step"])
    if isinstance(item, (tuple, list, set, frozenset)):
        named = hasattr(item, "_fields")
        return type(item)(*parts.values()) if named else type(item)(parts.values())
    result = copy(item)
    if isinstance(item, Mapping):
        for key, part in parts.items():
            result[key] = part  # some results refuse to be updated
    else:
        for name, part in parts.items():
            object.__setattr__(result, name, part)
    return result


def map_tensors(item: Any, change: Callable[[Tensor], Any]) -> Any:
    """`item` with every tensor in it changed; what holds none stays the same object."""
    if isinstance(item, Tensor):
        return change(item)
    if type(item) in PLAIN or next(tensors_in(item), None) is None:
        return item
    return with_parts(item, {key: map_tensors(part, change) for key, part in parts_of(item)})
