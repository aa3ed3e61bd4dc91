"""Runs operations without data and without importing PyTorch's compiler.

The first fake or meta operation of a process makes torch import `torch._dynamo`: about 800 modules
and 70 MB, which takes longer than a trace. Torch only needs two things of it: a few settings, and
`disable`, which marks functions that are not to be compiled. During a trace a stub provides both.
The stub is used only if the compiler has not been imported yet. If anything else is asked of it,
it removes itself and imports the compiler.
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

from tracer.from_torch.private_torch import DYNAMO, DYNAMO_DISABLE_MARK

NAME_IN_TORCH = DYNAMO.rpartition(".")[2]


class DynamoStub(ModuleType):
    """Takes the place of `torch._dynamo`, with its settings and with nothing to compile."""

    def __init__(self) -> None:
        super().__init__(DYNAMO)
        spec = find_spec(DYNAMO)
        # With the path of the real package, its settings can be imported without the rest of it.
        self.__path__ = list(spec.submodule_search_locations or ()) if spec else []
        self._disabled: list[Callable[..., Any]] = []
        self._submodules: dict[str, ModuleType] = {}
        """What torch has imported from the package, which takes a while: cached for next time."""

    def disable(self, fn: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
        """Return the function unchanged, because nothing compiles it now."""
        self._disabled.append(fn)
        return fn

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.remove()
        return getattr(importlib.import_module(DYNAMO), name)

    def install(self) -> None:
        """Make imports of the compiler find the stub."""
        sys.modules.update(self._submodules)
        sys.modules[DYNAMO] = self
        vars(torch)[NAME_IN_TORCH] = self

    def remove(self) -> None:
        """Undoes `install`, so that the compiler can be imported."""
        if sys.modules.get(DYNAMO) is not self:
            return
        del sys.modules[DYNAMO]
        for name in [name for name in sys.modules if name.startswith(f"{DYNAMO}.")]:
            self._submodules[name] = sys.modules.pop(name)
        vars(torch).pop(NAME_IN_TORCH, None)
        while self._disabled:
            vars(self._disabled.pop()).pop(DYNAMO_DISABLE_MARK, None)


@cache
def _stub() -> DynamoStub:
    """The stub of this process."""
    return DynamoStub()


@contextmanager
def dynamo_stubbed() -> Iterator[None]:
    """Keeps torch from importing its compiler inside the `with` block."""
    if DYNAMO in sys.modules:
        yield
        return
    _stub().install()
    try:
        yield
    finally:
        _stub().remove()
