"""The tensors inside what is passed to a call: in lists, tuples, dicts, slices and dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from torch import Tensor


def tensors_in(item: Any) -> Iterator[Tensor]:
    """Every tensor in `item`, depth first, in the order in which it is written."""
    if isinstance(item, Tensor):
        yield item
    else:
        for element in elements_of(item):
            yield from tensors_in(element)


def elements_of(item: Any) -> Iterable[Any]:
    """What a container holds; nothing for what is none."""
    if isinstance(item, (tuple, list, set, frozenset)):
        return item
    if isinstance(item, Mapping):
        return item.values()
    if isinstance(item, slice):
        return item.start, item.stop, item.step
    if is_dataclass(item) and not isinstance(item, type):
        return [getattr(item, field.name, None) for field in fields(item)]
    return ()


def map_tensors(item: Any, change: Callable[[Tensor], Any]) -> Any:
    """`item` with every tensor in it changed; what holds none stays the same object."""

    def changed(part: Any) -> Any:
        return map_tensors(part, change)

    if isinstance(item, Tensor):
        return change(item)
    if next(tensors_in(item), None) is None:
        return item
    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return type(item)(*map(changed, item))
    if isinstance(item, Mapping):
        items = {key: changed(element) for key, element in item.items()}
        return items if type(item) is dict else type(item)(items)  # type: ignore[call-arg]
    if isinstance(item, slice):
        return slice(*map(changed, (item.start, item.stop, item.step)))
    if is_dataclass(item) and not isinstance(item, type):
        parts = {field.name: changed(getattr(item, field.name)) for field in fields(item)}
        return replace(item, **parts)
    return type(item)(map(changed, item))
