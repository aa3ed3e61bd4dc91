"""Checks the sizes of tensors without importing sympy.

The shape function of nearly every operation checks its arguments through functions of
`torch.fx.experimental.symbolic_shapes`, such as `expect_true`. They are for sizes that are symbols,
and the module imports sympy, which takes longer than the trace of a small model. For numbers the
answers are plain. A stub gives those, and asks the real function wherever an argument is a symbol.
Another stub takes the place of sympy for functions that ask whether a number is an expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor

from tracer.from_torch.capture.stubs.stub_module import StubModule
from tracer.from_torch.private_torch import SYMBOL_ERROR, SYMBOLIC_SHAPES

NUMBER_TYPES = frozenset((bool, int, float))
IDENTITIES = (
    *("expect_true", "guard_bool", "guard_or_false", "guard_or_true", "guard_size_oblivious"),
    "statically_known_true",
)
"""The functions that return a condition that is a bool."""
UNUSED = (
    *("_advise_is_bounded", "_advise_is_size", "_constrain_range_for_size", "_iterate_nodes"),
    *("compute_unbacked_bindings", "constrain_range", "free_unbacked_symbols"),
    *("guard_int", "guard_scalar", "guarding_hint_or_throw", "optimization_hint"),
)
"""Functions that torch imports before it knows whether any size is a symbol."""


class SymbolicShapesStub(StubModule):
    """Takes the place of `torch.fx.experimental.symbolic_shapes`, for sizes that are numbers."""

    def __init__(self) -> None:
        super().__init__(SYMBOLIC_SHAPES, SYMBOL_ERROR)
        self._sympy = StubModule("sympy", "Basic")
        for name in IDENTITIES:
            setattr(self, name, partial(self._identity, name))
        for name in UNUSED:
            setattr(self, name, partial(self._called, name))

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let imports find the stub inside the `with` block, and one for sympy itself."""
        with self._sympy.installed(), super().installed():
            yield

    def remove(self) -> None:
        """Let imports find the real module, which then needs the real sympy."""
        super().remove()
        self._sympy.remove()

    def _called(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.real(), name)(*args, **kwargs)

    def _identity(self, name: str, condition: Any, *args: Any, **kwargs: Any) -> Any:
        if type(condition) is bool:
            return condition
        return getattr(self.real(), name)(condition, *args, **kwargs)

    def statically_known_false(self, condition: Any) -> Any:
        """Whether a condition is certain to be false."""
        if type(condition) is bool:
            return not condition
        return self.real().statically_known_false(condition)

    def sym_and(self, *conditions: Any) -> Any:
        """Whether all conditions are true."""
        if _are(bool, conditions):
            return all(conditions)
        return self.real().sym_and(*conditions)

    def sym_or(self, *conditions: Any) -> Any:
        """Whether one of the conditions is true."""
        if _are(bool, conditions):
            return any(conditions)
        return self.real().sym_or(*conditions)

    def sym_eq(self, left: Any, right: Any) -> Any:
        """Whether two sizes are equal, or two sequences of sizes."""
        if type(left) is int and type(right) is int:
            return left == right
        are_sequences = isinstance(left, (tuple, list)) and isinstance(right, (tuple, list))
        if are_sequences and _are(int, (*left, *right)):
            return tuple(left) == tuple(right)
        return self.real().sym_eq(left, right)

    def _iterate_exprs(self, item: Any) -> Any:
        """The symbols in the sizes of tensors, and in numbers."""
        return () if _is_plain(item) else self.real()._iterate_exprs(item)

    def has_free_symbols(self, item: Any) -> Any:
        """Whether there is a symbol in the sizes of tensors, or in numbers."""
        return not _is_plain(item) and self.real().has_free_symbols(item)

    def has_free_unbacked_symbols(self, item: Any) -> Any:
        """Whether there is a symbol for a size that depends on data."""
        return not _is_plain(item) and self.real().has_free_unbacked_symbols(item)

    def is_symbolic(self, size: Any) -> Any:
        """Whether a number is a symbol."""
        return type(size) not in NUMBER_TYPES and self.real().is_symbolic(size)

    def is_nested_int(self, size: Any) -> Any:
        """Whether a size is one of a nested tensor."""
        return type(size) is not int and self.real().is_nested_int(size)

    def size_hint(self, size: Any, **options: Any) -> Any:
        """What a size is in this run; older versions of torch ask for it."""
        return size if type(size) is int else self.real().size_hint(size, **options)

    def has_guarding_hint(self, size: Any) -> Any:
        """Whether it is known what a size is in this run."""
        return type(size) in NUMBER_TYPES or self.real().has_guarding_hint(size)


def _is_plain(item: Any) -> bool:
    if isinstance(item, (tuple, list)):
        return all(map(_is_plain, item))
    if isinstance(item, Tensor) and item.layout is torch.strided:
        return _are(int, (*item.shape, *item.stride(), item.storage_offset()))
    return type(item) in NUMBER_TYPES


def _are(kind: type, items: Iterable[Any]) -> bool:
    return all(type(item) is kind for item in items)


@cache
def _stub() -> SymbolicShapesStub:
    """The stub of this process."""
    return SymbolicShapesStub()


def sympy_stubbed() -> AbstractContextManager[None]:
    """Keep torch from importing sympy inside the `with` block."""
    return _stub().installed()
