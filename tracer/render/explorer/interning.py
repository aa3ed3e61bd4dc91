"""The numbers by which a document names what occurs many times in it: sizes, shapes and tensors."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from tracer.record import Dim, Value

_T = TypeVar("_T", bound=Hashable)

NOTHING = -1
"""Stands for a number where there is none."""


class Pool(Generic[_T]):
    """Distinct items, each with the number of its first occurrence.

    >>> pool = Pool()
    >>> [pool.number("a"), pool.number("b"), pool.number("a")], pool.items
    ([0, 1, 0], ['a', 'b'])
    """

    def __init__(self) -> None:
        self._numbers: dict[_T, int] = {}

    @property
    def items(self) -> list[_T]:
        """The items by their numbers."""
        return list(self._numbers)

    def number(self, item: _T) -> int:
        """Return the number of an item, a new one for an item that is new."""
        return self._numbers.setdefault(item, len(self._numbers))


class TensorPools:
    """The sizes, shapes, dtypes and tensors of one document."""

    def __init__(self) -> None:
        self.dims: Pool[str] = Pool()
        self.shapes: Pool[tuple[int, ...]] = Pool()
        self.dtypes: Pool[str] = Pool()
        self._numbers: dict[str, int] = {}
        self.values: list[tuple[int, int]] = []

    def dim(self, size: Dim | None) -> int:
        """Return the number of a size or a formula, `NOTHING` for one that is not known."""
        return NOTHING if size is None else self.dims.number(str(size))

    def dims_of(self, sizes: Iterable[Dim]) -> tuple[int, ...]:
        """Return the numbers of sizes."""
        return tuple(map(self.dim, sizes))

    def value(self, value: Value) -> int:
        """Return the number of a tensor. One tensor has one number, whoever refers to it."""
        number = self._numbers.get(value.name)
        if number is None:
            number = self._numbers[value.name] = len(self.values)
            shape = self.shapes.number(self.dims_of(value.shape))
            self.values.append((shape, self.dtypes.number(value.dtype)))
        return number

    def values_of(self, values: Iterable[Value]) -> list[int]:
        """Return the numbers of tensors."""
        return list(map(self.value, values))

    def named(self, pairs: Iterable[tuple[str, Value]]) -> list[tuple[str, int]]:
        """Return tensors by their local names, as numbers."""
        return [(name, self.value(value)) for name, value in pairs]

    def known(self, name: str | None) -> int:
        """Return the number of a tensor by the name of its value, `NOTHING` for an unknown one."""
        return NOTHING if name is None else self._numbers.get(name, NOTHING)
