"""What holds an object after a run, and how it is made to let go of it.

A holder is a container, an object, a class, a closure's variable or a cached function that existed
before the run. It gets back what it held before. Where that is not known, the entry is removed, or
a name is set to None, and a note says so.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable, Iterator
from types import CellType, ModuleType
from typing import Any
from weakref import ReferenceType

from tracer.from_torch.capture.isolation.class_layout import ClassLayout
from tracer.from_torch.capture.isolation.container_contents import (
    container_type_of,
    contents_of,
    is_object_array,
)
from tracer.from_torch.capture.isolation.global_values import LRU_CACHE, GlobalValues
from tracer.from_torch.capture.pytree import instance_dict

IsMade = Callable[[Any], bool]
"""Whether an object was made by the run, or leads to one that was."""

MISSING: Any = object()

REMOVED = (
    "{where} held {what} after the run. It was removed, but what it replaced, if anything, is not "
    "known."
)
NOT_REMOVED = (
    "{where} still holds {what}, which belongs to the run. Whatever uses it from now on may fail: "
    "start a new process, or replace it."
)


def undo(holder: Any, is_made: IsMade, values: GlobalValues, what: str) -> Iterator[str]:
    """Make `holder` let go of what a run made, and yield notes on what it could not restore.

    Args:
        holder: What existed before the run and refers to something that the run made.
        is_made: Tells what the run made.
        values: What global names held before the run.
        what: How a note names what was held.
    """
    holder = holder if holder in values else _owner_with(holder)
    before: Any = values.before(holder)
    container_type = container_type_of(type(holder))
    if isinstance(holder, LRU_CACHE):
        holder.cache_clear()
    elif isinstance(holder, type):
        yield from _undo_class(holder, is_made, before, values, what)
    elif isinstance(holder, CellType):
        yield from _undo_cell(holder, is_made, before, values, what)
    elif container_type is None:
        yield from _undo_object(holder, is_made, values, what)
    elif not issubclass(container_type, dict):
        yield from _undo_elements(holder, is_made, before, values, what)
    elif not _is_thread_table(holder):
        yield from _undo_entries(holder, is_made, before, values, what)
    else:
        for table in filter(is_made, holder.values()):  # without a table Python crashes
            yield from _undo_entries(table, is_made, {}, values, what)


def _is_thread_table(holder: Any) -> bool:
    """Whether this is where a `threading.local` holds the attributes that each thread sees."""
    key = next(iter(holder), None) if type(holder) is dict else None
    return type(key) is ReferenceType and type(key()).__name__ == "_localdummy"


def _undo_class(
    cls: type, is_made: IsMade, before: Any, values: GlobalValues, what: str
) -> Iterator[str]:
    known = before is not None
    for name, item in list(vars(cls).items()):
        if is_made(item) and _existed(item, before.get(name) if known else item):
            yield from undo(item, is_made, values, what)
        elif is_made(item):
            earlier = before.get(name, MISSING) if known else None
            if earlier is MISSING:
                type.__delattr__(cls, name)
            else:
                type.__setattr__(cls, name, earlier)
            if not known:
                where = f"{cls.__module__}.{cls.__qualname__}.{name}"
                yield REMOVED.format(where=where, what=what)


def _undo_cell(
    cell: CellType, is_made: IsMade, before: Any, values: GlobalValues, what: str
) -> Iterator[str]:
    content = cell.cell_contents
    if _existed(content, content if before is None else next(iter(before), MISSING)):
        yield from undo(content, is_made, values, what)
        return
    if before == []:
        del cell.cell_contents
        return
    cell.cell_contents = None if before is None else before[0]
    if before is None:
        yield REMOVED.format(where="A variable of a closure", what=what)


def _undo_array(holder: Any, is_made: IsMade, before: Any, what: str) -> Iterator[str]:
    """Restore the elements of a NumPy array of objects."""
    elements = holder.reshape(-1).tolist()
    for number, element in enumerate(elements):
        if is_made(element):
            holder.flat[number] = None if before is None else before[number]
    if before is None:
        yield REMOVED.format(where=f"A NumPy array of {len(elements)} objects", what=what)


def _undo_entries(
    holder: Any, is_made: IsMade, before: Any, values: GlobalValues, what: str
) -> Iterator[str]:
    """Restore the entries of a dictionary, which may be the attributes of an object."""
    container_type = container_type_of(type(holder))
    contents: Any = contents_of(holder, container_type)
    owner = _owner_of(holder) if before is None else None
    for key, item in contents.items():
        if not (is_made(key) or is_made(item)):
            continue
        earlier = MISSING if before is None else before.get(key, MISSING)
        if _existed(item, item if owner is not None else earlier):
            yield from undo(item, is_made, values, what)
            continue
        if owner is not None and not hasattr(type(owner), str(key)):
            earlier = None
        if earlier is MISSING:
            container_type.__delitem__(holder, key)
        else:
            container_type.__setitem__(holder, key, earlier)
        if before is None:
            yield REMOVED.format(where=_place(holder, owner, key), what=what)


def _existed(item: Any, earlier: Any) -> bool:
    """Whether an element was there before the run, which then changed it.

    To the garbage collector, a dictionary without objects begins to exist with the first of them.
    So does one that an attribute held before, as far as is known: attributes are rarely given a new
    one.
    """
    return item is earlier and container_type_of(type(item)) is not None


def _undo_elements(
    holder: Any, is_made: IsMade, before: Any, values: GlobalValues, what: str
) -> Iterator[str]:
    """Restore the elements of a list, a deque or a set."""
    container_type = container_type_of(type(holder))
    elements: Any = contents_of(holder, container_type)
    earlier = list(before or ())
    earlier_ids, present = set(map(id, earlier)), set(map(id, elements))
    left = []
    for number, element in enumerate(elements):
        if not is_made(element):
            left.append(element)
        elif id(element) in earlier_ids:
            left.append(element)
            yield from undo(element, is_made, values, what)
        elif number < len(earlier) and id(earlier[number]) not in present:
            left.append(earlier[number])
    if (
        container_type is deque
        and len(elements) == holder.maxlen
        and set(map(id, left)) <= earlier_ids
    ):
        left = earlier  # what was appended pushed out others
    container_type.clear(holder)
    (set.update if container_type is set else container_type.extend)(holder, left)
    if before is None:
        where = f"A {type(holder).__name__} of {len(elements)} elements"
        yield REMOVED.format(where=where, what=what)


def _undo_object(holder: Any, is_made: IsMade, values: GlobalValues, what: str) -> Iterator[str]:
    before: Any = values.before(holder)
    if is_object_array(holder):
        yield from _undo_array(holder, is_made, before, what)
        return
    found = False
    attributes = instance_dict(holder)
    if attributes and any(map(is_made, attributes.values())):
        found = True
        known = values.before(attributes) if before is None else before
        yield from _undo_entries(attributes, is_made, known, values, what)
    cls = type(holder)
    for slot in ClassLayout.of(cls).slots:
        if is_made(getattr(holder, slot.__name__, None)):
            found = True
            slot.__set__(holder, None if before is None else before.get(slot.__name__))
            if before is None:
                where = f"{cls.__module__}.{cls.__qualname__}.{slot.__name__} of an object"
                yield REMOVED.format(where=where, what=what)
    if not found:
        yield from _undo_parts(holder, is_made, values, what)


def _undo_parts(holder: Any, is_made: IsMade, values: GlobalValues, what: str) -> Iterator[str]:
    """Empty the containers in an object of which only Python knows how it changes.

    They were there before the run, as far as is known: when a tuple was made, they were.
    """
    parts = list(filter(is_made, gc.get_referents(holder)))
    containers = [part for part in parts if container_type_of(type(part)) is not None]
    for part in containers:
        yield from undo(part, is_made, values, what)
    if len(containers) < len(parts) or not parts:
        cls = type(holder)
        yield NOT_REMOVED.format(where=f"A {cls.__name__} object", what=what)


def _owner_with(holder: Any) -> Any:
    """The class or cached function that keeps its state in the dictionary `holder`, or `holder`."""
    if type(holder) is not dict:
        return holder
    for owner in gc.get_referrers(holder):
        if isinstance(owner, LRU_CACHE):
            return owner
        if isinstance(owner, type) and dict(vars(owner)) == holder:
            return owner
    return holder


def _owner_of(attributes: Any) -> Any:
    """The object whose ``__dict__`` this is, or None."""
    module = sys.modules.get(str(attributes.get("__name__")))
    if module is not None and instance_dict(module) is attributes:
        return module
    referrers = gc.get_referrers(attributes)
    return next((one for one in referrers if instance_dict(one) is attributes), None)


def _place(holder: Any, owner: Any, key: Any) -> str:
    if isinstance(owner, ModuleType):
        return f"{owner.__name__}.{key}"
    if owner is not None:
        cls = type(owner)
        return f"{cls.__module__}.{cls.__qualname__}.{key} of an object"
    return f"The entry {key!r:.60} of a {type(holder).__name__}"
