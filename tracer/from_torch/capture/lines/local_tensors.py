"""The tensors in the local variables of a running function, kept up to date line by line.

A function has many variables, and a line changes few of them. So variables are compared by the ids
and the types of their objects, and only those that differ are looked at. An id can be used again
only by an object of another type, or by a tensor without a value, which is always looked at: the
tensors that have a value are alive until the end of the run, and small values are held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.lines.container_snapshots import is_container
from tracer.from_torch.capture.lines.small_values import SmallValues
from tracer.from_torch.capture.value_table import ValueTable
from tracer.record import Value

Names = dict[str, Value]
DELETED = object()
"""Stands for what a variable holds that has been deleted."""


class LocalTensors:
    """The values of the variables that are tensors, and the names of those that are containers.

    `names` is replaced when it changes; whoever holds it sees what it was before. `small` has the
    values of the other variables that are small.
    """

    def __init__(self, values: ValueTable) -> None:
        self.names: Names = {}
        self.small = SmallValues()
        self.containers: tuple[str, ...] = ()
        self._values = values
        self._revision = -1
        self._keys: list[str] = []
        self._ids: list[int] = []
        self._types: list[type] = []
        self._without_value: set[str] = set()

    def update(self, local: Mapping[str, Any]) -> list[tuple[str, Value]]:
        """Look at the variables again, and return those that hold another value than before."""
        objects = local.values()
        # lists, because Python keeps the memory of a tuple that was made of a map for the next one
        keys, ids, types = list(local), list(map(id, objects)), list(map(type, objects))
        names = self._differing(keys, ids, types)
        self._keys, self._ids, self._types = keys, ids, types
        self._revision = self._values.revision
        return self._look_at(names, local) if names else []

    def _differing(self, keys: list[str], ids: list[int], types: list[type]) -> list[str]:
        """The names of variables whose values may be others; first those that there were before."""
        known = len(self._keys)
        if self._values.revision != self._revision or keys[:known] != self._keys:
            gone = set(self._keys).difference(keys)
            return [*keys, *(name for name in self._keys if name in gone)]
        if not self._without_value and ids[:known] == self._ids and types[:known] == self._types:
            return list(keys[known:])
        pairs = zip(keys, ids, self._ids, types, self._types, strict=False)
        changed = [
            key
            for key, id_, old_id, type_, old_type in pairs
            if id_ != old_id or type_ is not old_type or key in self._without_value
        ]
        return changed + list(keys[known:])

    def _look_at(self, names: Iterable[str], local: Mapping[str, Any]) -> list[tuple[str, Value]]:
        values, bound, others = dict(self.names), [], []
        for name in names:
            found: Any = local.get(name, DELETED)
            kind = type(found)
            is_tensor = issubclass(kind, Tensor)  # isinstance may call methods of the object
            value = self._values.peek(found) if is_tensor else None
            if is_tensor and value is None:
                self._without_value.add(name)
            else:
                self._without_value.discard(name)
            if (not is_tensor and is_container(kind)) != (name in self.containers):
                others.append(name)
            if value is None:
                values.pop(name, None)
                self.small.look_at(name, found)
            elif values.get(name) != value:
                values[name] = value
                self.small.pass_over(name)
                bound.append((name, value))
        self.names = values
        if others:
            containers = set(self.containers).symmetric_difference(others)
            self.containers = tuple(name for name in local if name in containers)
        return bound
