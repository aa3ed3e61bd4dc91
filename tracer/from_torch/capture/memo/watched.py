"""What cannot be observed while a block runs, and so is looked at before and after it."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeAlias

WatchedObject: TypeAlias = Any
"""A function with a cache, written in C; or a list, dictionary or set that a class holds."""

CACHED_FUNCTION = type(lru_cache(len))

WATCHED_CONTAINERS = frozenset((list, dict, set))

MOST_ELEMENTS = 1000
"""A container with more elements is not watched: that would take longer than to run a block."""


def appearance(item: WatchedObject) -> Hashable:
    """Return what changes when a function is called, or when the elements of a container change.

    >>> appearance(["a", "b"]), appearance({"a": 1}), appearance(lru_cache(len))
    ((<class 'str'>, 'a', <class 'str'>, 'b'), (<class 'str'>, 'a', <class 'int'>, 1), 0)
    """
    kind = type(item)
    if kind is CACHED_FUNCTION:
        info = item.cache_info()
        return int(info.hits + info.misses)
    parts = [*itertools.chain(*item.items())] if kind is dict else item
    return tuple([described for part in parts for described in (type(part), part)])


def elements(container: WatchedObject) -> list[Any]:
    """Return what a container holds, keys as well as items."""
    if type(container) is dict:
        return [*container, *container.values()]
    return list(container)
