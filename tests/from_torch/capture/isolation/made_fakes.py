"""Tensors without data, watched from when they are made: a search of all objects takes longer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import ReferenceType, ref

import pytest
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

MADE: list[ReferenceType[Tensor]] = []
"""The tensors without data that were made since the watch began."""


@contextmanager
def watching() -> Iterator[None]:
    """Watches the tensors without data that are made inside."""
    make_subclass = Tensor._make_subclass

    def made(*args: Any, **keywords: Any) -> Tensor:
        tensor: Tensor = make_subclass(*args, **keywords)
        if type(tensor) is FakeTensor:
            MADE.append(ref(tensor))
        return tensor

    MADE.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tensor, "_make_subclass", made)
        yield


def fakes() -> list[Tensor]:
    """The tensors without data that were made since the watch began and are alive."""
    for generation in range(3):  # some may only be in circles, most of them in young ones
        if not alive():
            break
        gc.collect(generation)
    return alive()


def alive() -> list[Tensor]:
    """The same, with those that only wait for the garbage collector."""
    return [tensor for tensor in (reference() for reference in MADE) if tensor is not None]
