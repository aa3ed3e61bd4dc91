"""Tensors without data, without PyTorch's compiler.

The first fake or meta operation of a process makes torch import `torch._dynamo`, its compiler: some
800 modules and 70 MB, and longer than a trace takes, only to ask it for two things: a few settings,
and to leave certain functions uncompiled. While a trace runs, a stand-in answers both. It holds the
place only if the compiler has not been imported yet, and gives it up to the real one as soon as
anything else is asked of it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch

DYNAMO = "torch._dynamo"
MARK = "__dynamo_disable"
"""Where torch keeps, on a function that is not to be compiled, what to call instead."""


class DynamoStub(ModuleType):
    """In the place of `torch._dynamo`: with its settings, and with nothing to compile."""

    def __init__(self) -> None:
        super().__init__(DYNAMO)
        spec = find_spec(DYNAMO)
        # With the path of the real package, its settings can be imported without the rest of it.
        self.__path__ = list(spec.submodule_search_locations or ()) if spec else []
        self._left_alone: list[Callable[..., Any]] = []
        self._settings: dict[str, ModuleType] = {}
        """What torch imported from behind the stand-in, which takes a while: kept for next time."""

    def disable(self, fn: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
        """The function as it is, for nothing compiles it now."""
        self._left_alone.append(fn)
        return fn

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.leave()
        return getattr(importlib.import_module(DYNAMO), name)

    def take_place(self) -> None:
        """Stand where the compiler would be imported from."""
        sys.modules.update(self._settings)
        sys.modules[DYNAMO] = self
        torch._dynamo = self

    def leave(self) -> None:
        """Leave no trace, so that the compiler can be imported as ever."""
        if sys.modules.get(DYNAMO) is not self:
            return
        del sys.modules[DYNAMO]
        for name in [name for name in sys.modules if name.startswith(f"{DYNAMO}.")]:
            self._settings[name] = sys.modules.pop(name)
        torch.__dict__.pop("_dynamo", None)
        while self._left_alone:
            self._left_alone.pop().__dict__.pop(MARK, None)


@cache
def _stand_in() -> DynamoStub:
    """The one of this process."""
    return DynamoStub()


@contextmanager
def no_compiler() -> Iterator[None]:
    """Inside, operations without data do not make torch import its compiler."""
    if DYNAMO in sys.modules:
        yield
        return
    _stand_in().take_place()
    try:
        yield
    finally:
        _stand_in().leave()
