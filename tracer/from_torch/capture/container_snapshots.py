"""What the containers of a running function hold: lists, tuples, deques, dicts and attributes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import is_
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


@dataclass(frozen=True, slots=True)
class ContainerSnapshot:
    """What a container held after one line.

    `owner` is the container itself, and `elements` what it held. `revision` is how many tensors had
    got another value by then: while it and the elements are unchanged, so are the items. It is -1
    where an element is a list, whose changes cannot be seen that way.
    """

    owner: Any
    items: ContainerItems
    elements: tuple[Any, ...] = ()
    revision: int = -1

    def common_length(self, owner: Any, elements: Any, revision: int) -> int:
        """Return how many of the first elements of a container are known to be unchanged.

        Lists grow and shrink at their end, so that is the shorter length, or 0.
        """
        if owner is not self.owner or revision != self.revision:
            return 0
        unchanged = all(map(is_, self.elements, elements))
        return min(len(self.elements), len(elements)) if unchanged else 0


EMPTY_CONTAINER = ContainerSnapshot(None, ())
Snapshots = dict[str, ContainerSnapshot]


def container_snapshot(
    container: Any, before: ContainerSnapshot, values: ValueTable
) -> ContainerSnapshot | None:
    """Return a snapshot that reuses the unchanged start of the one before.

    None for a container that also holds something other than tensors; an empty place (None) does
    not count, and in a dict nothing else does either.
    """
    is_dict = isinstance(container, dict)
    present = container.values() if is_dict else container
    current = tuple(present) if is_dict else present
    revision = values.revision
    common = before.common_length(container, current, revision)
    if before.owner is container and common == len(current) == len(before.elements):
        return before
    elements = tuple(current)
    if len(before.items) != len(before.elements):
        common = 0
    new = elements[common:]
    found = (_item(element, values) for element in new)
    items = before.items[:common] + tuple(item for item in found if item is not None)
    missing = len(elements) - len(items)
    if missing and not is_dict and missing != elements.count(None):
        return None
    has_lists = any(isinstance(element, list) for element in new)
    return ContainerSnapshot(container, items, elements, -1 if has_lists else revision)


def _item(element: Any, values: ValueTable) -> ContainerItem | None:
    """An element of a container: a tensor, or a tuple of one tensor and plain values."""
    tensors = [element] if isinstance(element, Tensor) else []
    if isinstance(element, (tuple, list)):
        tensors = [part for part in element if isinstance(part, Tensor)]
    value = values.peek(tensors[0]) if len(tensors) == 1 else None
    return None if value is None else (id(tensors[0]), value)


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
        owner = _object_at(path, local)
        found = getattr(owner, "__dict__", {}).get(path.attribute)
        if isinstance(found, Tensor):
            yield path.name, (found,)
        elif type(found) in CONTAINER_TYPES:
            yield path.name, found


def _object_at(path: AttributePath, local: Mapping[str, Any]) -> Any:
    """The object that has an attribute; None if there is none, or it is computed on access."""
    found = local.get(path.variable)
    for name in path.between:
        members = getattr(found, "__dict__", {})
        submodules = members.get("_modules") or {}
        found = members[name] if name in members else submodules.get(name)
    return found


def _may_hold_tensors(path: AttributePath, local: Mapping[str, Any]) -> bool:
    """Whether an attribute that a function only reads may be a container of tensors."""
    owner = _object_at(path, local)
    members = getattr(owner, "__dict__", None)
    if members is None or isinstance(owner, Tensor):
        return False
    attribute = path.attribute
    if attribute in members:
        found = members[attribute]
        is_growing = type(found) in CONTAINER_TYPES and type(found) is not tuple
        return isinstance(found, Tensor) or is_growing
    if isinstance(owner, nn.Module) and (
        attribute in members["_modules"]
        or attribute in members["_parameters"]
        or attribute in members["_buffers"]
    ):
        return False
    return not hasattr(type(owner), attribute)


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
