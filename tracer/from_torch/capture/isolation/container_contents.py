"""The contents of mutable containers, read and restored without the methods of a subclass.

A subclass may do anything when it is asked for an element: a registry may create one.
"""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict, deque
from typing import Any

CONTAINERS = (OrderedDict, defaultdict, dict, list, deque, set)
"""The mutable containers, each before its own base class."""

Contents = dict[Any, Any] | list[Any]


def container_type_of(cls: type) -> Any:
    """Return the entry of `CONTAINERS` that `cls` is or inherits from, or None.

    >>> class Registry(dict): ...
    >>> container_type_of(Registry), container_type_of(tuple)
    (<class 'dict'>, None)
    """
    if cls in CONTAINERS:
        return cls
    return next((one for one in CONTAINERS if issubclass(cls, one)), None)


def contents_of(container: Any, container_type: Any) -> Contents:
    """Return a shallow copy of the contents: a dictionary of a dictionary, else a list.

    Args:
        container: A dictionary, list, set or deque, of any subclass.
        container_type: Its entry of `CONTAINERS`.
    """
    if type(container) is dict:
        return container.copy()
    if not issubclass(container_type, dict):
        return list(container_type.__iter__(container))
    return {key: dict.__getitem__(container, key) for key in container_type.__iter__(container)}


def is_array(item: Any) -> bool:
    """Whether this is an array of NumPy, of no subclass."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(item) is numpy.ndarray


def is_object_array(item: Any) -> bool:
    """Whether this is an array of NumPy that holds objects, which the collector does not see."""
    return is_array(item) and item.dtype == object


def restore_contents(container: Any, before: Contents) -> None:
    """Give a container other contents, if it does not hold the same objects already."""
    container_type = container_type_of(type(container))
    if is_same(contents_of(container, container_type), before):
        return
    container_type.clear(container)
    if isinstance(before, dict):
        for key, element in before.items():
            container_type.__setitem__(container, key, element)
    elif container_type is set:
        set.update(container, before)
    else:
        container_type.extend(container, before)


def is_same(now: Contents, before: Contents) -> bool:
    """Whether both hold the same objects: equal ones do not count, and tensors refuse ``==``."""
    if len(now) != len(before):
        return False
    if isinstance(now, dict):
        missing = object()
        return all(before.get(key, missing) is element for key, element in now.items())  # type: ignore[union-attr]
    return all(one is other for one, other in zip(now, before, strict=True))
