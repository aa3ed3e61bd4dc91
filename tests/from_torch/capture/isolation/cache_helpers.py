"""Helpers that keep what they compute, each in another place. No model is defined here."""

from __future__ import annotations

import contextvars
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from functools import cache, cached_property, lru_cache
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

KEPT: dict[Any, Any] = {}
NESTED: dict[str, dict[str, Any]] = {"tables": {"deep": {}}}
ORDERED: OrderedDict[str, Tensor] = OrderedDict()
RECENT: deque[Any] = deque(["first", "second"], maxlen=2)
SLOTS: list[Any] = [None, "other"]
SEEN: set[Any] = set()
BY_MODULE: WeakKeyDictionary[nn.Module, Tensor] = WeakKeyDictionary()
LOG: list[Any] = ["begin"]
ERRORS: list[BaseException] = []
VARIABLE: contextvars.ContextVar[Tensor] = contextvars.ContextVar("variable")
VARIABLE_OF_A_DICT: contextvars.ContextVar[dict[int, Tensor]] = contextvars.ContextVar("dict")
VARIABLE_OF_A_DICT.set({})
ARRAY: Any = np.array([None, "other"], dtype=object)
FIXED: tuple[dict[int, Any], list[Any]] = ({}, [])
LOCAL = threading.local()
TABLE: Tensor | None = None
COUNT = 0


def ones(size: int) -> Tensor:
    return torch.ones(size)


def in_a_dict(size: int) -> Tensor:
    if size not in KEPT:
        KEPT[size] = (ones(size), {"also": [ones(size)]})
    return KEPT[size][0]


def in_a_nested_dict(size: int) -> Tensor:
    deep = NESTED["tables"]["deep"]
    if size not in deep:
        deep[size] = ones(size)
    return deep[size]


def in_an_ordered_dict(size: int) -> Tensor:
    ORDERED.setdefault("table", ones(size))
    return ORDERED["table"]


def in_a_deque(size: int) -> Tensor:
    RECENT.append(ones(size))
    return RECENT[-1]


def in_a_list(size: int) -> Tensor:
    if SLOTS[0] is None:
        SLOTS[0] = ones(size)
    LOG.append(("called", ones(size)))
    return SLOTS[0]


def in_a_set(size: int) -> Tensor:
    if not SEEN:
        SEEN.add(ones(size))
    return next(iter(SEEN))


def in_a_global_name(size: int) -> Tensor:
    global TABLE, COUNT
    COUNT += 1
    if TABLE is None:
        TABLE = ones(size)
    return TABLE


def in_an_array(size: int) -> Tensor:
    if ARRAY[0] is None:
        ARRAY[0] = ones(size)
    return ARRAY[0]  # type: ignore[no-any-return]


def in_a_tuple_of_containers(size: int) -> Tensor:
    FIXED[1].append((ones(size),))
    return FIXED[0].setdefault(size, ones(size))  # type: ignore[no-any-return]


def in_a_dict_of_a_context_variable(size: int) -> Tensor:
    return VARIABLE_OF_A_DICT.get().setdefault(size, ones(size))


def in_many_objects(size: int) -> Tensor:
    LOG.extend((number, ones(size)) for number in range(60))
    return LOG[-1][1]  # type: ignore[no-any-return]


class Tables:
    shared: Tensor | None = None
    by_size: ClassVar[dict[int, Tensor]] = {}

    def __init__(self) -> None:
        self.own: Tensor | None = None

    @cached_property
    def cached(self) -> Tensor:
        return ones(8)

    @classmethod
    def in_a_class(cls, size: int) -> Tensor:
        if cls.shared is None:
            cls.shared = ones(size)
        return cls.shared

    @classmethod
    def in_a_dict_of_a_class(cls, size: int) -> Tensor:
        if size not in cls.by_size:
            cls.by_size[size] = ones(size)
        return cls.by_size[size]

    @lru_cache  # noqa: B019
    def in_a_cached_method(self, size: int) -> Tensor:
        return ones(size)


TABLES = Tables()


def in_an_object(size: int) -> Tensor:
    if TABLES.own is None:
        TABLES.own = ones(size)
    return TABLES.own


def in_a_cached_property(size: int) -> Tensor:
    return TABLES.cached


@lru_cache(maxsize=4)
def in_an_lru_cache(size: int) -> Tensor:
    return ones(size)


@cache
def in_a_cache(size: int) -> Tensor:
    return ones(size)


def in_a_default(size: int, kept: dict[int, Tensor] = {}) -> Tensor:  # noqa: B006
    if size not in kept:
        kept[size] = ones(size)
    return kept[size]


def in_a_function(size: int) -> Tensor:
    if not hasattr(in_a_function, "table"):
        in_a_function.table = ones(size)  # type: ignore[attr-defined]
    return in_a_function.table  # type: ignore[attr-defined,no-any-return]


def memoized() -> tuple[Callable[[int], Tensor], Callable[[int], Tensor]]:
    table, tables = None, {}

    def one(size: int) -> Tensor:
        nonlocal table
        if table is None:
            table = ones(size)
        return table

    def many(size: int) -> Tensor:
        if size not in tables:
            tables[size] = ones(size)
        return tables[size]

    return one, many


in_a_closure, in_a_dict_of_a_closure = memoized()


def in_a_thread_local(size: int) -> Tensor:
    if not hasattr(LOCAL, "table"):
        LOCAL.table = ones(size)
    return LOCAL.table  # type: ignore[no-any-return]


def in_a_context_variable(size: int) -> Tensor:
    if VARIABLE.get(None) is None:
        VARIABLE.set(ones(size))
    return VARIABLE.get()


def in_a_traceback(size: int) -> Tensor:
    table = ones(size)
    try:
        KEPT["no such key"]
    except KeyError as error:
        ERRORS.append(error)
    return table


class Slotted:
    __slots__ = ("table", "tables")

    def __init__(self) -> None:
        self.table: Tensor | None = None
        self.tables: list[Tensor] = []


SLOTTED = Slotted()


def in_a_slot(size: int) -> Tensor:
    if SLOTTED.table is None:
        SLOTTED.table = ones(size)
        SLOTTED.tables.append(SLOTTED.table)
    return SLOTTED.table


def holder() -> Iterator[Any]:
    """A generator that holds the last thing that was sent to it."""
    held = None
    while True:
        held = yield held


def state() -> dict[str, Any]:
    """What the helpers keep, to be compared with what they keep later."""
    return {
        "kept": dict(KEPT),
        "nested": dict(NESTED["tables"]["deep"]),
        "ordered": dict(ORDERED),
        "recent": list(RECENT),
        "slots": list(SLOTS),
        "seen": set(SEEN),
        "errors": list(ERRORS),
        "log": list(LOG),
        "table": TABLE,
        "class": (Tables.shared, dict(Tables.by_size), dict(vars(TABLES))),
        "function": dict(vars(in_a_function)),
        "default": in_a_default.__defaults__,
        "thread": dict(vars(LOCAL)),
        "variable": VARIABLE.get(None),
        "variable of a dict": dict(VARIABLE_OF_A_DICT.get()),
        "slot": (SLOTTED.table, list(SLOTTED.tables)),
        "array": ARRAY.tolist(),
        "tuple": (dict(FIXED[0]), list(FIXED[1])),
    }


def reset() -> None:
    """Empties all caches, also of what a run of a model itself has put there."""
    global TABLE
    TABLE = Tables.shared = TABLES.own = SLOTTED.table = None
    vars(TABLES).pop("cached", None)
    emptied: tuple[Any, ...] = (KEPT, NESTED["tables"]["deep"], ORDERED, SEEN, ERRORS, vars(LOCAL))
    emptied += (*FIXED, VARIABLE_OF_A_DICT.get(), SLOTTED.tables)
    for kept in (*emptied, Tables.by_size, vars(in_a_function), *(in_a_default.__defaults__ or ())):
        kept.clear()
    for cached in (in_an_lru_cache, in_a_cache, Tables.in_a_cached_method):
        cached.cache_clear()
    RECENT.extend(["first", "second"])
    SLOTS[0] = None
    LOG[1:] = []
    ARRAY[0] = None
    for cell in (*in_a_closure.__closure__, *in_a_dict_of_a_closure.__closure__):  # type: ignore[attr-defined]
        if isinstance(cell.cell_contents, dict):
            cell.cell_contents.clear()
        else:
            cell.cell_contents = None


HELPERS: dict[str, Callable[[int], Tensor]] = {
    name: item for name, item in list(globals().items()) if name.startswith("in_")
} | {
    "in_a_class": Tables.in_a_class,
    "in_a_dict_of_a_class": Tables.in_a_dict_of_a_class,
    "in_a_cached_method": TABLES.in_a_cached_method,
}
