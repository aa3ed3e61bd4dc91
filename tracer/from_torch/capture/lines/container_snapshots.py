"""What the containers of a running function hold: lists, tuples, deques, dicts and attributes.

The objects are the user's, so none of their methods is called: their types, their `__dict__` and
the items of built-in containers are read as they are.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from types import MappingProxyType
from typing import Any

from torch import Tensor, nn

from tracer.from_torch.capture.source.code_names import AttributePath, CodeNames
from tracer.from_torch.capture.value_table import ValueTable
from tracer.record import Change, Value

ContainerItem = tuple[int, Value]
"""A tensor in a container: its id, which a change in place does not affect, and its value now."""
ContainerItems = tuple[ContainerItem, ...]

LIST_TYPES = (list, tuple, deque)
DICT_TYPES = (dict, OrderedDict, defaultdict)
CONTAINER_TYPES = frozenset((*LIST_TYPES, *DICT_TYPES))
NO_MEMBERS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ContainerSnapshot:
    """What a container held after one line.

    `owner` is the container itself, and `elements` what it held. `revision` is how many tensors had
    got another value by then: while it and the elements are unchanged, so are the items. It is -1
    where an element is a list, whose changes cannot be seen that way. `new` are the items that were
    looked at for this snapshot; the others are those of the one before.
    """

    owner: Any
    items: ContainerItems
    elements: tuple[Any, ...] = ()
    revision: int = -1
    new: ContainerItems = ()

    def unchanged(self, owner: Any, elements: Any, revision: int) -> tuple[int, int]:
        """Return how many elements of a container are known to be unchanged: the first, the last.

        Lists grow and shrink at one end, so that is the shorter length, or 0.
        """
        is_known = owner is self.owner and revision == self.revision
        if not is_known or len(self.items) != len(self.elements):
            return 0, 0
        shorter = min(len(self.elements), len(elements))
        if all(map(is_, self.elements, elements)):
            return shorter, 0
        from_the_end = map(is_, reversed(self.elements), reversed(elements))
        return (0, shorter) if all(from_the_end) else (0, 0)


EMPTY_CONTAINER = ContainerSnapshot(None, ())
Snapshots = dict[str, ContainerSnapshot]


def container_snapshot(
    container: Any, before: ContainerSnapshot, values: ValueTable
) -> ContainerSnapshot | None:
    """Return a snapshot that reuses the unchanged start of the one before.

    None for a container that also holds something other than tensors; an empty place (None) does
    not count, and in a dict nothing else does either.
    """
    if before.owner is container and _is_empty(container) and not before.elements:
        return before
    current = _elements(container)
    revision = values.revision
    if before.owner is container and revision == before.revision and _same(before, current):
        return before
    elements = tuple(current)
    first, last = before.unchanged(container, elements, revision)
    looked_at = elements[first : len(elements) - last]
    found: list[ContainerItem] = []
    is_dict = type(container) in DICT_TYPES
    for element in looked_at:
        items = _items(element, values)
        # Elements are the model's objects: comparing tensors would be an operation of the run.
        if not items and element is not None and not is_dict:
            return None
        found += items
    known = before.items
    every = (*known[:first], *found, *known[len(known) - last :])
    if any(is_container(type(element)) for element in looked_at):
        revision = -1
    return ContainerSnapshot(container, every, elements, revision, tuple(found))


def _same(before: ContainerSnapshot, elements: Sequence[Any]) -> bool:
    """Whether these are the elements that there were before."""
    return len(before.elements) == len(elements) and all(map(is_, before.elements, elements))


def _is_empty(container: Any) -> bool:
    return type(container) in CONTAINER_TYPES and not container


def is_container(kind: type) -> bool:
    """Return whether objects of a class are containers: built-in ones and named tuples.

    A class that extends a list or dict is an object with a purpose of its own, such as the outputs
    of a model by name.
    """
    return kind in CONTAINER_TYPES or issubclass(kind, tuple)


def _elements(container: Any) -> Sequence[Any]:
    """What a container holds; of a named tuple, whatever methods it defines."""
    kind = type(container)
    if kind in DICT_TYPES:
        return tuple(container.values())
    is_named = kind not in LIST_TYPES
    return tuple(tuple.__iter__(container)) if is_named else container


def _items(element: Any, values: ValueTable) -> tuple[ContainerItem, ...]:
    """The tensors of an element: one, one with plain values, or all that a container inside holds.

    Nothing if it holds something else beside several tensors.
    """
    kind = type(element)
    if issubclass(kind, Tensor):
        parts: Sequence[Any] = (element,)
    elif is_container(kind):
        parts = _elements(element)
    else:
        return ()
    tensors = [part for part in parts if issubclass(type(part), Tensor)]
    if len(tensors) > 1 and len(tensors) < len(parts):
        return ()
    found = ((id(tensor), values.peek(tensor)) for tensor in tensors)
    items = tuple((number, value) for number, value in found if value is not None)
    return items if len(items) == len(tensors) else ()


def watched_attributes(names: CodeNames, local: Mapping[str, Any]) -> tuple[AttributePath, ...]:
    """Return the attributes of local objects that may hold tensors between two lines.

    Submodules, parameters and methods are no containers. Whatever else the function names is looked
    at after each of its lines.
    """
    return tuple(
        path
        for path in names.attributes
        if path.name in names.assigned or _may_hold_tensors(path, local)
    )


def attribute_containers(
    paths: Iterable[AttributePath], local: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the name of each attribute and the container that it is, or is in.

    A tensor that is an attribute is a container of one.
    """
    for path in paths:
        found = _members(_object_at(path, local)).get(path.attribute)
        if issubclass(type(found), Tensor):
            yield path.name, (found,)
        elif is_container(type(found)):
            yield path.name, found


def _object_at(path: AttributePath, local: Mapping[str, Any]) -> Any:
    """The object that has an attribute; None if there is none, or it is computed on access."""
    found = local.get(path.variable)
    for name in path.between:
        members = _members(found)
        found = members[name] if name in members else _registered(members, "_modules").get(name)
    return found


def _members(owner: Any) -> Mapping[str, Any]:
    """What the `__dict__` of an object holds; nothing if it has none, or computes it."""
    try:
        found = object.__getattribute__(owner, "__dict__")
    except Exception:  # raised by a class that defines `__dict__` itself
        return NO_MEMBERS
    return found if type(found) is dict else NO_MEMBERS


def _registered(members: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The submodules, parameters or buffers of a module; none before its `__init__` has run."""
    found: Any = members.get(kind)
    return found if type(found) in DICT_TYPES else NO_MEMBERS


def _may_hold_tensors(path: AttributePath, local: Mapping[str, Any]) -> bool:
    """Whether an attribute that a function only reads may be a container of tensors."""
    owner = _object_at(path, local)
    if issubclass(type(owner), Tensor):
        return False
    members = _members(owner)
    if members is NO_MEMBERS:
        return False
    attribute = path.attribute
    if attribute in members:
        kind = type(members[attribute])
        is_growing = is_container(kind) and not issubclass(kind, tuple)
        return issubclass(kind, Tensor) or is_growing
    if issubclass(type(owner), nn.Module) and (
        attribute in _registered(members, "_modules")
        or attribute in _registered(members, "_parameters")
        or attribute in _registered(members, "_buffers")
    ):
        return False
    classes = type(owner).__mro__
    return not any(attribute in type.__getattribute__(cls, "__dict__") for cls in classes)


def container_changes(
    name: str, before: ContainerSnapshot, after: ContainerSnapshot
) -> Iterator[Change]:
    """Yield the pops and pushes that lead from one snapshot of a container to the next.

    Another container under the same name that shares no items with the first was assigned, not
    changed.
    """
    old, new = before.items, after.items
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    if old and new and start + end == 0 and before.owner is not after.owner:
        return
    depth = len(old)
    for _, value in reversed(old[start : len(old) - end]):
        depth -= 1
        yield Change("pop", name, value, depth)
    existed = before.owner is not None or "." in name  # an attribute: its object was there
    for _, value in new[start : len(new) - end]:
        depth += 1
        yield Change("push", name, value, depth, existed)


def _common_prefix(one: ContainerItems, other: ContainerItems) -> int:
    """How many items at the start of two containers are the same tensors."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    length = 0
    for (one_id, _), (other_id, _) in zip(one, other, strict=False):
        if one_id != other_id:
            break
        length += 1
    return length
